/*
 * NEON (Armv8.2 with dot products) in the vocabulary of the headers that are written for any
 * instruction set: see simd_avx2.h. Eight lanes are two registers; the names whose meaning on NaN or
 * order of summation could differ are written out so that results have the same bits as there.
 */
#ifndef KRAFLA_SIMD_NEON_H
#define KRAFLA_SIMD_NEON_H

#include "krafla.h"

#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#define KERNEL(name) krafla_##name##_neon

enum { LANES = 8 };
#define REGISTERS 16 /* of LANES: 32 of four */

typedef struct {
  float32x4_t low, high;
} f32x8;
typedef f32x8 vec;

/* Applies an operation on four lanes to both halves. */
#define V_UNARY(name, op) \
  static inline f32x8 name(f32x8 a) { return (f32x8){op(a.low), op(a.high)}; }
#define V_BINARY(name, op) \
  static inline f32x8 name(f32x8 a, f32x8 b) { return (f32x8){op(a.low, b.low), op(a.high, b.high)}; }

V_BINARY(v_add, vaddq_f32)
V_BINARY(v_sub, vsubq_f32)
V_BINARY(v_mul, vmulq_f32)
V_BINARY(v_div, vdivq_f32)
V_UNARY(v_abs, vabsq_f32)
V_UNARY(v_round, vrndnq_f32)

static inline f32x8 v_set(float x) { return (f32x8){vdupq_n_f32(x), vdupq_n_f32(x)}; }
static inline f32x8 v_zero(void) { return v_set(0); }
static inline f32x8 v_load(const float *p) { return (f32x8){vld1q_f32(p), vld1q_f32(p + 4)}; }

static inline void v_store(float *p, f32x8 v) {
  vst1q_f32(p, v.low);
  vst1q_f32(p + 4, v.high);
}

/* a·b + c, rounded once. */
static inline f32x8 v_fma(f32x8 a, f32x8 b, f32x8 c) {
  return (f32x8){vfmaq_f32(c.low, a.low, b.low), vfmaq_f32(c.high, a.high, b.high)};
}

/* The larger of each pair; x where either is NaN (vmaxq would return the NaN, whichever it is). */
static inline float32x4_t max4(float32x4_t a, float32x4_t x) { return vbslq_f32(vcgtq_f32(a, x), a, x); }
V_BINARY(v_max, max4)

/* The smaller of each pair; x where either is NaN. */
static inline float32x4_t min4(float32x4_t a, float32x4_t x) { return vbslq_f32(vcltq_f32(a, x), a, x); }
V_BINARY(v_min, min4)

/* Eight halves, bfloat16, int8 or uint8 as float32. */
static inline f32x8 v_load_f16(const void *p) {
  const float16x8_t v = vreinterpretq_f16_u16(vld1q_u16(p));
  return (f32x8){vcvt_f32_f16(vget_low_f16(v)), vcvt_high_f32_f16(v)};
}

static inline f32x8 v_load_bf16(const void *p) {
  const uint16x8_t v = vld1q_u16(p);
  return (f32x8){vreinterpretq_f32_u32(vshll_n_u16(vget_low_u16(v), 16)),
                 vreinterpretq_f32_u32(vshll_high_n_u16(v, 16))};
}

static inline f32x8 v_load_i8(const int8_t *p) {
  const int16x8_t v = vmovl_s8(vld1_s8(p));
  return (f32x8){vcvtq_f32_s32(vmovl_s16(vget_low_s16(v))), vcvtq_f32_s32(vmovl_high_s16(v))};
}

static inline f32x8 v_load_u8(const uint8_t *p) {
  const uint16x8_t v = vmovl_u8(vld1_u8(p));
  return (f32x8){vcvtq_f32_u32(vmovl_u16(vget_low_u16(v))), vcvtq_f32_u32(vmovl_high_u16(v))};
}

/* Half of eight powers of two of the MX formats: 2^(e - 128), 0 for e <= 1. */
static inline f32x8 v_load_half_e8m0(const uint8_t *p) {
  const uint16x8_t biased = vmovl_u8(vqsub_u8(vld1_u8(p), vdup_n_u8(1)));
  return (f32x8){vreinterpretq_f32_u32(vshlq_n_u32(vmovl_u16(vget_low_u16(biased)), 23)),
                 vreinterpretq_f32_u32(vshlq_n_u32(vmovl_high_u16(biased), 23))};
}

/* Rounds to the nearest half, bfloat16 or integer, ties to even. */
static inline void v_store_f16(uint16_t *p, f32x8 v) {
  vst1q_u16(p, vreinterpretq_u16_f16(vcvt_high_f16_f32(vcvt_f16_f32(v.low), v.high)));
}

static inline void v_store_i32(int32_t *p, f32x8 v) {
  vst1q_s32(p, vcvtnq_s32_f32(v.low));
  vst1q_s32(p + 4, vcvtnq_s32_f32(v.high));
}

static inline uint16x4_t to_bf16(float32x4_t v) {
  const uint32x4_t bits = vreinterpretq_u32_f32(v);
  const uint32x4_t odd = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
  const uint32x4_t up = vaddq_u32(vaddq_u32(bits, vdupq_n_u32(0x7fff)), odd);
  const uint32x4_t quiet = vorrq_u32(bits, vdupq_n_u32(0x400000)); /* a NaN stays one */
  return vshrn_n_u32(vbslq_u32(vceqq_f32(v, v), up, quiet), 16);
}

static inline void v_store_bf16(uint16_t *p, f32x8 v) {
  vst1_u16(p, to_bf16(v.low));
  vst1_u16(p + 4, to_bf16(v.high));
}

/* Sum and maximum over the lanes, always in the same order. */
static inline float v_sum(f32x8 v) {
  const float32x4_t s = vaddq_f32(v.low, v.high);
  const float32x2_t pair = vadd_f32(vget_low_f32(s), vget_high_f32(s));
  return vget_lane_f32(pair, 0) + vget_lane_f32(pair, 1);
}

static inline float v_max_lane(f32x8 v) {
  const float32x4_t s = max4(v.low, v.high);
  const float32x4_t pair = max4(s, vextq_f32(s, s, 2));
  return vgetq_lane_f32(max4(pair, vdupq_laneq_f32(pair, 1)), 0);
}

/* 2^n · x for integral n in [-126, 127] and a normal result. */
static inline float32x4_t scale_exponent4(float32x4_t x, float32x4_t n) {
  const int32x4_t shift = vshlq_n_s32(vcvtnq_s32_f32(n), 23);
  return vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(x), shift));
}
V_BINARY(v_scale_exponent, scale_exponent4)

/* x where a >= b or either is NaN, else 0. */
static inline float32x4_t keep_ge4(float32x4_t x, float32x4_t a, float32x4_t b) {
  return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(x), vcltq_f32(a, b)));
}

static inline f32x8 v_keep_ge(f32x8 x, f32x8 a, f32x8 b) {
  return (f32x8){keep_ge4(x.low, a.low, b.low), keep_ge4(x.high, a.high, b.high)};
}

/* Interleaved pairs (a, b) turned by angles whose cosine and sine come one per pair. */
static inline f32x8 v_rotate_pairs(f32x8 x, const float *cosine, const float *sine) {
  const float32x4_t c = vld1q_f32(cosine), s = vld1q_f32(sine), minus = vnegq_f32(s);
  const f32x8 across = {vmulq_f32(vrev64q_f32(x.low), vzip1q_f32(minus, s)),
                        vmulq_f32(vrev64q_f32(x.high), vzip2q_f32(minus, s))};
  return v_add(v_mul(x, (f32x8){vzip1q_f32(c, c), vzip2q_f32(c, c)}), across);
}

/* ---- bytes ---- */

typedef uint8x16_t bytes;

enum { BYTES = 16 };

static inline bytes b_load(const void *p) { return vld1q_u8(p); }
static inline void b_store(void *p, bytes v) { vst1q_u8(p, v); }
static inline bytes b_or(bytes a, bytes b) { return vorrq_u8(a, b); }

/* Each byte shifted left by n (right by -n), then masked. */
INLINE bytes b_shift(bytes v, int n, uint8_t keep) {
  return vandq_u8(n >= 0 ? v << (uint8_t) n : v >> (uint8_t) -n, vdupq_n_u8(keep));
}

/* table[v] of each byte, all below 16. */
static inline bytes b_lookup(const uint8_t table[16], bytes v) { return vqtbl1q_u8(vld1q_u8(table), v); }

#endif

/*
 * AVX2 with FMA and F16C in the vocabulary of the headers that are written for any instruction set
 * (attention.h, elementwise.h, matmul.h, decode.h): v_* are eight float32 lanes, b_* one register of
 * bytes. Each instruction set defines the same names, with the same bits as results.
 */
#ifndef KRAFLA_SIMD_AVX2_H
#define KRAFLA_SIMD_AVX2_H

#include "krafla.h"

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define KERNEL(name) krafla_##name##_avx2

enum { LANES = 8 };
#define REGISTERS 16 /* for the preprocessor, too */

typedef __m256 f32x8;
typedef f32x8 vec; /* LANES float32, in what is written for any number of them */

static inline f32x8 v_zero(void) { return _mm256_setzero_ps(); }
static inline f32x8 v_set(float x) { return _mm256_set1_ps(x); }
static inline f32x8 v_load(const float *p) { return _mm256_loadu_ps(p); }
static inline void v_store(float *p, f32x8 v) { _mm256_storeu_ps(p, v); }
static inline f32x8 v_add(f32x8 a, f32x8 b) { return _mm256_add_ps(a, b); }
static inline f32x8 v_sub(f32x8 a, f32x8 b) { return _mm256_sub_ps(a, b); }
static inline f32x8 v_mul(f32x8 a, f32x8 b) { return _mm256_mul_ps(a, b); }
static inline f32x8 v_div(f32x8 a, f32x8 b) { return _mm256_div_ps(a, b); }

/* a·b + c, rounded once. */
static inline f32x8 v_fma(f32x8 a, f32x8 b, f32x8 c) { return _mm256_fmadd_ps(a, b, c); }

/* The larger of each pair; x where either is NaN. */
static inline f32x8 v_max(f32x8 a, f32x8 x) { return _mm256_max_ps(a, x); }

/* The smaller of each pair; x where either is NaN. */
static inline f32x8 v_min(f32x8 a, f32x8 x) { return _mm256_min_ps(a, x); }

static inline f32x8 v_abs(f32x8 x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x); }

/* Eight halves, bfloat16, int8 or uint8 as float32. */
static inline f32x8 v_load_f16(const void *p) {
  return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *) p));
}

static inline f32x8 v_load_bf16(const void *p) {
  const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *) p));
  return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
}

static inline f32x8 v_load_i8(const int8_t *p) {
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *) p)));
}

static inline f32x8 v_load_u8(const uint8_t *p) {
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *) p)));
}

/* Half of eight powers of two of the MX formats: 2^(e - 128), 0 for e <= 1. */
static inline f32x8 v_load_half_e8m0(const uint8_t *p) {
  const __m256i e = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *) p));
  const __m256i biased = _mm256_max_epi32(_mm256_sub_epi32(e, _mm256_set1_epi32(1)), _mm256_setzero_si256());
  return _mm256_castsi256_ps(_mm256_slli_epi32(biased, 23));
}

/* Rounds to the nearest half, bfloat16 or integer, ties to even. */
static inline void v_store_f16(uint16_t *p, f32x8 v) {
  _mm_storeu_si128((__m128i *) p, _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}

static inline void v_store_i32(int32_t *p, f32x8 v) {
  _mm256_storeu_si256((__m256i *) p, _mm256_cvtps_epi32(v));
}

static inline void v_store_bf16(uint16_t *p, f32x8 v) {
  const __m256i bits = _mm256_castps_si256(v);
  const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const __m256i up = _mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7fff)), odd);
  const __m256i quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000)); /* a NaN stays one */
  const __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
  const __m256i top = _mm256_srli_epi32(_mm256_blendv_epi8(up, quiet, nan), 16);
  const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(top, top), 0x08);
  _mm_storeu_si128((__m128i *) p, _mm256_castsi256_si128(packed));
}

/* Sum and maximum over the lanes, always in the same order. */
static inline float v_sum(f32x8 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

static inline float v_max_lane(f32x8 v) {
  __m128 s = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_max_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}

/* 2^n · x for integral n in [-126, 127] and a normal result. */
static inline f32x8 v_scale_exponent(f32x8 x, f32x8 n) {
  const __m256i shift = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x), shift));
}

static inline f32x8 v_round(f32x8 x) {
  return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* x where a >= b or either is NaN, else 0. */
static inline f32x8 v_keep_ge(f32x8 x, f32x8 a, f32x8 b) {
  return _mm256_and_ps(x, _mm256_cmp_ps(a, b, _CMP_NLT_UQ));
}

/* Interleaved pairs (a, b) turned by angles whose cosine and sine come one per pair. */
static inline f32x8 v_rotate_pairs(f32x8 x, const float *cosine, const float *sine) {
  const __m256i twice = _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3);
  const f32x8 c = _mm256_permutevar8x32_ps(_mm256_castps128_ps256(_mm_loadu_ps(cosine)), twice);
  const f32x8 s = _mm256_permutevar8x32_ps(_mm256_castps128_ps256(_mm_loadu_ps(sine)), twice);
  const f32x8 swapped = _mm256_permute_ps(x, 0xb1);
  return _mm256_addsub_ps(_mm256_mul_ps(x, c), _mm256_mul_ps(swapped, s));
}

/* ---- bytes ---- */

typedef __m256i bytes;

enum { BYTES = 32 };

static inline bytes b_load(const void *p) { return _mm256_loadu_si256((const __m256i *) p); }
static inline void b_store(void *p, bytes v) { _mm256_storeu_si256((__m256i *) p, v); }
static inline bytes b_or(bytes a, bytes b) { return _mm256_or_si256(a, b); }

/* Each byte shifted left by n (right by -n), then masked: with the bits that enter from a neighbour. */
INLINE bytes b_shift(bytes v, int n, uint8_t keep) {
  const bytes shifted = n >= 0 ? _mm256_slli_epi16(v, n) : _mm256_srli_epi16(v, -n);
  return _mm256_and_si256(shifted, _mm256_set1_epi8((char) keep));
}

/* table[v] of each byte, all below 16. */
static inline bytes b_lookup(const uint8_t table[16], bytes v) {
  const __m128i t = _mm_loadu_si128((const __m128i *) table);
  return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(t), v);
}

#endif

/*
 * AVX-512 in the vocabulary of attention.h, elementwise.h and simd_math.h: v_* are sixteen float32
 * lanes. Results have the bits of simd_avx2.h, but for sums over lanes and their order.
 */
#ifndef KRAFLA_SIMD_AVX512_H
#define KRAFLA_SIMD_AVX512_H

#include "krafla.h"

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define KERNEL(name) krafla_##name##_avx512

enum { LANES = 16 };
#define REGISTERS 32

typedef __m512 vec;

static inline vec v_zero(void) { return _mm512_setzero_ps(); }
static inline vec v_set(float x) { return _mm512_set1_ps(x); }
static inline vec v_load(const float *p) { return _mm512_loadu_ps(p); }
static inline void v_store(float *p, vec v) { _mm512_storeu_ps(p, v); }
static inline vec v_add(vec a, vec b) { return _mm512_add_ps(a, b); }
static inline vec v_sub(vec a, vec b) { return _mm512_sub_ps(a, b); }
static inline vec v_mul(vec a, vec b) { return _mm512_mul_ps(a, b); }
static inline vec v_div(vec a, vec b) { return _mm512_div_ps(a, b); }

/* a·b + c, rounded once. */
static inline vec v_fma(vec a, vec b, vec c) { return _mm512_fmadd_ps(a, b, c); }

/* The larger of each pair; x where either is NaN. */
static inline vec v_max(vec a, vec x) { return _mm512_max_ps(a, x); }

/* The smaller of each pair; x where either is NaN. */
static inline vec v_min(vec a, vec x) { return _mm512_min_ps(a, x); }

static inline vec v_abs(vec x) { return _mm512_abs_ps(x); }

/* Sixteen halves, bfloat16 or int8 as float32. */
static inline vec v_load_f16(const void *p) {
  return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *) p));
}

static inline vec v_load_bf16(const void *p) {
  const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *) p));
  return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
}

static inline vec v_load_i8(const int8_t *p) {
  return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *) p)));
}

/* Rounds to the nearest half, bfloat16 or integer, ties to even. */
static inline void v_store_f16(uint16_t *p, vec v) {
  _mm256_storeu_si256((__m256i *) p, _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}

static inline void v_store_i32(int32_t *p, vec v) {
  _mm512_storeu_si512(p, _mm512_cvtps_epi32(v));
}

static inline void v_store_bf16(uint16_t *p, vec v) {
  const __m512i bits = _mm512_castps_si512(v);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i up = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
  const __m512i quiet = _mm512_or_si512(bits, _mm512_set1_epi32(0x400000)); /* a NaN stays one */
  const __mmask16 nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
  const __m512i top = _mm512_srli_epi32(_mm512_mask_blend_epi32(nan, up, quiet), 16);
  _mm256_storeu_si256((__m256i *) p, _mm512_cvtepi32_epi16(top));
}

/* Sum and maximum over the lanes, always in the same order. */
static inline float v_sum(vec v) {
  const __m256 h = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

static inline float v_max_lane(vec v) {
  const __m256 h = _mm256_max_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
  __m128 s = _mm_max_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  s = _mm_max_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}

/* 2^n · x for integral n in [-126, 127] and a normal result. */
static inline vec v_scale_exponent(vec x, vec n) {
  return _mm512_scalef_ps(x, n);
}

static inline vec v_round(vec x) {
  return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* x where a >= b or either is NaN, else 0. */
static inline vec v_keep_ge(vec x, vec a, vec b) {
  return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a, b, _CMP_NLT_UQ), x);
}

/* Interleaved pairs (a, b) turned by angles whose cosine and sine come one per pair. */
static inline vec v_rotate_pairs(vec x, const float *cosine, const float *sine) {
  const __m512i twice =
      _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
  const vec c = _mm512_permutexvar_ps(twice, _mm512_castps256_ps512(_mm256_loadu_ps(cosine)));
  const vec s = _mm512_permutexvar_ps(twice, _mm512_castps256_ps512(_mm256_loadu_ps(sine)));
  const vec swapped = _mm512_permute_ps(x, 0xb1), turned = _mm512_mul_ps(swapped, s);
  const vec straight = _mm512_mul_ps(x, c);
  return _mm512_mask_sub_ps(_mm512_add_ps(straight, turned), 0x5555, straight, turned);
}

#endif

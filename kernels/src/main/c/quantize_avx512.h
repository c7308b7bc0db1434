/* Quantises a tile of tokens to the int8 sections of activations.h, for matmul_avx512.c and _amx.c. */
#ifndef KRAFLA_QUANTIZE_AVX512_H
#define KRAFLA_QUANTIZE_AVX512_H

#include "activations.h"
#include "simd_avx512.h"

static inline int32_t sum_of(__m512i v) {
  return _mm512_reduce_add_epi32(v);
}

/* Quantises one block of one token; i is its number within the sections. */
static inline void quantize_block(const struct activations *a, const float *x, int64_t i) {
  const __m512 x0 = _mm512_loadu_ps(x), x1 = _mm512_loadu_ps(x + 16);
  const float max = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(x0), _mm512_abs_ps(x1)));
  /* a block so faint that 1/scale would overflow counts as zero */
  const __m512 inverse = _mm512_set1_ps(max > 1e-30f ? 127 / max : 0.0f);
  const __m512i q0 = _mm512_cvtps_epi32(_mm512_mul_ps(x0, inverse));
  const __m512i q1 = _mm512_cvtps_epi32(_mm512_mul_ps(x1, inverse));
  _mm_storeu_si128((__m128i *) (a->q8 + i * 32), _mm512_cvtsepi32_epi8(q0));
  _mm_storeu_si128((__m128i *) (a->q8 + i * 32 + 16), _mm512_cvtsepi32_epi8(q1));
  const int32_t first = sum_of(q0), last = sum_of(q1);
  a->scale8[i] = max / 127;
  a->sum[i] = max / 127 * (float) (first + last);
  a->minus[3 * i] = -(first + last);
  a->minus[3 * i + 1] = -first;
  a->minus[3 * i + 2] = -last;
}

/* Quantises `tokens` tokens, the first of a tile that has room for `width` and begins with token t. */
static inline void quantize_tile(const struct activations *a, const float *x, int64_t cols, int64_t t,
                                 int64_t tokens, int64_t width) {
  const int64_t blocks = cols / 32;
  for (int64_t i = 0; i < tokens; i++) {
    for (int64_t b = 0; b < blocks; b++) {
      quantize_block(a, x + (t + i) * cols + b * 32, t * blocks + b * width + i);
    }
  }
}

#endif

/* Rounds activations to bytes, for the products of matmul_avx512.c and matmul_amx.c. */
#ifndef KRAFLA_QUANTIZE_AVX512_H
#define KRAFLA_QUANTIZE_AVX512_H

#include "activations.h"
#include "simd_avx512.h"

enum { WORDS = 0 };

INLINE void round_block(uint8_t *high, int64_t low, const float *x, struct rounding r, int32_t sums[2]) {
  UNROLL for (int half = 0; half < 2; half++) {
    const __m512 scaled = _mm512_mul_ps(_mm512_loadu_ps(x + 16 * half), _mm512_set1_ps(r.inverse));
    const __m512i q = _mm512_sll_epi32(_mm512_cvtps_epi32(scaled), _mm_cvtsi32_si128(r.shift));
    const __m512i top = _mm512_srai_epi32(_mm512_add_epi32(q, _mm512_set1_epi32(128)), 8);
    _mm_storeu_si128((__m128i *) (high + 16 * half), _mm512_cvtepi32_epi8(top));
    _mm_storeu_si128((__m128i *) (high + low + 16 * half), _mm512_cvtepi32_epi8(q)); /* its last byte */
    sums[half] = _mm512_reduce_add_epi32(q);
  }
}

#include "quantize.h"

#endif

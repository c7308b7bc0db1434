#include "activations.h"
#include "simd_avx2.h"

/* Rounds x · inverse to int16: columns 0-15 to low, 16-31 to high, in order. */
static inline void round_to(__m256i *low, __m256i *high, const f32x8 x[4], f32x8 inverse) {
  __m256i i[4];
  for (int v = 0; v < 4; v++) {
    i[v] = _mm256_cvtps_epi32(_mm256_mul_ps(x[v], inverse));
  }
  /* packs works within 128-bit lanes; permute4x64 puts the quarters back in order */
  *low = _mm256_permute4x64_epi64(_mm256_packs_epi32(i[0], i[1]), 0xD8);
  *high = _mm256_permute4x64_epi64(_mm256_packs_epi32(i[2], i[3]), 0xD8);
}

static inline int sum_epi16(__m256i v) {
  const __m256i pairs = _mm256_madd_epi16(v, _mm256_set1_epi16(1));
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xB1));
  return _mm_cvtsi128_si32(s);
}

static inline void round_i8(int8_t *to, const f32x8 x[4], f32x8 inverse, int sums[2]) {
  __m256i low, high;
  round_to(&low, &high, x, inverse);
  b_store(to, _mm256_permute4x64_epi64(_mm256_packs_epi16(low, high), 0xD8));
  sums[0] = sum_epi16(low);
  sums[1] = sum_epi16(high);
}

static inline void round_i16(int16_t *to, const f32x8 x[4], f32x8 inverse) {
  __m256i low, high;
  round_to(&low, &high, x, inverse);
  b_store(to, low);
  b_store(to + 16, high);
}

#include "quantize.h"

/* Quantises activations for matmul_avx2.c. */
#include "activations.h"
#include "simd_avx2.h"

enum { WORDS = 1 };

static inline int32_t sum_words(__m256i v) {
  const __m256i pairs = _mm256_madd_epi16(v, _mm256_set1_epi16(1));
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xB1));
  return _mm_cvtsi128_si32(s);
}

INLINE void round_block(uint8_t *words, int64_t next, const float *x, struct rounding r,
                        int32_t sums[2]) {
  (void) next;
  UNROLL for (int half = 0; half < 2; half++) {
    const f32x8 low = v_mul(v_load(x + 16 * half), v_set(r.inverse));
    const f32x8 high = v_mul(v_load(x + 16 * half + 8), v_set(r.inverse));
    /* packs works within 128-bit lanes; permute4x64 puts the quarters back in order */
    const __m256i rounded = _mm256_permute4x64_epi64(
        _mm256_packs_epi32(_mm256_cvtps_epi32(low), _mm256_cvtps_epi32(high)), 0xD8);
    const __m256i q = _mm256_sll_epi16(rounded, _mm_cvtsi32_si128(r.shift));
    /* columns 0 2 1 3 of every four */
    const __m256i even_first = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15));
    b_store(words + 32 * half, _mm256_shuffle_epi8(q, even_first));
    sums[half] = sum_words(q);
  }
}

#include "quantize.h"

KRAFLA_EXPORT void KERNEL(quantize)(uint8_t *act, const float *x, int64_t rows, int64_t cols,
                                    int64_t from, int64_t to, int32_t precision) {
  quantize_tiles(act, x, rows, cols, from, to, precision);
}

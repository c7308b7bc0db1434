/* Quantises activations; layout in activations.h. */
#include "activations.h"
#include "krafla.h"

#include <immintrin.h>
#include <string.h>

int64_t krafla_activation_bytes(int64_t rows, int64_t cols) {
  return activations_in(0, rows, cols).bytes;
}

static inline float max_abs(const __m256 x[4]) {
  const __m256 sign = _mm256_set1_ps(-0.0f);
  const __m256 a = _mm256_max_ps(_mm256_andnot_ps(sign, x[0]), _mm256_andnot_ps(sign, x[1]));
  const __m256 b = _mm256_max_ps(_mm256_andnot_ps(sign, x[2]), _mm256_andnot_ps(sign, x[3]));
  const __m256 m8 = _mm256_max_ps(a, b);
  __m128 m = _mm_max_ps(_mm256_castps256_ps128(m8), _mm256_extractf128_ps(m8, 1));
  m = _mm_max_ps(m, _mm_movehl_ps(m, m));
  m = _mm_max_ss(m, _mm_movehdup_ps(m));
  return _mm_cvtss_f32(m);
}

/* Rounds x · inverse to int16: columns 0-15 to low, 16-31 to high, in order. */
static inline void round16(const __m256 x[4], float inverse, __m256i *low, __m256i *high) {
  const __m256 f = _mm256_set1_ps(inverse);
  __m256i i[4];
  for (int v = 0; v < 4; v++) {
    i[v] = _mm256_cvtps_epi32(_mm256_mul_ps(x[v], f));
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

/* A block so faint that 1/scale would overflow counts as zero. */
static inline float inverse_of(float max, float steps) {
  return max > 1e-30f ? steps / max : 0.0f;
}

/* Quantises one block of one token; i is its number within the sections. */
static inline void quantize_block(const struct activations *a, const float *x, int64_t i,
                                  int precisions) {
  const __m256 v[4] = {_mm256_loadu_ps(x), _mm256_loadu_ps(x + 8), _mm256_loadu_ps(x + 16),
                       _mm256_loadu_ps(x + 24)};
  const float max = max_abs(v);
  __m256i low, high;
  if (precisions & PRECISION_INT8) {
    round16(v, inverse_of(max, 127), &low, &high);
    const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(low, high), 0xD8);
    const int first = sum_epi16(low), last = sum_epi16(high);
    _mm256_storeu_si256((__m256i *) (a->q8 + i * 32), bytes);
    a->scale8[i] = max / 127;
    a->sum[i] = max / 127 * (float) (first + last);
    a->sums16[2 * i] = (int16_t) first;
    a->sums16[2 * i + 1] = (int16_t) last;
  }
  if (precisions & PRECISION_INT16) {
    round16(v, inverse_of(max, 32767), &low, &high);
    _mm256_storeu_si256((__m256i *) (a->q16 + i * 32), low);
    _mm256_storeu_si256((__m256i *) (a->q16 + i * 32 + 16), high);
    a->scale16[i] = max / 32767;
  }
}

void krafla_quantize_avx2(uint8_t *act, const float *x, int64_t rows, int64_t cols, int64_t from,
                          int64_t to, int32_t precisions) {
  const struct activations a = activations_in(act, rows, cols);
  const int64_t blocks = cols / 32;
  for (int64_t tile = from; tile < to; tile += TILE) {
    const int64_t tokens = rows - tile < TILE ? rows - tile : TILE;
    for (int64_t t = 0; t < tokens; t++) {
      for (int64_t b = 0; b < blocks; b++) {
        quantize_block(&a, x + (tile + t) * cols + b * 32, tile * blocks + b * tokens + t, precisions);
      }
    }
  }
}

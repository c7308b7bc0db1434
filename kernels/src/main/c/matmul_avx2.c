/*
 * Products on AVX2 (with FMA and F16C) of decoded blocks with activations; the plan is in matmul.h.
 *
 * vpmaddwd multiplies words and adds them in pairs to int32, exactly. Of the four codes in a lane the
 * even ones are words as soon as the others are masked off, the odd ones when shifted down: so
 * activations lie in that order, too.
 */
#include "activations.h"
#include "simd_avx2.h"

enum { CHUNK = 16 }; /* blocks in a panel: 12 KB, leaves room in L1 for activations */

/* int8, made unsigned by adding 128. */
INLINE bytes code_bytes(bytes v) {
  return _mm256_xor_si256(v, _mm256_set1_epi8((char) 0x80));
}

#include "decode.h"

/* ---- products of one decoded block with one tile of T tokens ---- */

INLINE __m256i broadcast4(const void *p) {
  int32_t v;
  memcpy(&v, p, 4);
  return _mm256_set1_epi32(v);
}

/* The even or odd codes of eight rows as words. */
INLINE __m256i words(const uint8_t *codes, int odd) {
  const __m256i v = _mm256_load_si256((const __m256i *) codes);
  return odd ? _mm256_srli_epi16(v, 8) : _mm256_and_si256(v, _mm256_set1_epi16(255));
}

/*
 * Holds v in a register here. gcc would otherwise regroup the integer sums of a whole block, which
 * are associative, run out of registers and spill: 20-40 % slower.
 */
#define KEEP(v) __asm__("" : "+x"(v))

/* sums[t] += Σ weight · q over columns 4·from … 4·to of block b, whose rows have scale d and minimum m. */
INLINE void dot_columns(int type, int T, float *sums, const struct block *w, const float *d, const float *m,
                        const struct tile *x, int64_t b, int from, int to) {
  const uint8_t *q = x->q + b * T * BLOCK_WORDS;
  const int part = to - from == 8 ? 0 : from == 0 ? 1 : 2; /* of the sums of columns */
  __m256i dots[TILE][2];
  UNROLL for (int t = 0; t < T; t++) {
    const __m256i minus = _mm256_set1_epi32(x->minus[(b * T + t) * 3 + part]);
    dots[t][0] = dots[t][1] =
        zero_bits(type) == 0 ? _mm256_setzero_si256() : _mm256_slli_epi32(minus, zero_bits(type));
  }
  UNROLL for (int k4 = from; k4 < to; k4++) {
    UNROLL for (int odd = 0; odd < 2; odd++) {
      const __m256i w0 = words(w->w[k4], odd), w1 = words(w->w[k4] + 32, odd);
      UNROLL for (int t = 0; t < T; t++) {
        const __m256i a = broadcast4(q + t * BLOCK_WORDS + k4 * 8 + odd * 4);
        UNROLL for (int h = 0; h < 2; h++) {
          dots[t][h] = _mm256_add_epi32(dots[t][h], _mm256_madd_epi16(h == 0 ? w0 : w1, a));
          KEEP(dots[t][h]);
        }
      }
    }
  }
  UNROLL for (int t = 0; t < T; t++) {
    const f32x8 scale = v_set(x->scale[b * T + t]);
    const f32x8 sum = v_set(sum_of(x, b * T + t, part));
    UNROLL for (int h = 0; h < 2; h++) {
      float *at = sums + t * GROUP_ROWS + 8 * h;
      f32x8 v = v_fma(_mm256_cvtepi32_ps(dots[t][h]), v_mul(v_load(d + 8 * h), scale), v_load(at));
      if (has_minimum(type)) {
        v = v_fma(v_load(m + 8 * h), sum, v);
      }
      v_store(at, v);
    }
  }
}

#include "matmul.h"

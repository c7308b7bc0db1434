/*
 * Products on AVX2 (with FMA and F16C) of decoded blocks with activations; the plan is in matmul.h.
 *
 * A panel register is multiplied by a broadcast activation. What a panel holds depends on how wide the
 * codes are, because vpmaddubsw (32 products of uint8 × int8, added in pairs to int16) must not
 * saturate:
 *
 *   codes ≤ 15      8 of its results are summed in 16 bits before they are widened (8·2·15·127 ≤ 32767)
 *   codes ≤ 31      4
 *   codes ≤ 63      2, and widening multiplies by an integer scale per 16 columns
 *   int8            vpmaddwd in 16 bits instead, with activations of 16 bits
 */
#include "activations.h"
#include "packed.h"
#include "simd_avx2.h"

enum { CHUNK = 16 }; /* blocks in a panel: 13 KB, leaves room in L1 for activations */

/* One decoded block: 16 rows × 32 columns. Halves are rows 0-7 and 8-15. */
struct block {
  uint8_t w[8][64];  /* [k4][row][i]: code of column 4·k4 + i */
  float d[16];       /* scale of each row */
  float m[16];       /* minimum of each row, times the sum of activations */
  int16_t s[2][32];  /* scales of the first and last 16 columns, each twice: [row][2] */
  int16_t z[32];     /* [row][2]: what the sums of the first and last 16 columns are multiplied by */
} __attribute__((aligned(64)));

/* One decoded block of int8 codes: [k2][row][2] in 16 bits. */
struct block16 {
  int16_t w[16][32];
  float d[16];
} __attribute__((aligned(64)));

/* Blocks that the tokens pass over. */
union panel {
  struct block blocks[CHUNK];
  struct block16 words[CHUNK];
};

INLINE __m256i load(const void *p) {
  return _mm256_loadu_si256((const __m256i *) p);
}

INLINE void store(void *p, __m256i v) {
  _mm256_store_si256((__m256i *) p, v);
}

/* ---- decoding ---- */

/* The integer scales s0, s1 of 16 rows to s = [row](s0, s0), [row](s1, s1), and z = [row](z0, z1). */
INLINE void spread_sixteenths(struct block *b, __m256i s0, __m256i s1, __m256i z0, __m256i z1) {
  /* unpack works within 128-bit lanes: low halves are rows 0-3 and 8-11; permute2x128 sorts them */
  __m256i low = _mm256_unpacklo_epi16(s0, s0), high = _mm256_unpackhi_epi16(s0, s0);
  store(b->s[0], _mm256_permute2x128_si256(low, high, 0x20));
  store(b->s[0] + 16, _mm256_permute2x128_si256(low, high, 0x31));
  low = _mm256_unpacklo_epi16(s1, s1), high = _mm256_unpackhi_epi16(s1, s1);
  store(b->s[1], _mm256_permute2x128_si256(low, high, 0x20));
  store(b->s[1] + 16, _mm256_permute2x128_si256(low, high, 0x31));
  low = _mm256_unpacklo_epi16(z0, z1), high = _mm256_unpackhi_epi16(z0, z1);
  store(b->z, _mm256_permute2x128_si256(low, high, 0x20));
  store(b->z + 16, _mm256_permute2x128_si256(low, high, 0x31));
}

INLINE void decode_scales_q6_k(struct block *b, const uint8_t *head, const uint8_t *at) {
  const __m256i s0 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *) at));
  const __m256i s1 = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *) (at + ROW_BYTES)));
  spread_sixteenths(b, s0, s1, _mm256_slli_epi16(s0, 5), _mm256_slli_epi16(s1, 5)); /* zero is 32 */
  v_store(b->d, v_load_f16(head));
  v_store(b->d + 8, v_load_f16(head + 16));
}

INLINE void decode_scales_q2_k(struct block *b, const uint8_t *head, const uint8_t *at) {
  const __m256i first = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *) at));
  const __m256i last = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *) (at + ROW_BYTES)));
  const __m256i low = _mm256_set1_epi16(15);
  spread_sixteenths(b, _mm256_and_si256(first, low), _mm256_and_si256(last, low),
                    _mm256_srli_epi16(first, 4), _mm256_srli_epi16(last, 4));
  UNROLL for (int h = 0; h < 2; h++) {
    v_store(b->d + 8 * h, v_load_f16(head + 16 * h));
    v_store(b->m + 8 * h, v_load_f16(head + ROW_F16 + 16 * h));
  }
}

#include "decode.h"

/* 16 int8 as words. */
INLINE __m256 words_of(const uint8_t *codes) {
  return _mm256_castsi256_ps(_mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *) codes)));
}

/* The file has four columns of a row side by side; as words, two of them fill a row's lane. */
INLINE void decode_q8_0(struct block16 *b, const uint8_t *at) {
  UNROLL for (int k4 = 0; k4 < 8; k4++) {
    UNROLL for (int h = 0; h < 2; h++) {
      const uint8_t *codes = at + ROW_F16 + k4 * 64 + h * 32;
      const __m256 a = words_of(codes), c = words_of(codes + 16); /* rows 0-3 and 4-7 */
      const __m256i first = _mm256_castps_si256(_mm256_shuffle_ps(a, c, 0x88));
      const __m256i last = _mm256_castps_si256(_mm256_shuffle_ps(a, c, 0xDD));
      /* shuffle works within 128-bit lanes: permute4x64 puts rows 2-3 and 4-5 back in order */
      store(b->w[2 * k4] + h * 16, _mm256_permute4x64_epi64(first, 0xD8));
      store(b->w[2 * k4 + 1] + h * 16, _mm256_permute4x64_epi64(last, 0xD8));
    }
  }
  v_store(b->d, v_load_f16(at));
  v_store(b->d + 8, v_load_f16(at + 16));
}

INLINE void decode_block(int type, union panel *panel, int i, const uint8_t *span,
                         const uint8_t *at) {
  if (type == Q8_0) {
    decode_q8_0(&panel->words[i], at);
  } else {
    decode(type, &panel->blocks[i], span, at);
  }
}

/* ---- products of one decoded block with one tile of T tokens ---- */

INLINE __m256i broadcast4(const void *p) {
  int32_t v;
  memcpy(&v, p, 4);
  return _mm256_set1_epi32(v);
}

/*
 * Holds v in a register here. gcc would otherwise regroup the integer sums of a whole block, which
 * are associative, run out of registers and spill: 20-40 % slower.
 */
#define KEEP(v) __asm__("" : "+x"(v))

/* sums += d · scale · dots + m · sum, where dots are Σ code · q8 over the block. */
INLINE void add_block(int T, float *sums, __m256i dots[][2], const struct block *w,
                      const float *scale, const float *sum) {
  UNROLL for (int t = 0; t < T; t++) {
    const __m256 a = _mm256_set1_ps(scale[t]), s = _mm256_set1_ps(sum[t]);
    UNROLL for (int h = 0; h < 2; h++) {
      float *to = sums + t * GROUP_ROWS + 8 * h;
      const __m256 d = _mm256_mul_ps(_mm256_load_ps(w->d + 8 * h), a);
      const __m256 v = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dots[t][h]), d, _mm256_load_ps(to));
      _mm256_store_ps(to, _mm256_fmadd_ps(_mm256_load_ps(w->m + 8 * h), s, v));
    }
  }
}

/* Codes of 4 or 5 bits: `limit` results of vpmaddubsw fit in 16 bits. */
INLINE void dot_narrow(int limit, int T, float *sums, const struct block *w, const struct tile *x,
                       int64_t b) {
  const __m256i ones = _mm256_set1_epi16(1);
  const int8_t *q = x->q8 + b * T * 32;
  __m256i narrow[TILE][2], dots[TILE][2];
  UNROLL for (int k4 = 0; k4 < 8; k4++) {
    const __m256i w0 = load(w->w[k4]), w1 = load(w->w[k4] + 32);
    UNROLL for (int t = 0; t < T; t++) {
      const __m256i a = broadcast4(q + t * 32 + k4 * 4);
      UNROLL for (int h = 0; h < 2; h++) {
        const __m256i p = _mm256_maddubs_epi16(h == 0 ? w0 : w1, a);
        narrow[t][h] = k4 % limit == 0 ? p : _mm256_add_epi16(narrow[t][h], p);
        KEEP(narrow[t][h]);
        if (k4 % limit == limit - 1) {
          const __m256i wide = _mm256_madd_epi16(narrow[t][h], ones);
          dots[t][h] = k4 < limit ? wide : _mm256_add_epi32(dots[t][h], wide);
        }
      }
    }
  }
  add_block(T, sums, dots, w, x->scale8 + b * T, x->sum + b * T);
}

/* Codes of up to 6 bits with an integer scale per 16 columns. */
INLINE void dot_sixteenths(int minimum, int T, float *sums, const struct block *w,
                           const struct tile *x, int64_t b) {
  const int8_t *q = x->q8 + b * T * 32;
  __m256i dots[TILE][2];
  UNROLL for (int k4 = 0; k4 < 8; k4 += 2) {
    UNROLL for (int t = 0; t < T; t++) {
      const __m256i a0 = broadcast4(q + t * 32 + k4 * 4), a1 = broadcast4(q + t * 32 + k4 * 4 + 4);
      UNROLL for (int h = 0; h < 2; h++) {
        const __m256i narrow = _mm256_add_epi16(_mm256_maddubs_epi16(load(w->w[k4] + 32 * h), a0),
                                                _mm256_maddubs_epi16(load(w->w[k4 + 1] + 32 * h), a1));
        const __m256i scaled = _mm256_madd_epi16(narrow, load(w->s[k4 / 4] + 16 * h));
        dots[t][h] = k4 == 0 ? scaled : _mm256_add_epi32(dots[t][h], scaled);
        KEEP(dots[t][h]);
      }
    }
  }
  UNROLL for (int t = 0; t < T; t++) {
    const __m256i a = broadcast4(x->sums16 + (b * T + t) * 2);
    const __m256 scale = _mm256_set1_ps(x->scale8[b * T + t]);
    UNROLL for (int h = 0; h < 2; h++) {
      float *to = sums + t * GROUP_ROWS + 8 * h;
      const __m256i offset = _mm256_madd_epi16(load(w->z + 16 * h), a);
      const __m256 d = _mm256_mul_ps(_mm256_load_ps(w->d + 8 * h), scale);
      __m256 v = _mm256_load_ps(to);
      if (minimum) {
        const __m256 m = _mm256_mul_ps(_mm256_load_ps(w->m + 8 * h), scale);
        v = _mm256_fmadd_ps(_mm256_cvtepi32_ps(dots[t][h]), d, v);
        v = _mm256_fmadd_ps(_mm256_cvtepi32_ps(offset), m, v);
      } else {
        v = _mm256_fmadd_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(dots[t][h], offset)), d, v);
      }
      _mm256_store_ps(to, v);
    }
  }
}

/* int8 codes against 16-bit activations: 32 products of at most 128 · 32767 fit in 32 bits. */
INLINE void dot_words(int T, float *sums, const struct block16 *w, const struct tile *x, int64_t b) {
  const int16_t *q = x->q16 + b * T * 32;
  __m256i dots[TILE][2];
  UNROLL for (int k2 = 0; k2 < 16; k2++) {
    const __m256i w0 = load(w->w[k2]), w1 = load(w->w[k2] + 16);
    UNROLL for (int t = 0; t < T; t++) {
      const __m256i a = broadcast4(q + t * 32 + k2 * 2);
      UNROLL for (int h = 0; h < 2; h++) {
        const __m256i p = _mm256_madd_epi16(h == 0 ? w0 : w1, a);
        dots[t][h] = k2 == 0 ? p : _mm256_add_epi32(dots[t][h], p);
        KEEP(dots[t][h]);
      }
    }
  }
  UNROLL for (int t = 0; t < T; t++) {
    const __m256 scale = _mm256_set1_ps(x->scale16[b * T + t]);
    UNROLL for (int h = 0; h < 2; h++) {
      float *to = sums + t * GROUP_ROWS + 8 * h;
      const __m256 d = _mm256_mul_ps(_mm256_load_ps(w->d + 8 * h), scale);
      _mm256_store_ps(to, _mm256_fmadd_ps(_mm256_cvtepi32_ps(dots[t][h]), d, _mm256_load_ps(to)));
    }
  }
}

INLINE void dot_block(int type, int T, float *sums, const union panel *panel, int i,
                      const struct tile *x, int64_t b) {
  const struct block *w = &panel->blocks[i];
  switch (type) {
    case Q4_0: case Q4_1: case Q4_K: dot_narrow(8, T, sums, w, x, b); break;
    case Q5_0: case Q5_1: case Q5_K: case MXFP4: dot_narrow(4, T, sums, w, x, b); break;
    case Q6_K: dot_sixteenths(0, T, sums, w, x, b); break;
    case Q2_K: dot_sixteenths(1, T, sums, w, x, b); break;
    default: dot_words(T, sums, &panel->words[i], x, b); break;
  }
}

#include "matmul.h"

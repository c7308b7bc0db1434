/*
 * Matrix products on AVX2 (with FMA and F16C), for every weight type.
 *
 * One plan for all of them. A chunk of columns of a 16-row group is decoded once into a small panel
 * that stays in L1; then the tokens pass over it in tiles of 4. Lanes are weight rows: a product is a
 * panel register times a broadcast activation, so nothing is ever summed across lanes. What a panel
 * holds depends on how wide the codes are, because vpmaddubsw (32 products of uint8 × int8, added in
 * pairs to int16) must not saturate:
 *
 *   codes ≤ 15      8 of its results are summed in 16 bits before they are widened (8·2·15·127 ≤ 32767)
 *   codes ≤ 31      4
 *   codes ≤ 63      2, and widening multiplies by an integer scale per 16 columns
 *   int8            vpmaddwd in 16 bits instead, with activations of 16 bits
 *   float           plain FMA with float activations
 *
 * Integer sums are exact; the float sums of an output run over the blocks of 32 columns in order, for
 * any number of tokens. So a token's result does not depend on its batch.
 */
#include "activations.h"
#include "krafla.h"
#include "packed.h"

#include <immintrin.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

enum {
  CHUNK = 16,        /* blocks in a panel: 13 KB, leaves room in L1 for activations */
  SHORT_CHUNK = 4,   /* for few tokens: decoding and multiplying overlap better */
  FEW_TOKENS = 8,
  TOKENS = 128,      /* tokens that pass over a panel before it is decoded anew */
  AHEAD = 4096       /* bytes to prefetch ahead: with 0 one thread reads 12, with 4096 17 GB/s of 19 */
};

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

/* How the codes of a type are multiplied; see the top of the file. */
enum method { SUM8, SUM4, SIXTEENTHS, SIXTEENTHS_MINIMUM, WORDS, FLOATS };

INLINE enum method method_of(int type) {
  switch (type) {
    case Q4_0: case Q4_1: case Q4_K: return SUM8;
    case Q5_0: case Q5_1: case Q5_K: case MXFP4: return SUM4;
    case Q3_K: case Q6_K: return SIXTEENTHS;
    case Q2_K: return SIXTEENTHS_MINIMUM;
    case Q8_0: return WORDS;
    default: return FLOATS;
  }
}

/* ---- decoding ---- */

INLINE __m256i load(const void *p) {
  return _mm256_loadu_si256((const __m256i *) p);
}

INLINE void store(void *p, __m256i v) {
  _mm256_store_si256((__m256i *) p, v);
}

INLINE __m256 halves_to_floats(const uint8_t *p) {
  return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *) p));
}

INLINE __m256 bytes_to_floats(const uint8_t *p) {
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *) p)));
}

/* Low and high nibbles of 32 bytes. */
INLINE void split(__m256i v, __m256i *low, __m256i *high) {
  const __m256i mask = _mm256_set1_epi8(15);
  *low = _mm256_and_si256(v, mask);
  *high = _mm256_and_si256(_mm256_srli_epi16(v, 4), mask);
}

/* Shifts bytes left by n (right by −n); bits that cross into a neighbour are masked off by `keep`. */
INLINE __m256i shift_bits(__m256i v, int n, __m256i keep) {
  return _mm256_and_si256(n >= 0 ? _mm256_slli_epi16(v, n) : _mm256_srli_epi16(v, -n), keep);
}

INLINE void decode_nibbles(struct block *b, const uint8_t *n) {
  UNROLL for (int j = 0; j < 4; j++) {
    UNROLL for (int h = 0; h < 2; h++) {
      __m256i low, high;
      split(load(n + j * 64 + h * 32), &low, &high);
      store(b->w[j] + h * 32, low);
      store(b->w[4 + j] + h * 32, high);
    }
  }
}

INLINE void decode_five_bits(struct block *b, const uint8_t *fifth, const uint8_t *n) {
  const __m256i bit4 = _mm256_set1_epi8(16);
  UNROLL for (int h = 0; h < 2; h++) {
    const __m256i f = load(fifth + h * 32);
    UNROLL for (int j = 0; j < 4; j++) {
      __m256i low, high;
      split(load(n + j * 64 + h * 32), &low, &high);
      store(b->w[j] + h * 32, _mm256_or_si256(low, shift_bits(f, 4 - j, bit4)));
      store(b->w[4 + j] + h * 32, _mm256_or_si256(high, shift_bits(f, -j, bit4)));
    }
  }
}

INLINE void decode_six_bits(struct block *b, const uint8_t *pairs, const uint8_t *n) {
  const __m256i bits45 = _mm256_set1_epi8(0x30);
  UNROLL for (int h = 0; h < 2; h++) {
    const __m256i first = load(pairs + h * 32), last = load(pairs + 64 + h * 32);
    UNROLL for (int j = 0; j < 4; j++) {
      __m256i low, high;
      split(load(n + j * 64 + h * 32), &low, &high);
      store(b->w[j] + h * 32, _mm256_or_si256(low, shift_bits(first, 4 - 2 * j, bits45)));
      store(b->w[4 + j] + h * 32, _mm256_or_si256(high, shift_bits(last, 4 - 2 * j, bits45)));
    }
  }
}

INLINE void decode_two_bits(struct block *b, const uint8_t *pairs) {
  const __m256i bits01 = _mm256_set1_epi8(3);
  UNROLL for (int v = 0; v < 2; v++) {
    UNROLL for (int h = 0; h < 2; h++) {
      const __m256i p = load(pairs + v * 64 + h * 32);
      UNROLL for (int j = 0; j < 4; j++) {
        store(b->w[4 * v + j] + h * 32, shift_bits(p, -2 * j, bits01));
      }
    }
  }
}

/* e2m1 floats by table: twice the value, plus 12 to make it unsigned. */
INLINE void decode_mxfp4(struct block *b, const uint8_t *n) {
  const __m256i table = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0));
  decode_nibbles(b, n);
  UNROLL for (int k4 = 0; k4 < 8; k4++) {
    UNROLL for (int h = 0; h < 2; h++) {
      store(b->w[k4] + h * 32, _mm256_shuffle_epi8(table, load(b->w[k4] + h * 32)));
    }
  }
}

/* d as it is, m = −zero · d: a weight is d · (code − zero). */
INLINE void scales_with_zero(struct block *b, int h, __m256 d, float zero) {
  _mm256_store_ps(b->d + 8 * h, d);
  _mm256_store_ps(b->m + 8 * h, _mm256_mul_ps(d, _mm256_set1_ps(-zero)));
}

/* 2^(e − 128), half of the block's scale because the table is doubled; 0 for e ≤ 1. */
INLINE __m256 mxfp4_scale(const uint8_t *e) {
  const __m256i biased = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *) e));
  const __m256i less = _mm256_max_epi32(_mm256_sub_epi32(biased, _mm256_set1_epi32(1)), _mm256_setzero_si256());
  return _mm256_castsi256_ps(_mm256_slli_epi32(less, 23));
}

INLINE void decode_scales_32(int type, struct block *b, const uint8_t *at) {
  UNROLL for (int h = 0; h < 2; h++) {
    if (type == MXFP4) {
      scales_with_zero(b, h, mxfp4_scale(at + 8 * h), 12);
    } else if (type == Q4_0 || type == Q5_0) {
      scales_with_zero(b, h, halves_to_floats(at + 16 * h), type == Q4_0 ? 8 : 16);
    } else {
      _mm256_store_ps(b->d + 8 * h, halves_to_floats(at + 16 * h));
      _mm256_store_ps(b->m + 8 * h, halves_to_floats(at + ROW_F16 + 16 * h));
    }
  }
}

/* Q4_K, Q5_K: the span's f16 scale and minimum times the block's integer ones. */
INLINE void decode_scales_k(struct block *b, const uint8_t *head, const uint8_t *at) {
  UNROLL for (int h = 0; h < 2; h++) {
    const __m256 d = halves_to_floats(head + 16 * h), m = halves_to_floats(head + ROW_F16 + 16 * h);
    _mm256_store_ps(b->d + 8 * h, _mm256_mul_ps(d, bytes_to_floats(at + 8 * h)));
    _mm256_store_ps(b->m + 8 * h, _mm256_mul_ps(m, bytes_to_floats(at + ROW_BYTES + 8 * h)));
  }
}

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
  _mm256_store_ps(b->d, halves_to_floats(head));
  _mm256_store_ps(b->d + 8, halves_to_floats(head + 16));
}

INLINE void decode_scales_q2_k(struct block *b, const uint8_t *head, const uint8_t *at) {
  __m256i s0, s1, z0, z1;
  split(_mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *) at)), &s0, &z0);
  split(_mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *) (at + ROW_BYTES))), &s1, &z1);
  spread_sixteenths(b, s0, s1, z0, z1);
  UNROLL for (int h = 0; h < 2; h++) {
    _mm256_store_ps(b->d + 8 * h, halves_to_floats(head + 16 * h));
    _mm256_store_ps(b->m + 8 * h, halves_to_floats(head + ROW_F16 + 16 * h));
  }
}

/* Decodes block `at` of a span that begins at `head`. */
INLINE void decode(int type, struct block *b, const uint8_t *head, const uint8_t *at) {
  switch (type) {
    case Q4_0:
      decode_scales_32(type, b, at);
      decode_nibbles(b, at + ROW_F16);
      break;
    case Q4_1:
      decode_scales_32(type, b, at);
      decode_nibbles(b, at + 2 * ROW_F16);
      break;
    case Q5_0:
      decode_scales_32(type, b, at);
      decode_five_bits(b, at + ROW_F16, at + ROW_F16 + FIFTH_BITS);
      break;
    case Q5_1:
      decode_scales_32(type, b, at);
      decode_five_bits(b, at + 2 * ROW_F16, at + 2 * ROW_F16 + FIFTH_BITS);
      break;
    case MXFP4:
      decode_scales_32(type, b, at);
      decode_mxfp4(b, at + ROW_BYTES);
      break;
    case Q4_K:
      decode_scales_k(b, head, at);
      decode_nibbles(b, at + 2 * ROW_BYTES);
      break;
    case Q5_K:
      decode_scales_k(b, head, at);
      decode_five_bits(b, at + 2 * ROW_BYTES, at + 2 * ROW_BYTES + FIFTH_BITS);
      break;
    case Q6_K:
      decode_scales_q6_k(b, head, at);
      decode_six_bits(b, at + 2 * ROW_BYTES, at + 2 * ROW_BYTES + BIT_PAIRS);
      break;
    case Q2_K:
      decode_scales_q2_k(b, head, at);
      decode_two_bits(b, at + 2 * ROW_BYTES);
      break;
    default:
      break;
  }
}

INLINE void decode_q8_0(struct block16 *b, const uint8_t *at) {
  UNROLL for (int k2 = 0; k2 < 16; k2++) {
    UNROLL for (int h = 0; h < 2; h++) {
      const __m128i bytes = _mm_loadu_si128((const __m128i *) (at + ROW_F16 + k2 * 32 + h * 16));
      store(b->w[k2] + h * 16, _mm256_cvtepi8_epi16(bytes));
    }
  }
  _mm256_store_ps(b->d, halves_to_floats(at));
  _mm256_store_ps(b->d + 8, halves_to_floats(at + 16));
}

/* One column of 16 rows. */
INLINE void decode_floats(int type, float *w, const uint8_t *at) {
  UNROLL for (int h = 0; h < 2; h++) {
    if (type == F16) {
      _mm256_store_ps(w + 8 * h, halves_to_floats(at + 16 * h));
    } else if (type == BF16) {
      const __m256i v = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *) (at + 16 * h)));
      store(w + 8 * h, _mm256_slli_epi32(v, 16));
    } else {
      store(w + 8 * h, load(at + 32 * h));
    }
  }
}

/* ---- products of one decoded block with one tile of T tokens ---- */

/* One tile's quantised activations. */
struct tile {
  const int8_t *q8;
  const int16_t *q16, *sums16;
  const float *scale8, *scale16, *sum;
};

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

/* ---- a panel of n blocks with one tile ---- */

/* sums[t][r] += panel · x for T tokens; `first` is the number of the panel's first block. */
INLINE void dot_panel_T(enum method method, int T, float *sums, const void *panel,
                        const struct tile *x, int64_t first, int n) {
  for (int i = 0; i < n; i++) {
    const struct block *w = (const struct block *) panel + i;
    switch (method) {
      case SUM8: dot_narrow(8, T, sums, w, x, first + i); break;
      case SUM4: dot_narrow(4, T, sums, w, x, first + i); break;
      case SIXTEENTHS: dot_sixteenths(0, T, sums, w, x, first + i); break;
      case SIXTEENTHS_MINIMUM: dot_sixteenths(1, T, sums, w, x, first + i); break;
      default: dot_words(T, sums, (const struct block16 *) panel + i, x, first + i); break;
    }
  }
}

INLINE void dot_panel(enum method method, int tokens, float *sums, const void *panel,
                      const struct tile *x, int64_t first, int n) {
  switch (tokens) {
    case 4: dot_panel_T(method, 4, sums, panel, x, first, n); break;
    case 3: dot_panel_T(method, 3, sums, panel, x, first, n); break;
    case 2: dot_panel_T(method, 2, sums, panel, x, first, n); break;
    default: dot_panel_T(method, 1, sums, panel, x, first, n); break;
  }
}

/* ---- groups ---- */

INLINE int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* Tile that begins with token t. */
INLINE struct tile tile_at(const struct activations *a, int64_t t, int64_t cols) {
  const int64_t at = t * (cols / BLOCK_COLS);
  return (struct tile){a->q8 + at * 32, a->q16 + at * 32, a->sums16 + at * 2,
                       a->scale8 + at,  a->scale16 + at,  a->sum + at};
}

/* Copies the sums of tokens [0, n) to out, `rows` of the group's 16. */
static void write_out(float *out, int64_t out_stride, const float *sums, int64_t n, int64_t rows) {
  for (int64_t t = 0; t < n; t++) {
    if (rows == GROUP_ROWS) {
      _mm256_storeu_ps(out + t * out_stride, _mm256_load_ps(sums + t * GROUP_ROWS));
      _mm256_storeu_ps(out + t * out_stride + 8, _mm256_load_ps(sums + t * GROUP_ROWS + 8));
    } else {
      memcpy(out + t * out_stride, sums + t * GROUP_ROWS, (size_t) rows * sizeof(float));
    }
  }
}

/* Beyond the matrix's end it fetches what follows, or nothing: prefetches do not fault. */
INLINE void prefetch(const uint8_t *p, int bytes) {
  for (int i = 0; i < bytes; i += 64) {
    _mm_prefetch((const char *) p + i, _MM_HINT_T0);
  }
}

/* sums[t][r] for one group of quantised weights and tokens [from, to). */
INLINE void group_quantised(int type, const uint8_t *group, int64_t cols,
                            const struct activations *a, int64_t tokens, int64_t from, int64_t to,
                            float *sums) {
  union {
    struct block blocks[CHUNK];
    struct block16 words[CHUNK];
  } panel;
  const int64_t blocks = cols / BLOCK_COLS;
  const int per_span = span_cols(type) / BLOCK_COLS;
  const int chunk = to - from <= FEW_TOKENS ? SHORT_CHUNK : CHUNK;
  for (int64_t first = 0; first < blocks; first += chunk) {
    const int n = (int) least(chunk, blocks - first);
    for (int i = 0; i < n; i++) {
      const uint8_t *span = group + (first + i) / per_span * span_bytes(type);
      const uint8_t *at = span + span_head(type) + (first + i) % per_span * block_bytes(type);
      prefetch(at + AHEAD, block_bytes(type));
      if (method_of(type) == WORDS) {
        decode_q8_0(&panel.words[i], at);
      } else {
        decode(type, &panel.blocks[i], span, at);
      }
    }
    for (int64_t t = from; t < to; t += TILE) {
      const struct tile x = tile_at(a, t, cols);
      dot_panel(method_of(type), (int) least(TILE, tokens - t), sums + (t - from) * GROUP_ROWS, &panel,
                &x, first, n);
    }
  }
}

/* 16 weight rows × T tokens of running sums. */
INLINE void load_sums(int T, __m256 acc[][2], const float *sums) {
  UNROLL for (int t = 0; t < T; t++) {
    acc[t][0] = _mm256_load_ps(sums + t * GROUP_ROWS);
    acc[t][1] = _mm256_load_ps(sums + t * GROUP_ROWS + 8);
  }
}

INLINE void store_sums(int T, float *sums, __m256 acc[][2]) {
  UNROLL for (int t = 0; t < T; t++) {
    _mm256_store_ps(sums + t * GROUP_ROWS, acc[t][0]);
    _mm256_store_ps(sums + t * GROUP_ROWS + 8, acc[t][1]);
  }
}

INLINE void dot_floats(int T, float *sums, const float *w, const float *x, int64_t cols, int n) {
  __m256 acc[TILE][2];
  load_sums(T, acc, sums);
  for (int k = 0; k < n; k++) {
    UNROLL for (int t = 0; t < T; t++) {
      const __m256 a = _mm256_set1_ps(x[t * cols + k]);
      acc[t][0] = _mm256_fmadd_ps(_mm256_load_ps(w + k * GROUP_ROWS), a, acc[t][0]);
      acc[t][1] = _mm256_fmadd_ps(_mm256_load_ps(w + k * GROUP_ROWS + 8), a, acc[t][1]);
    }
  }
  store_sums(T, sums, acc);
}

/* sums[t][r] for one group of float weights and tokens [from, to) of x[tokens][cols]. */
INLINE void group_floats(int type, const uint8_t *group, int64_t cols, const float *x, int64_t from,
                         int64_t to, float *sums) {
  enum { COLS = 128 };
  float panel[COLS * GROUP_ROWS] __attribute__((aligned(64)));
  for (int64_t first = 0; first < cols; first += COLS) {
    const int n = (int) least(COLS, cols - first);
    for (int k = 0; k < n; k++) {
      decode_floats(type, panel + k * GROUP_ROWS, group + (first + k) * block_bytes(type));
    }
    for (int64_t t = from; t < to; t += TILE) {
      const float *at = x + t * cols + first;
      float *to_sums = sums + (t - from) * GROUP_ROWS;
      switch (least(TILE, to - t)) {
        case 4: dot_floats(4, to_sums, panel, at, cols, n); break;
        case 3: dot_floats(3, to_sums, panel, at, cols, n); break;
        case 2: dot_floats(2, to_sums, panel, at, cols, n); break;
        default: dot_floats(1, to_sums, panel, at, cols, n); break;
      }
    }
  }
}

/* What a product works on; the arguments of krafla_matmul_avx2. */
struct job {
  const uint8_t *packed;
  int64_t w_rows, cols, group_from, group_to;
  const void *x;
  int64_t tokens, token_from, token_to;
  float *out;
  int64_t out_stride;
};

INLINE void matmul(int type, const struct job *j) {
  float sums[TOKENS * GROUP_ROWS] __attribute__((aligned(64)));
  const int floats = method_of(type) == FLOATS;
  const struct activations a = activations_in((uint8_t *) j->x, floats ? 0 : j->tokens, j->cols);
  for (int64_t from = j->token_from; from < j->token_to; from += TOKENS) {
    const int64_t to = least(from + TOKENS, j->token_to);
    for (int64_t g = j->group_from; g < j->group_to; g++) {
      const uint8_t *group = j->packed + g * group_bytes(type, j->cols);
      const int64_t row = g * GROUP_ROWS;
      memset(sums, 0, (size_t) (to - from) * GROUP_ROWS * sizeof(float));
      if (floats) {
        group_floats(type, group, j->cols, j->x, from, to, sums);
      } else {
        group_quantised(type, group, j->cols, &a, j->tokens, from, to, sums);
      }
      write_out(j->out + from * j->out_stride + row, j->out_stride, sums, to - from,
                least(GROUP_ROWS, j->w_rows - row));
    }
  }
}

/* One instance of the whole nest per type, so that every switch above is resolved at compile time. */
#define INSTANCE(type) \
  static __attribute__((noinline)) void matmul_##type(const struct job *j) { matmul(type, j); }
INSTANCE(F32)
INSTANCE(F16)
INSTANCE(BF16)
INSTANCE(Q4_0)
INSTANCE(Q4_1)
INSTANCE(Q5_0)
INSTANCE(Q5_1)
INSTANCE(Q8_0)
INSTANCE(MXFP4)
INSTANCE(Q2_K)
INSTANCE(Q4_K)
INSTANCE(Q5_K)
INSTANCE(Q6_K)

void krafla_matmul_avx2(int32_t type, const uint8_t *packed, int64_t w_rows, int64_t cols,
                        int64_t group_from, int64_t group_to, const void *x, int64_t tokens,
                        int64_t token_from, int64_t token_to, float *out, int64_t out_stride) {
  const struct job j = {packed, w_rows, cols,       group_from, group_to, x,
                        tokens, token_from, token_to, out,        out_stride};
  switch (type) {
    case F32: matmul_F32(&j); break;
    case F16: matmul_F16(&j); break;
    case BF16: matmul_BF16(&j); break;
    case Q4_0: matmul_Q4_0(&j); break;
    case Q4_1: matmul_Q4_1(&j); break;
    case Q5_0: matmul_Q5_0(&j); break;
    case Q5_1: matmul_Q5_1(&j); break;
    case Q8_0: matmul_Q8_0(&j); break;
    case MXFP4: matmul_MXFP4(&j); break;
    case Q2_K: matmul_Q2_K(&j); break;
    case Q3_K: matmul_Q6_K(&j); break; /* packed as such */
    case Q4_K: matmul_Q4_K(&j); break;
    case Q5_K: matmul_Q5_K(&j); break;
    case Q6_K: matmul_Q6_K(&j); break;
    default: break; /* Java lets only known types through */
  }
}

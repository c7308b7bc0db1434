/*
 * Matrix products on AVX-512 with VNNI, for every weight type.
 *
 * Lanes are the 16 weight rows of a group: a product is a register of codes times a broadcast
 * activation, so nothing is ever summed across lanes. vpdpbusd takes four columns at once (uint8
 * codes × int8 activations, summed exactly in int32). A block of 32 columns is decoded into eight
 * registers and stays there while up to TOKENS tokens pass; their float sums stay in registers from
 * the first column to the last. With codes c, zero point z, scales d and minima m of the weights and
 * q, a of the activations:
 *
 *   Σ w·x = Σ over blocks  d·a · (Σ c·q − z·Σ q)  +  m·a · Σ q
 *
 * The bracket is exact: accumulators begin at −z·Σ q, which costs one shift as every z is a power of
 * two. An output is the same sum in the same order for any number of tokens.
 */
#include "activations.h"
#include "simd_avx512.h"
#include "matmul_entry.h"

enum {
  TILES = 3,             /* tiles of activations that pass together: 12 sums, 8 codes, 4 dots … of 32 registers */
  TOKENS = TILES * TILE,
  PASS = 10 * TOKENS,    /* tokens whose activations stay in L2 while all groups pass over them */
  AHEAD = 4096           /* bytes to prefetch ahead of the stream of weights */
};

/* One decoded block: 16 rows × 32 columns. */
struct block {
  __m512i w[8];    /* byte [row][i] of w[k4]: code of column 4·k4 + i */
  __m512 d, last;  /* scale of each row; with scales per 16 columns, d is that of the first 16 */
  __m512 m, m16;   /* minimum of each row, times the sum of activations; m16 as `last` */
};

INLINE int has_minimum(int type) {
  return type == Q4_1 || type == Q5_1 || type == Q4_K || type == Q5_K || type == Q2_K;
}

/* Whether each 16 columns have a scale of their own. */
INLINE int has_sixteenths(int type) {
  return type == Q2_K || type == Q3_K || type == Q6_K;
}

/* Base-2 logarithm of the code that stands for zero; 0 where that is code 0. */
INLINE int zero_bits(int type) {
  switch (type) {
    case Q4_0: return 3;
    case Q5_0: case MXFP4: return 4;
    case Q3_K: case Q6_K: return 5;
    case Q8_0: return 7;
    default: return 0;
  }
}

/* ---- decoding ---- */

INLINE __m512i load(const void *p) {
  return _mm512_loadu_si512(p);
}

INLINE __m512 halves(const uint8_t *p) {
  return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *) p));
}

INLINE __m512 unsigned_bytes(const uint8_t *p) {
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *) p)));
}

INLINE __m512 signed_bytes(const uint8_t *p) {
  return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *) p)));
}

/* Shifts bytes left by n (right by −n); bits that cross into a neighbour are masked off by `keep`. */
INLINE __m512i shift_bits(__m512i v, int n, __m512i keep) {
  return _mm512_and_si512(n >= 0 ? _mm512_slli_epi16(v, n) : _mm512_srli_epi16(v, -n), keep);
}

INLINE void decode_nibbles(struct block *b, const uint8_t *n) {
  const __m512i low = _mm512_set1_epi8(15);
  UNROLL for (int j = 0; j < 4; j++) {
    const __m512i v = load(n + j * 64);
    b->w[j] = _mm512_and_si512(v, low);
    b->w[4 + j] = shift_bits(v, -4, low);
  }
}

INLINE void add_fifth_bits(struct block *b, const uint8_t *fifth) {
  const __m512i bit4 = _mm512_set1_epi8(16), f = load(fifth);
  UNROLL for (int j = 0; j < 4; j++) {
    b->w[j] = _mm512_or_si512(b->w[j], shift_bits(f, 4 - j, bit4));
    b->w[4 + j] = _mm512_or_si512(b->w[4 + j], shift_bits(f, -j, bit4));
  }
}

INLINE void add_bits_4_and_5(struct block *b, const uint8_t *pairs) {
  const __m512i bits45 = _mm512_set1_epi8(0x30);
  const __m512i first = load(pairs), last = load(pairs + 64);
  UNROLL for (int j = 0; j < 4; j++) {
    b->w[j] = _mm512_or_si512(b->w[j], shift_bits(first, 4 - 2 * j, bits45));
    b->w[4 + j] = _mm512_or_si512(b->w[4 + j], shift_bits(last, 4 - 2 * j, bits45));
  }
}

INLINE void decode_two_bits(struct block *b, const uint8_t *pairs) {
  const __m512i bits01 = _mm512_set1_epi8(3);
  UNROLL for (int v = 0; v < 2; v++) {
    const __m512i p = load(pairs + v * 64);
    UNROLL for (int j = 0; j < 4; j++) {
      b->w[4 * v + j] = shift_bits(p, -2 * j, bits01);
    }
  }
}

/* int8, made unsigned by adding 128. */
INLINE void decode_bytes(struct block *b, const uint8_t *bytes) {
  const __m512i top = _mm512_set1_epi8((char) 0x80);
  UNROLL for (int k4 = 0; k4 < 8; k4++) {
    b->w[k4] = _mm512_xor_si512(load(bytes + k4 * 64), top);
  }
}

/* e2m1 floats by table: twice the value, plus 16 to make it unsigned. */
INLINE void decode_mxfp4(struct block *b, const uint8_t *n) {
  const __m512i table = _mm512_broadcast_i32x4(
      _mm_setr_epi8(16, 17, 18, 19, 20, 22, 24, 28, 16, 15, 14, 13, 12, 10, 8, 4));
  decode_nibbles(b, n);
  UNROLL for (int k4 = 0; k4 < 8; k4++) {
    b->w[k4] = _mm512_shuffle_epi8(table, b->w[k4]);
  }
}

/* 2^(e − 128), half of the block's scale because the table is doubled; 0 for e ≤ 1. */
INLINE __m512 mxfp4_scale(const uint8_t *e) {
  const __m512i biased = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *) e));
  const __m512i less = _mm512_max_epi32(_mm512_sub_epi32(biased, _mm512_set1_epi32(1)),
                                        _mm512_setzero_si512());
  return _mm512_castsi512_ps(_mm512_slli_epi32(less, 23));
}

/* Decodes block `at` of a span that begins at `head`. */
INLINE void decode(int type, struct block *b, const uint8_t *head, const uint8_t *at) {
  switch (type) {
    case Q4_0:
      b->d = halves(at);
      decode_nibbles(b, at + ROW_F16);
      break;
    case Q4_1:
      b->d = halves(at);
      b->m = halves(at + ROW_F16);
      decode_nibbles(b, at + 2 * ROW_F16);
      break;
    case Q5_0:
      b->d = halves(at);
      decode_nibbles(b, at + ROW_F16 + FIFTH_BITS);
      add_fifth_bits(b, at + ROW_F16);
      break;
    case Q5_1:
      b->d = halves(at);
      b->m = halves(at + ROW_F16);
      decode_nibbles(b, at + 2 * ROW_F16 + FIFTH_BITS);
      add_fifth_bits(b, at + 2 * ROW_F16);
      break;
    case Q8_0:
      b->d = halves(at);
      decode_bytes(b, at + ROW_F16);
      break;
    case MXFP4:
      b->d = mxfp4_scale(at);
      decode_mxfp4(b, at + ROW_BYTES);
      break;
    case Q4_K: case Q5_K:
      b->d = _mm512_mul_ps(halves(head), unsigned_bytes(at));
      b->m = _mm512_mul_ps(halves(head + ROW_F16), unsigned_bytes(at + ROW_BYTES));
      at += 2 * ROW_BYTES;
      if (type == Q4_K) {
        decode_nibbles(b, at);
      } else {
        decode_nibbles(b, at + FIFTH_BITS);
        add_fifth_bits(b, at);
      }
      break;
    case Q6_K:
      b->d = _mm512_mul_ps(halves(head), signed_bytes(at));
      b->last = _mm512_mul_ps(halves(head), signed_bytes(at + ROW_BYTES));
      decode_nibbles(b, at + 2 * ROW_BYTES + BIT_PAIRS);
      add_bits_4_and_5(b, at + 2 * ROW_BYTES);
      break;
    case Q2_K: {
      const __m512i low = _mm512_set1_epi32(15);
      const __m512i first = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *) at));
      const __m512i last = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *) (at + ROW_BYTES)));
      const __m512 d = halves(head), m = halves(head + ROW_F16);
      b->d = _mm512_mul_ps(d, _mm512_cvtepi32_ps(_mm512_and_si512(first, low)));
      b->last = _mm512_mul_ps(d, _mm512_cvtepi32_ps(_mm512_and_si512(last, low)));
      b->m = _mm512_mul_ps(m, _mm512_cvtepi32_ps(_mm512_srli_epi32(first, 4)));
      b->m16 = _mm512_mul_ps(m, _mm512_cvtepi32_ps(_mm512_srli_epi32(last, 4)));
      decode_two_bits(b, at + 2 * ROW_BYTES);
      break;
    }
    default:
      break;
  }
}

/* ---- products of one decoded block with one tile of T tokens ---- */

INLINE __m512i broadcast4(const void *p) {
  int32_t v;
  memcpy(&v, p, 4);
  return _mm512_set1_epi32(v);
}

/* dots[t] += Σ code · q over columns 4·from … 4·to of the block. */
INLINE void dot(int T, __m512i *dots, const struct block *w, const int8_t *q, int from, int to) {
  UNROLL for (int k4 = from; k4 < to; k4++) {
    UNROLL for (int t = 0; t < T; t++) {
      dots[t] = _mm512_dpbusd_epi32(dots[t], w->w[k4], broadcast4(q + t * 32 + k4 * 4));
    }
  }
}

/* −zero · Σ q, what a sum of products with that zero point begins with. */
INLINE __m512i begin(int type, const int32_t *minus) {
  return zero_bits(type) == 0 ? _mm512_setzero_si512()
                              : _mm512_slli_epi32(_mm512_set1_epi32(*minus), zero_bits(type));
}

/* sums[t] += w · x over block b, which has one scale a row. */
INLINE void add_block(int type, int T, __m512 *sums, const struct block *w, const struct tile *x,
                      int64_t b) {
  __m512i dots[TILE];
  UNROLL for (int t = 0; t < T; t++) {
    dots[t] = begin(type, x->minus + (b * T + t) * 3);
  }
  dot(T, dots, w, x->q8 + b * T * 32, 0, 8);
  UNROLL for (int t = 0; t < T; t++) {
    const __m512 d = _mm512_mul_ps(w->d, _mm512_set1_ps(x->scale8[b * T + t]));
    sums[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[t]), d, sums[t]);
    if (has_minimum(type)) {
      sums[t] = _mm512_fmadd_ps(w->m, _mm512_set1_ps(x->sum[b * T + t]), sums[t]);
    }
  }
}

/* The same with a scale for each 16 columns. */
INLINE void add_sixteenths(int type, int T, __m512 *sums, const struct block *w,
                           const struct tile *x, int64_t b) {
  UNROLL for (int half = 0; half < 2; half++) {
    __m512i dots[TILE];
    UNROLL for (int t = 0; t < T; t++) {
      dots[t] = begin(type, x->minus + (b * T + t) * 3 + 1 + half);
    }
    dot(T, dots, w, x->q8 + b * T * 32, 4 * half, 4 * half + 4);
    UNROLL for (int t = 0; t < T; t++) {
      const __m512 scale = _mm512_set1_ps(x->scale8[b * T + t]);
      const __m512 d = _mm512_mul_ps(half == 0 ? w->d : w->last, scale);
      sums[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[t]), d, sums[t]);
      if (has_minimum(type)) {
        const __m512i minus = _mm512_set1_epi32(x->minus[(b * T + t) * 3 + 1 + half]);
        const __m512 m = _mm512_mul_ps(half == 0 ? w->m : w->m16, scale);
        sums[t] = _mm512_fnmadd_ps(_mm512_cvtepi32_ps(minus), m, sums[t]);
      }
    }
  }
}

/* ---- groups ---- */

/* Writes sums[T] of group g for tokens from t on; rows beyond the matrix are left out. */
INLINE void write_out(const struct job *j, int64_t g, int64_t t, int T, const __m512 *sums) {
  const int64_t rows = j->w_rows - g * GROUP_ROWS;
  const __mmask16 inside = rows >= GROUP_ROWS ? 0xffff : (__mmask16) ((1u << rows) - 1);
  UNROLL for (int i = 0; i < T; i++) {
    _mm512_mask_storeu_ps(j->out + (t + i) * j->out_stride + g * GROUP_ROWS, inside, sums[i]);
  }
}

/* Beyond the matrix's end it fetches what follows, or nothing: prefetches do not fault. */
INLINE void prefetch(const uint8_t *p, int bytes) {
  UNROLL for (int i = 0; i < bytes; i += 64) {
    _mm_prefetch((const char *) p + i, _MM_HINT_T0);
  }
}

/* One group of quantised weights times T tokens from t on: `tiles` tiles of 4, or one of less. */
INLINE void group_quantised(int type, int tiles, int T, const struct job *j, int64_t g, int64_t t) {
  const uint8_t *group = j->packed + g * group_bytes(type, j->cols);
  const int64_t blocks = j->cols / BLOCK_COLS;
  const int per_span = span_cols(type) / BLOCK_COLS;
  const struct activations a = activations_in((uint8_t *) j->x, j->tokens, j->cols);
  struct tile x[TILES];
  __m512 sums[TOKENS];
  UNROLL for (int i = 0; i < tiles; i++) {
    x[i] = tile_at(&a, t + i * TILE, j->cols);
  }
  UNROLL for (int i = 0; i < T; i++) {
    sums[i] = _mm512_setzero_ps();
  }
  for (int64_t first = 0; first < blocks; first += per_span) {
    const uint8_t *head = group + first / per_span * span_bytes(type);
    for (int i = 0; i < per_span; i++) {
      const uint8_t *at = head + span_head(type) + i * block_bytes(type);
      struct block w;
      prefetch(at + AHEAD, block_bytes(type));
      decode(type, &w, head, at);
      UNROLL for (int u = 0; u < tiles; u++) {
        if (has_sixteenths(type)) {
          add_sixteenths(type, T / tiles, sums + u * TILE, &w, &x[u], first + i);
        } else {
          add_block(type, T / tiles, sums + u * TILE, &w, &x[u], first + i);
        }
      }
    }
  }
  write_out(j, g, t, T, sums);
}

INLINE __m512 decode_floats(int type, const uint8_t *at) {
  switch (type) {
    case F16: return halves(at);
    case BF16: {
      const __m512i bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *) at));
      return _mm512_castsi512_ps(_mm512_slli_epi32(bits, 16));
    }
    default: return _mm512_loadu_ps(at);
  }
}

/* One group of float weights times T tokens from t on of x[tokens][cols]. */
INLINE void group_floats(int type, int T, const struct job *j, int64_t g, int64_t t) {
  const uint8_t *group = j->packed + g * group_bytes(type, j->cols);
  const float *x = (const float *) j->x + t * j->cols;
  __m512 sums[TOKENS];
  UNROLL for (int i = 0; i < T; i++) {
    sums[i] = _mm512_setzero_ps();
  }
  for (int64_t k = 0; k < j->cols; k++) {
    const uint8_t *at = group + k * block_bytes(type);
    prefetch(at + AHEAD, block_bytes(type));
    const __m512 w = decode_floats(type, at);
    UNROLL for (int i = 0; i < T; i++) {
      sums[i] = _mm512_fmadd_ps(w, _mm512_set1_ps(x[i * j->cols + k]), sums[i]);
    }
  }
  write_out(j, g, t, T, sums);
}

INLINE void group(int type, int tiles, int T, const struct job *j, int64_t g, int64_t t) {
  if (is_float(type)) {
    group_floats(type, T, j, g, t);
  } else {
    group_quantised(type, tiles, T, j, g, t);
  }
}

/* All of the job's groups times all of its tokens. */
INLINE void matmul(int type, const struct job *j) {
  for (int64_t from = j->token_from; from < j->token_to; from += PASS) {
    const int64_t to = least(from + PASS, j->token_to);
    for (int64_t g = j->group_from; g < j->group_to; g++) {
      int64_t t = from;
      for (; t + 3 * TILE <= to; t += 3 * TILE) {
        group(type, 3, 3 * TILE, j, g, t);
      }
      if (t + 2 * TILE <= to) {
        group(type, 2, 2 * TILE, j, g, t);
        t += 2 * TILE;
      } else if (t + TILE <= to) {
        group(type, 1, TILE, j, g, t);
        t += TILE;
      }
      switch (to - t) {
        case 3: group(type, 1, 3, j, g, t); break;
        case 2: group(type, 1, 2, j, g, t); break;
        case 1: group(type, 1, 1, j, g, t); break;
        default: break;
      }
    }
  }
}

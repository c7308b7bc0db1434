/*
 * Matrix products on AVX-512 with VNNI, for every weight type.
 *
 * Lanes are the 16 weight rows of a group: a product is a register of codes times a broadcast
 * activation, so nothing is ever summed across lanes. vpdpbusd takes four columns at once (uint8
 * codes × int8 activations, summed exactly in int32). A block of 32 columns is decoded into eight
 * registers and stays there while up to TOKENS tokens pass; their float sums stay in registers from
 * the first column to the last. With codes c, zero point z, scales d and minima m of the weights and
 * q = 256·high + low, a of the activations:
 *
 *   Σ w·x = Σ over blocks  d · a · (256 · Σ c·high + Σ c·low − z·Σ q)  +  m · a · Σ q
 *
 * The bracket is exact: sums of low begin at −z·Σ q, which costs one shift as every z is a power of
 * two. Where a block is coarse for all tokens of a tile, so that low is zero, that product is left out:
 * the bracket is 256 times a number of at most 24 bits, which floats hold exactly either way. An output
 * is the same sum in the same order for any number of tokens, and on every instruction set.
 */
#include "activations.h"
#include "decode_avx512.h"
#include "matmul_entry.h"

enum {
  TILES = 3,             /* tiles of activations that pass together: 12 sums, 8 codes, 8 dots … of 32 registers */
  TOKENS = TILES * TILE,
  PASS = 10 * TOKENS,    /* tokens whose activations stay in L2 while all groups pass over them */
  AHEAD = 4096           /* bytes to prefetch ahead of the stream of weights */
};

/* ---- products of one decoded block with one tile of T tokens ---- */

INLINE __m512i broadcast4(const void *p) {
  int32_t v;
  memcpy(&v, p, 4);
  return _mm512_set1_epi32(v);
}

/* dots[t] += Σ code · q over columns 4·from … 4·to of the block, with one half of q. */
INLINE void dot(int T, __m512i *dots, const struct block *w, const int8_t *q, int from, int to) {
  UNROLL for (int k4 = from; k4 < to; k4++) {
    UNROLL for (int t = 0; t < T; t++) {
      dots[t] = _mm512_dpbusd_epi32(dots[t], w->w[k4], broadcast4(q + t * 32 + k4 * 4));
    }
  }
}

/* −zero · Σ q, what a sum of products with that zero point begins with; of a coarse block, less 8 bits. */
INLINE __m512i begin(int type, int fine, const int32_t *minus) {
  const int bits = zero_bits(type);
  return bits == 0 ? _mm512_setzero_si512()
         : fine    ? _mm512_slli_epi32(_mm512_set1_epi32(*minus), bits)
                   : _mm512_srai_epi32(_mm512_set1_epi32(*minus), 8 - bits);
}

/*
 * dots[t] = Σ (code − zero) · q over columns 4·from … 4·to of block b, of a coarse one less 8 bits; `sum`
 * says which of the sums of columns that is. The two halves of q side by side: their chains of
 * additions hide each other's latency.
 */
INLINE void dot_block(int type, int fine, int T, __m512i *dots, const struct block *w, const struct tile *x,
                      int64_t b, int from, int to, int sum) {
  const int8_t *high = (const int8_t *) x->q + b * T * BLOCK_WORDS, *low = high + T * BLOCK_HALF;
  __m512i top[TILE];
  UNROLL for (int t = 0; t < T; t++) {
    top[t] = _mm512_setzero_si512();
    dots[t] = begin(type, fine, x->minus + (b * T + t) * 3 + sum);
  }
  if (!fine) {
    dot(T, dots, w, high, from, to);
    return;
  }
  dot(T, top, w, high, from, to);
  dot(T, dots, w, low, from, to);
  UNROLL for (int t = 0; t < T; t++) {
    dots[t] = _mm512_add_epi32(_mm512_slli_epi32(top[t], 8), dots[t]);
  }
}

/* What 256 stands for that dot_block leaves out. */
INLINE __m512 whole(int fine, __m512 d) {
  return fine ? d : _mm512_mul_ps(d, _mm512_set1_ps(256.0f));
}

/* sums[t] += w · x over block b, which has one scale a row. */
INLINE void add_block(int type, int fine, int T, __m512 *sums, const struct block *w, const struct tile *x,
                      int64_t b) {
  const __m512 d = whole(fine, w->d);
  __m512i dots[TILE];
  dot_block(type, fine, T, dots, w, x, b, 0, 8, 0);
  UNROLL for (int t = 0; t < T; t++) {
    const __m512 scaled = _mm512_mul_ps(d, _mm512_set1_ps(x->scale[b * T + t]));
    sums[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[t]), scaled, sums[t]);
    if (has_minimum(type)) {
      sums[t] = _mm512_fmadd_ps(w->m, _mm512_set1_ps(x->sum[b * T + t]), sums[t]);
    }
  }
}

/* The same with a scale for each 16 columns. */
INLINE void add_sixteenths(int type, int fine, int T, __m512 *sums, const struct block *w,
                           const struct tile *x, int64_t b) {
  UNROLL for (int half = 0; half < 2; half++) {
    const __m512 d = whole(fine, half == 0 ? w->d : w->last);
    __m512i dots[TILE];
    dot_block(type, fine, T, dots, w, x, b, 4 * half, 4 * half + 4, 1 + half);
    UNROLL for (int t = 0; t < T; t++) {
      const __m512 scaled = _mm512_mul_ps(d, _mm512_set1_ps(x->scale[b * T + t]));
      sums[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dots[t]), scaled, sums[t]);
      if (has_minimum(type)) {
        const __m512 sum = _mm512_set1_ps(sum_of(x, b * T + t, 1 + half));
        sums[t] = _mm512_fmadd_ps(half == 0 ? w->m : w->m16, sum, sums[t]);
      }
    }
  }
}

/* sums[t] += w · x over block b. */
INLINE void add(int type, int fine, int T, __m512 *sums, const struct block *w, const struct tile *x,
                int64_t b) {
  if (has_sixteenths(type)) {
    add_sixteenths(type, fine, T, sums, w, x, b);
  } else {
    add_block(type, fine, T, sums, w, x, b);
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
        if (x[u].fine[first + i]) {
          add(type, 1, T / tiles, sums + u * TILE, &w, &x[u], first + i);
        } else {
          add(type, 0, T / tiles, sums + u * TILE, &w, &x[u], first + i);
        }
      }
    }
  }
  write_out(j, g, t, T, sums);
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

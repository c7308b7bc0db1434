/*
 * The plan of matrix products for instruction sets whose registers cannot hold a block (matmul_*.c,
 * which includes this last).
 *
 * A chunk of columns of a 16-row group is decoded once into a small panel that stays in L1; then the
 * tokens pass over it in tiles of 4. Lanes are weight rows: a product is a panel register times an
 * activation, so nothing is ever summed across lanes. Integer sums are exact; the float sums of an
 * output run over the blocks of 32 columns in order, for any number of tokens. So a token's result
 * does not depend on its batch.
 *
 * Before it the includer has simd_*.h, decode.h, the number CHUNK of blocks in a panel, and
 *
 *   dot_columns(type, T, sums, block, d, m, x, b, from, to)
 *
 * which adds to sums[t][r] the products of columns 4·from … 4·to of a block, where rows have scale d and
 * minimum m, with block b of T tokens.
 */
#include "matmul_entry.h"

enum {
  SHORT_CHUNK = 4, /* for few tokens: decoding and multiplying overlap better */
  FEW_TOKENS = 8,
  TOKENS = 128,    /* tokens that pass over a panel before it is decoded anew */
  AHEAD = 4096     /* bytes to prefetch ahead: with 0 one thread reads 12, with 4096 17 GB/s of 19 */
};

/* ---- quantised weights ---- */

/* sums[t][r] += panel · x for T tokens; `first` is the number of the panel's first block. */
INLINE void dot_panel_T(int type, int T, float *sums, const struct block *panel,
                        const struct tile *x, int64_t first, int n) {
  for (int i = 0; i < n; i++) {
    const struct block *w = panel + i;
    if (has_sixteenths(type)) {
      dot_columns(type, T, sums, w, w->d, w->m, x, first + i, 0, 4);
      dot_columns(type, T, sums, w, w->last, w->m16, x, first + i, 4, 8);
    } else {
      dot_columns(type, T, sums, w, w->d, w->m, x, first + i, 0, 8);
    }
  }
}

INLINE void dot_panel(int type, int tokens, float *sums, const struct block *panel,
                      const struct tile *x, int64_t first, int n) {
  switch (tokens) {
    case 4: dot_panel_T(type, 4, sums, panel, x, first, n); break;
    case 3: dot_panel_T(type, 3, sums, panel, x, first, n); break;
    case 2: dot_panel_T(type, 2, sums, panel, x, first, n); break;
    default: dot_panel_T(type, 1, sums, panel, x, first, n); break;
  }
}

/* Beyond the matrix's end it fetches what follows, or nothing: prefetches do not fault. */
INLINE void prefetch(const uint8_t *p, int bytes) {
  for (int i = 0; i < bytes; i += 64) {
    __builtin_prefetch(p + i);
  }
}

/* sums[t][r] for one group of quantised weights and tokens [from, to). */
INLINE void group_quantised(int type, const uint8_t *group, int64_t cols,
                            const struct activations *a, int64_t tokens, int64_t from, int64_t to,
                            float *sums) {
  struct block panel[CHUNK];
  const int64_t blocks = cols / BLOCK_COLS;
  const int per_span = span_cols(type) / BLOCK_COLS;
  const int chunk = to - from <= FEW_TOKENS ? SHORT_CHUNK : CHUNK;
  for (int64_t first = 0; first < blocks; first += chunk) {
    const int n = (int) least(chunk, blocks - first);
    for (int i = 0; i < n; i++) {
      const uint8_t *span = group + (first + i) / per_span * span_bytes(type);
      const uint8_t *at = span + span_head(type) + (first + i) % per_span * block_bytes(type);
      prefetch(at + AHEAD, block_bytes(type));
      decode(type, panel + i, span, at);
    }
    for (int64_t t = from; t < to; t += TILE) {
      const struct tile x = tile_at(a, t, cols);
      dot_panel(type, (int) least(TILE, tokens - t), sums + (t - from) * GROUP_ROWS, panel, &x,
                first, n);
    }
  }
}

/* ---- float weights ---- */

/* Eight rows of one column as float32. */
INLINE f32x8 load_floats(int type, const uint8_t *at) {
  switch (type) {
    case F16: return v_load_f16((const uint16_t *) at);
    case BF16: return v_load_bf16((const uint16_t *) at);
    default: return v_load((const float *) at);
  }
}

/* sums[t][r] += w[k][r] · x[t][k] over n columns, for T tokens. */
INLINE void dot_floats(int T, float *sums, const float *w, const float *x, int64_t cols, int n) {
  f32x8 acc[TILE][2];
  UNROLL for (int t = 0; t < T; t++) {
    acc[t][0] = v_load(sums + t * GROUP_ROWS);
    acc[t][1] = v_load(sums + t * GROUP_ROWS + 8);
  }
  for (int k = 0; k < n; k++) {
    UNROLL for (int t = 0; t < T; t++) {
      const f32x8 a = v_set(x[t * cols + k]);
      acc[t][0] = v_fma(v_load(w + k * GROUP_ROWS), a, acc[t][0]);
      acc[t][1] = v_fma(v_load(w + k * GROUP_ROWS + 8), a, acc[t][1]);
    }
  }
  UNROLL for (int t = 0; t < T; t++) {
    v_store(sums + t * GROUP_ROWS, acc[t][0]);
    v_store(sums + t * GROUP_ROWS + 8, acc[t][1]);
  }
}

/* sums[t][r] for one group of float weights and tokens [from, to) of x[tokens][cols]. */
INLINE void group_floats(int type, const uint8_t *group, int64_t cols, const float *x, int64_t from,
                         int64_t to, float *sums) {
  enum { COLS = 128 };
  float panel[COLS * GROUP_ROWS] __attribute__((aligned(64)));
  for (int64_t first = 0; first < cols; first += COLS) {
    const int n = (int) least(COLS, cols - first);
    for (int k = 0; k < n; k++) {
      const uint8_t *column = group + (first + k) * block_bytes(type);
      v_store(panel + k * GROUP_ROWS, load_floats(type, column));
      v_store(panel + k * GROUP_ROWS + 8, load_floats(type, column + block_bytes(type) / 2));
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

/* ---- groups ---- */

/* Copies the sums of tokens [0, n) to out, `rows` of the group's 16. */
static void write_out(float *out, int64_t out_stride, const float *sums, int64_t n, int64_t rows) {
  for (int64_t t = 0; t < n; t++) {
    if (rows == GROUP_ROWS) {
      v_store(out + t * out_stride, v_load(sums + t * GROUP_ROWS));
      v_store(out + t * out_stride + 8, v_load(sums + t * GROUP_ROWS + 8));
    } else {
      memcpy(out + t * out_stride, sums + t * GROUP_ROWS, (size_t) rows * sizeof(float));
    }
  }
}

INLINE void matmul(int type, const struct job *j) {
  float sums[TOKENS * GROUP_ROWS] __attribute__((aligned(64)));
  const int floats = is_float(type);
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

/*
 * Quantises activations (layout in activations.h), for any instruction set. Before it the includer
 * has simd_*.h and
 *
 *   round_block(to, next, x, inverse, sums)   32 columns of x, each times `inverse` and rounded to the
 *                                             nearest, ties to even, to where its products want them:
 *                                             bytes at `to` (high) and to + next (low), or words at
 *                                             `to`; and the sums of columns 0-15 and 16-31
 *   WORDS                                     whether they are words
 */
#include "krafla.h"

/* Largest |x| of a token. Four maxima side by side, because each waits for the one before. */
INLINE float largest(const float *x, int64_t cols) {
  vec max[4] = {v_zero(), v_zero(), v_zero(), v_zero()};
  for (int64_t k = 0; k < cols; k += 32) {
    UNROLL for (int i = 0; i < 32 / LANES; i++) {
      max[i] = v_max(max[i], v_abs(v_load(x + k + LANES * i)));
    }
  }
  return v_max_lane(v_max(v_max(max[0], max[1]), v_max(max[2], max[3])));
}

/* Quantises token t + i of the tile that begins with token t and has room for `width`. */
INLINE void quantize_token(const struct activations *a, const float *x, int64_t cols, int64_t t, int64_t i,
                           int64_t width) {
  const int64_t blocks = cols / 32;
  const float max = largest(x, cols);
  /* a token so faint that 1/scale would overflow counts as zero */
  const float inverse = max > 1e-30f ? STEPS / max : 0.0f;
  a->scale[t + i] = max / STEPS;
  for (int64_t b = 0; b < blocks; b++) {
    const int64_t block = t * blocks + b * width;
    int32_t sums[2];
    round_block(a->q + block * BLOCK_WORDS + i * (WORDS ? BLOCK_WORDS : BLOCK_HALF), width * BLOCK_HALF,
                x + b * 32, inverse, sums);
    a->sum[block + i] = (float) (sums[0] + sums[1]);
    a->minus[3 * (block + i)] = -(sums[0] + sums[1]);
    a->minus[3 * (block + i) + 1] = -sums[0];
    a->minus[3 * (block + i) + 2] = -sums[1];
  }
}

/*
 * Quantises rows [from, to) of x, float32 [rows][cols], into `act`. cols is a multiple of 32; `from`
 * is a multiple of 4, `to` too or equal to rows.
 */
INLINE void quantize_tiles(uint8_t *act, const float *x, int64_t rows, int64_t cols, int64_t from,
                           int64_t to) {
  const struct activations a = activations_in(act, rows, cols);
  for (int64_t t = from; t < to; t += TILE) {
    const int64_t tokens = rows - t < TILE ? rows - t : TILE;
    for (int64_t i = 0; i < tokens; i++) {
      quantize_token(&a, x + (t + i) * cols, cols, t, i, tokens);
    }
  }
}

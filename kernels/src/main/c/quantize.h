/*
 * Quantises activations (layout in activations.h), for any instruction set. Before it the includer
 * has simd_*.h and
 *
 *   round_block(to, next, x, r, sums)   32 columns of x, each times r.inverse, rounded to the nearest,
 *                                       ties to even, and shifted left by r.shift, to where its products
 *                                       want them: bytes at `to` (high) and to + next (low), or words
 *                                       at `to`; and the sums of columns 0-15 and 16-31
 *   WORDS                               whether they are words
 */
#include "krafla.h"

/* Largest |x| of a block. */
INLINE float largest(const float *x) {
  vec max = v_abs(v_load(x));
  UNROLL for (int i = 1; i < 32 / LANES; i++) {
    max = v_max(max, v_abs(v_load(x + LANES * i)));
  }
  return v_max_lane(max);
}

/* How a block is rounded whose largest |x| is max. */
INLINE struct rounding rounding_of(float max, int fine) {
  const float steps = fine ? STEPS : COARSE_STEPS;
  /* one so faint that 1/scale could overflow, or scale lose bits, counts as zero */
  return (struct rounding){max > 1e-20f ? steps / max : 0.0f,
                           max / (fine ? (float) STEPS : 256.0f * COARSE_STEPS), fine ? 0 : 8};
}

/* Quantises token t + i of the tile that begins with token t and has room for `width`. */
INLINE void quantize_token(const struct activations *a, const float *x, int64_t cols, int64_t t, int64_t i,
                           int64_t width, int32_t precision) {
  const int64_t blocks = cols / 32;
  float total = 0;
  for (int64_t b = 0; b < blocks; b++) {
    const float max = largest(x + b * 32);
    a->scale[t * blocks + b * width + i] = max; /* until the mean is known */
    total += max;
  }
  const float coarse_to = precision == PRECISION_MIXED ? FINE_FROM * total / (float) blocks : 0;
  for (int64_t b = 0; b < blocks; b++) {
    const int64_t block = t * blocks + b * width;
    const float max = a->scale[block + i];
    const int fine = max > coarse_to;
    const struct rounding r = rounding_of(max, fine);
    int32_t sums[2];
    round_block(a->q + block * BLOCK_WORDS + i * (WORDS ? BLOCK_WORDS : BLOCK_HALF), width * BLOCK_HALF,
                x + b * 32, r, sums);
    a->scale[block + i] = r.scale;
    a->sum[block + i] = (float) (sums[0] + sums[1]) * r.scale;
    a->minus[3 * (block + i)] = -(sums[0] + sums[1]);
    a->minus[3 * (block + i) + 1] = -sums[0];
    a->minus[3 * (block + i) + 2] = -sums[1];
    a->fine[t * blocks + b] = (uint8_t) (fine || (i > 0 && a->fine[t * blocks + b]));
  }
}

/*
 * Quantises rows [from, to) of x, float32 [rows][cols], into `act`. cols is a multiple of 32; `from`
 * is a multiple of 4, `to` too or equal to rows.
 */
INLINE void quantize_tiles(uint8_t *act, const float *x, int64_t rows, int64_t cols, int64_t from,
                           int64_t to, int32_t precision) {
  const struct activations a = activations_in(act, rows, cols);
  for (int64_t t = from; t < to; t += TILE) {
    const int64_t tokens = rows - t < TILE ? rows - t : TILE;
    for (int64_t i = 0; i < tokens; i++) {
      quantize_token(&a, x + (t + i) * cols, cols, t, i, tokens, precision);
    }
  }
}

/*
 * Quantises activations (layout in activations.h), for any instruction set. Before it the includer
 * has simd_*.h and, of the 32 columns in x, each times `inverse` and rounded to the nearest, ties to
 * even:
 *
 *   round_i8(to, x, inverse, sums)   as int8 to to[32], and the sums of columns 0-15 and 16-31
 *   round_i16(to, x, inverse)        as int16 to to[32]
 */
#include "krafla.h"

/* A block so faint that 1/scale would overflow counts as zero. */
static inline f32x8 inverse_of(float max, float steps) {
  return v_set(max > 1e-30f ? steps / max : 0.0f);
}

/* Quantises one block of one token; i is its number within the sections. */
static inline void quantize_block(const struct activations *a, const float *x, int64_t i,
                                  int precisions) {
  const f32x8 v[4] = {v_load(x), v_load(x + 8), v_load(x + 16), v_load(x + 24)};
  const float max = v_max_lane(v_max(v_max(v_abs(v[0]), v_abs(v[1])), v_max(v_abs(v[2]), v_abs(v[3]))));
  if (precisions & PRECISION_INT8) {
    int sums[2];
    round_i8(a->q8 + i * 32, v, inverse_of(max, 127), sums);
    a->scale8[i] = max / 127;
    a->sum[i] = max / 127 * (float) (sums[0] + sums[1]);
    a->sums16[2 * i] = (int16_t) sums[0];
    a->sums16[2 * i + 1] = (int16_t) sums[1];
  }
  if (precisions & PRECISION_INT16) {
    round_i16(a->q16 + i * 32, v, inverse_of(max, 32767));
    a->scale16[i] = max / 32767;
  }
}

/*
 * Quantises rows [from, to) of x, float32 [rows][cols], into `act`. cols is a multiple of 32; `from`
 * is a multiple of 4, `to` too or equal to rows. `precisions`: 1 for int8, 2 for int16, 3 for both.
 */
KRAFLA_EXPORT void KERNEL(quantize)(uint8_t *act, const float *x, int64_t rows, int64_t cols,
                                    int64_t from, int64_t to, int32_t precisions) {
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

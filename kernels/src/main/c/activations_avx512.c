/* Quantises activations for matmul_avx512.c: the int8 sections of activations.h. */
#include "quantize_avx512.h"

KRAFLA_EXPORT void KERNEL(quantize)(uint8_t *act, const float *x, int64_t rows, int64_t cols,
                                    int64_t from, int64_t to, int32_t precisions) {
  (void) precisions; /* int8 is the only one that this instruction set multiplies */
  const struct activations a = activations_in(act, rows, cols);
  for (int64_t t = from; t < to; t += TILE) {
    const int64_t tokens = rows - t < TILE ? rows - t : TILE;
    quantize_tile(&a, x, cols, t, tokens, tokens);
  }
}

/* Quantises activations for matmul_avx512.c. */
#include "quantize_avx512.h"

KRAFLA_EXPORT void KERNEL(quantize)(uint8_t *act, const float *x, int64_t rows, int64_t cols,
                                    int64_t from, int64_t to, int32_t precision) {
  quantize_tiles(act, x, rows, cols, from, to, precision);
}

/* Prepares activations for matmul_amx.c (int8) and matmul_bf16_amx.c: layout in activations.h. */
#include "quantize_avx512.h"
#include "tiles.h"

KRAFLA_EXPORT void krafla_quantize_avx512(uint8_t *act, const float *x, int64_t rows, int64_t cols,
                                          int64_t from, int64_t to, int32_t precision);

/* Makes tokens [from, 16) of the tile that begins with token t zeros. */
static void clear_tokens(const struct activations *a, int64_t cols, int64_t t, int64_t from) {
  const int64_t blocks = cols / 32, n = AMX_TILE - from;
  for (int64_t b = 0; b < blocks; b++) {
    const int64_t block = t * blocks + b * AMX_TILE;
    uint8_t *high = a->q + block * BLOCK_WORDS + from * BLOCK_HALF;
    memset(high, 0, (size_t) n * BLOCK_HALF);
    memset(high + AMX_TILE * BLOCK_HALF, 0, (size_t) n * BLOCK_HALF);
    memset(a->scale + block + from, 0, (size_t) n * sizeof(float));
    memset(a->sum + block + from, 0, (size_t) n * sizeof(float));
    memset(a->minus + (block + from) * 3, 0, (size_t) n * 3 * sizeof(int32_t));
  }
}

static void quantize_integers(uint8_t *act, const struct activations *a, const float *x, int64_t rows,
                              int64_t cols, int64_t from, int64_t to, int32_t precision) {
  const int64_t tiled = tokens_in_amx_tiles(rows);
  for (int64_t t = from; t < to; t += AMX_TILE) {
    const int64_t tokens = rows - t < AMX_TILE ? rows - t : AMX_TILE;
    if (t >= tiled) {
      krafla_quantize_avx512(act, x, rows, cols, t, rows, precision);
      continue;
    }
    for (int64_t i = 0; i < tokens; i++) {
      quantize_token(a, x + (t + i) * cols, cols, t, i, AMX_TILE, precision);
    }
    clear_tokens(a, cols, t, tokens);
  }
}

/* One tile of 16 tokens, of which there are `tokens`. */
static void round_to_bf16(const struct activations *a, const float *x, int64_t cols, int64_t t,
                          int64_t tokens) {
  uint16_t *tile = (uint16_t *) a->q + t * cols;
  for (int64_t b = 0; b < cols / 32; b++) {
    for (int64_t i = 0; i < AMX_TILE; i++) {
      const float *from = x + (t + i) * cols + b * 32;
      __m512i v = _mm512_setzero_si512();
      if (i < tokens) {
        v = (__m512i) _mm512_cvtne2ps_pbh(_mm512_loadu_ps(from + 16), _mm512_loadu_ps(from));
      }
      _mm512_storeu_si512(tile + (b * AMX_TILE + i) * 32, v);
    }
  }
}

/* As quantize.h has it, but `from` is a multiple of 16, `to` too or equal to rows. */
KRAFLA_EXPORT void KERNEL(quantize)(uint8_t *act, const float *x, int64_t rows, int64_t cols,
                                    int64_t from, int64_t to, int32_t precision) {
  const struct activations a = activations_in(act, rows, cols);
  if (precision != PRECISION_BF16) {
    quantize_integers(act, &a, x, rows, cols, from, to, precision);
    return;
  }
  for (int64_t t = from; t < to; t += AMX_TILE) {
    round_to_bf16(&a, x, cols, t, rows - t < AMX_TILE ? rows - t : AMX_TILE);
  }
}

/*
 * Quantised activations: what quantize.h and activations_avx512.c write and matmul_*.c
 * read, in one buffer.
 *
 * Tokens go in tiles of 4 (the last tile has the 1 to 3 that are left), columns in blocks of 32. A
 * tile's data is contiguous, block by block, so that a kernel walks it with one pointer. In every
 * section tile t begins after the data of tokens 0 … 4t−1; with T tokens in the tile:
 *
 *   q8       int8[block][T][32]    x ≈ q8 · scale8, |q8| ≤ 127, scale8 = max|x| / 127 over the block
 *   q16      int16[block][T][32]   x ≈ q16 · scale16, |q16| ≤ 32767; for weights that are multiplied in
 *                                  16 bits anyway (Q8_0), where the finer steps are free
 *   scale8   float[block][T]
 *   scale16  float[block][T]
 *   sum      float[block][T]       scale8 · Σ q8: what a weight's zero point or minimum multiplies
 *   sums16   int16[block][T][2]    Σ q8 of the first and of the last 16 columns
 *   minus    int32[block][T][3]    −Σ q8 of all, of the first and of the last 16 columns
 *
 * An instruction set writes those sections that its products read.
 *
 * AMX takes tiles of 16 tokens first, as many as are full; 9 to 15 tokens that are left have one
 * too, filled up with zeros, and 1 to 8 have tiles of 4 as above. For bfloat16 products all tokens
 * are in tiles of 16, the last filled up:
 *
 *   bf16     bfloat16[block][16][32]  x, in the place of q16
 */
#ifndef KRAFLA_ACTIVATIONS_H
#define KRAFLA_ACTIVATIONS_H

#include <stdint.h>

enum {
  TILE = 4,
  AMX_TILE = 16,
  AMX_LEAST = 9, /* tokens from which a padded tile of 16 beats tiles of 4 without AMX */
  PRECISION_INT8 = 1,
  PRECISION_INT16 = 2,
  PRECISION_BF16 = 4
};

struct activations {
  int8_t *q8;
  int16_t *q16; /* or bfloat16 */
  float *scale8, *scale16, *sum;
  int16_t *sums16;
  int32_t *minus;
  int64_t bytes;
};

/* Sections have room for whole tiles of AMX, so that where they lie is the same for all. */
static inline struct activations activations_in(uint8_t *buffer, int64_t rows, int64_t cols) {
  const int64_t room = (rows + AMX_TILE - 1) / AMX_TILE * AMX_TILE;
  const int64_t elements = room * cols, blocks = elements / 32;
  struct activations a;
  a.q16 = (int16_t *) buffer;
  a.q8 = (int8_t *) (a.q16 + elements);
  a.scale8 = (float *) (a.q8 + elements);
  a.scale16 = a.scale8 + blocks;
  a.sum = a.scale16 + blocks;
  a.sums16 = (int16_t *) (a.sum + blocks);
  a.minus = (int32_t *) (a.sums16 + 2 * blocks);
  a.bytes = (uint8_t *) (a.minus + 3 * blocks) - buffer;
  return a;
}

/* What one tile's data begins with, section by section. */
struct tile {
  const int8_t *q8;
  const int16_t *q16, *sums16;
  const float *scale8, *scale16, *sum;
  const int32_t *minus;
};

/* Tokens in tiles of 16, those that fill up the last included; the others are in tiles of 4. */
static inline int64_t tokens_in_amx_tiles(int64_t tokens) {
  const int64_t left = tokens % AMX_TILE;
  return left >= AMX_LEAST ? tokens - left + AMX_TILE : tokens - left;
}

/* Tile that begins with token t. */
static inline struct tile tile_at(const struct activations *a, int64_t t, int64_t cols) {
  const int64_t at = t * (cols / 32);
  return (struct tile){a->q8 + at * 32, a->q16 + at * 32, a->sums16 + at * 2, a->scale8 + at,
                       a->scale16 + at, a->sum + at,      a->minus + at * 3};
}

#endif

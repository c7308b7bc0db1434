/*
 * Quantised activations: what quantize.h writes and matmul_*.c reads, in one buffer.
 *
 * A token is rounded to integers of 16 bits with one scale: x ≈ q · scale, scale = max|x| / STEPS.
 * Eight bits are not enough: against float activations they change the likeliest token of 3 to 4 in
 * 100 positions of a small model, these of 3 in 1000 (docs/CORRECTNESS.md). Where products take bytes,
 * q is two of them, q = 256 · high + low, and the products of the two are added exactly.
 *
 * Tokens go in tiles of 4 (the last tile has the 1 to 3 that are left), columns in blocks of 32. A
 * tile's data is contiguous, block by block, so that a kernel walks it with one pointer. In every
 * section tile t begins after the data of tokens 0 … 4t−1; with T tokens in the tile:
 *
 *   q        2 bytes an element, of q or x, in the form that an instruction set multiplies:
 *            int8[block][2][T][32]   q's high bytes of T tokens, then its low bytes, both signed
 *            int16[block][T][32]     q, of every four columns first the even ones (AVX2)
 *   scale    float[T]
 *   sum      float[block][T]         Σ q: what a weight's minimum multiplies
 *   minus    int32[block][T][3]      −Σ q of all, of the first and of the last 16 columns
 *
 * AMX takes tiles of 16 tokens first, as many as are full; 9 to 15 tokens that are left have one
 * too, filled up with zeros, and 1 to 8 have tiles of 4 as above. For bfloat16 products all tokens
 * are in tiles of 16, the last filled up, and there is only
 *
 *   q        bfloat16[block][16][32]  x
 */
#ifndef KRAFLA_ACTIVATIONS_H
#define KRAFLA_ACTIVATIONS_H

#include <stdint.h>

enum {
  TILE = 4,
  AMX_TILE = 16,
  AMX_LEAST = 9, /* tokens from which a padded tile of 16 beats tiles of 4 without AMX */
  STEPS = 32639, /* 256 · 127 + 127: the largest q with a high byte of at most 127 */
  PRECISION_INT16 = 1,
  PRECISION_BF16 = 2
};

struct activations {
  uint8_t *q;
  float *scale, *sum;
  int32_t *minus;
  int64_t bytes;
};

/* Sections have room for whole tiles of AMX, so that where they lie is the same for all. */
static inline struct activations activations_in(uint8_t *buffer, int64_t rows, int64_t cols) {
  const int64_t room = (rows + AMX_TILE - 1) / AMX_TILE * AMX_TILE;
  const int64_t elements = room * cols, blocks = elements / 32;
  struct activations a;
  a.q = buffer;
  a.scale = (float *) (a.q + 2 * elements);
  a.sum = a.scale + room;
  a.minus = (int32_t *) (a.sum + blocks);
  a.bytes = (uint8_t *) (a.minus + 3 * blocks) - buffer;
  return a;
}

/* What one tile's data begins with, section by section. */
struct tile {
  const uint8_t *q;
  const float *scale, *sum;
  const int32_t *minus;
};

/* Bytes of a token's 32 columns: of their high or low halves, and of both. */
enum { BLOCK_HALF = 32, BLOCK_WORDS = 64 };

/* Tokens in tiles of 16, those that fill up the last included; the others are in tiles of 4. */
static inline int64_t tokens_in_amx_tiles(int64_t tokens) {
  const int64_t left = tokens % AMX_TILE;
  return left >= AMX_LEAST ? tokens - left + AMX_TILE : tokens - left;
}

/* Tile that begins with token t. */
static inline struct tile tile_at(const struct activations *a, int64_t t, int64_t cols) {
  const int64_t at = t * (cols / 32);
  return (struct tile){a->q + at * BLOCK_WORDS, a->scale + t, a->sum + at, a->minus + at * 3};
}

#endif

/*
 * Quantised activations: what quantize.h writes and matmul_*.c reads, in one buffer.
 *
 * A block of 32 columns of a token is rounded to integers with one scale, x ≈ q · scale:
 *
 *   fine    q of 16 bits,             scale = max|x| / STEPS
 *   coarse  q = 256 · (8 bits),       scale = max|x| / (256 · COARSE_STEPS)
 *
 * With eight bits everywhere the likeliest token of 3 to 4 in 100 positions of a small model changes
 * against float activations, with 16 that of 2 in 1000 (docs/CORRECTNESS.md). PRECISION_INT16 makes
 * every block fine, PRECISION_MIXED only those whose largest |x| is above FINE_FROM times the mean of
 * the token's blocks: a tenth of them, in which most of the error would be. Where products take bytes,
 * q is two of them, q = 256 · high + low, and the products of the two are added exactly; a coarse block
 * needs no product with its low ones, which are zero.
 *
 * Tokens go in tiles of 4 (the last tile has the 1 to 3 that are left), columns in blocks of 32. A
 * tile's data is contiguous, block by block, so that a kernel walks it with one pointer. In every
 * section tile t begins after the data of tokens 0 … 4t−1; with T tokens in the tile:
 *
 *   q        2 bytes an element, of q or x, in the form that an instruction set multiplies:
 *            int8[block][2][T][32]   q's high bytes of T tokens, then its low bytes, both signed
 *            int16[block][T][32]     q, of every four columns first the even ones (AVX2)
 *   scale    float[block][T]
 *   sum      float[block][T]         scale · Σ q: what a weight's minimum multiplies
 *   minus    int32[block][T][3]      −Σ q of all, of the first and of the last 16 columns
 *   fine     uint8[block]            whether the block is fine for any of the T tokens
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
  COARSE_STEPS = 127,
  PRECISION_INT16 = 1,
  PRECISION_BF16 = 2,
  PRECISION_MIXED = 3
};

/* A tenth of SmolLM2's blocks are fine by it, and the KL of 8 bits falls to a fifth (docs/CORRECTNESS.md). */
#define FINE_FROM 1.5f

struct activations {
  uint8_t *q;
  float *scale, *sum;
  int32_t *minus;
  uint8_t *fine;
  int64_t bytes;
};

/* Sections have room for whole tiles of AMX, so that where they lie is the same for all. */
static inline struct activations activations_in(uint8_t *buffer, int64_t rows, int64_t cols) {
  const int64_t room = (rows + AMX_TILE - 1) / AMX_TILE * AMX_TILE;
  const int64_t elements = room * cols, blocks = elements / 32;
  struct activations a;
  a.q = buffer;
  a.scale = (float *) (a.q + 2 * elements);
  a.sum = a.scale + blocks;
  a.minus = (int32_t *) (a.sum + blocks);
  a.fine = (uint8_t *) (a.minus + 3 * blocks);
  a.bytes = a.fine + blocks - buffer;
  return a;
}

/* How a block of a token is rounded: q = round(x · inverse) · 2^shift. */
struct rounding {
  float inverse, scale;
  int shift;
};

/* What one tile's data begins with, section by section. */
struct tile {
  const uint8_t *q;
  const float *scale, *sum;
  const int32_t *minus;
  const uint8_t *fine;
};

/* scale · Σ q of a block of a token: of all its columns (0), of the first (1) or of the last 16 (2). */
static inline float sum_of(const struct tile *x, int64_t block, int part) {
  return part == 0 ? x->sum[block] : (float) -x->minus[block * 3 + part] * x->scale[block];
}

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
  return (struct tile){a->q + at * BLOCK_WORDS, a->scale + at, a->sum + at, a->minus + at * 3, a->fine + at};
}

#endif

/*
 * AMX tiles, for kernels that are AVX-512 otherwise: eight registers of up to 16 rows × 64 bytes,
 * palette 1 of Intel's manual. A product is C[m][n] += A[m][k] · B[k][n], where an element of k is
 * four int8 or two bfloat16 and B has them as packed.h does: [k][n][4] or [k][n][2].
 *
 * A kernel begins with tiles_begin and ends with tile_release: nobody else's calls then save or
 * restore 8 KiB of tiles. cpu.c has asked for permission; without it the first of these is SIGILL.
 *
 * gcc does not tell its optimiser that these instructions read memory: it dropped stores to a
 * configuration on the stack (gcc 12), and might to what a tile is loaded from. So configurations are
 * constants, and every load has a barrier before it.
 */
#ifndef KRAFLA_TILES_H
#define KRAFLA_TILES_H

#include "simd_avx512.h"

#undef KERNEL
#define KERNEL(name) krafla_##name##_amx

/* What LDTILECFG reads. */
struct tile_shapes {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} __attribute__((aligned(64)));

/*
 * Tiles 0 to 3 are sums: 16 tokens × 16 weight rows of 4 bytes. 4 and 5 are activations: 16 tokens ×
 * n bytes of columns. 6 and 7 are weights: n/4 of their rows of 64 bytes.
 */
#define TILE_SHAPES(n)                                                               \
  {                                                                                  \
    .palette = 1, .row_bytes = {64, 64, 64, 64, (n), (n), 64, 64}, .rows = {         \
      16, 16, 16, 16, 16, 16, (n) / 4, (n) / 4                                       \
    }                                                                                \
  }

enum { SUM_ELEMENTS = 256 }; /* of a tile of sums */

static inline void tiles_begin(const struct tile_shapes *shapes) {
  _tile_loadconfig(shapes);
}

/* Macros, because a tile's number is part of the instruction. Strides are in bytes. */
#define tile_load(tile, from, stride)                     \
  do {                                                    \
    __asm__ volatile("" ::: "memory");                    \
    _tile_loadd(tile, (const void *) (from), (stride));   \
  } while (0)
#define tile_store(tile, to, stride) _tile_stored(tile, (void *) (to), (stride))
#define tile_zero(tile) _tile_zero(tile)
#define tile_dot_int8(sums, activations, weights) _tile_dpbssd(sums, activations, weights)
#define tile_dot_bf16(sums, activations, weights) _tile_dpbf16ps(sums, activations, weights)
#define tile_release() _tile_release()

#endif

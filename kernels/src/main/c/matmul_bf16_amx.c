/*
 * Matrix products on AMX with bfloat16 tiles, for many tokens (64 and more pay for it).
 *
 * Weights are decoded, scaled and rounded to bfloat16 a panel at a time, and activations are bfloat16
 * too: with the scales inside the weights, tiles of float32 sums run over all columns of a panel, and
 * decoding costs the same for 64 tokens as for 512. 2 × 2 tiles of sums (32 tokens × 32 weight rows)
 * take four loads for four products. Relative RMS error 0.22 %, and
 * |error| ≤ 2^-7 · Σ |w·x|, from two roundings to 8 bits.
 *
 * An output is the same sum in the same order whatever the ranges and the number of tokens, but not
 * the bits of the int8 products that fewer tokens get: a tier with this kernel is not batch-invariant.
 */
#include "activations.h"
#include "decode_avx512.h"
#include "matmul_job.h"
#include "tiles.h"

enum {
  PANEL_GROUPS = 16,   /* × 32 blocks of 1 KiB: 512 KiB, of an L2 of 2 MiB */
  PANEL_BLOCKS = 32,
  BLOCK_ELEMENTS = 512 /* a tile of weights or of activations: 32 columns × 16 */
};

static const struct tile_shapes shapes = TILE_SHAPES(64);

/* ---- weights to bfloat16 ---- */

/* bfloat16 [row][2] of two columns. */
INLINE __m512i pair_columns(__m512 even, __m512 odd) {
  const __m512i interleave =
      _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20,
                       4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(interleave, (__m512i) _mm512_cvtne2ps_pbh(odd, even));
}

/* Column i of four, as the weights are: d · code + offset. */
INLINE __m512 column(__m512i codes, int i, __m512 d, __m512 offset) {
  const __m512i code = _mm512_and_si512(_mm512_srli_epi32(codes, 8 * i), _mm512_set1_epi32(255));
  return _mm512_fmadd_ps(_mm512_cvtepi32_ps(code), d, offset);
}

/* One block of quantised weights as a tile: [pair of columns][row][2]. */
INLINE void round_block(int type, uint16_t *to, const uint8_t *span, const uint8_t *at) {
  const __m512 minus_zero = _mm512_set1_ps((float) -(1 << zero_bits(type)));
  struct block w;
  decode(type, &w, span, at);
  UNROLL for (int k4 = 0; k4 < 8; k4++) {
    const int is_last = has_sixteenths(type) && k4 >= 4;
    const __m512 d = is_last ? w.last : w.d;
    const __m512 offset = !has_minimum(type) ? _mm512_mul_ps(minus_zero, d) : is_last ? w.m16 : w.m;
    const __m512 c0 = column(w.w[k4], 0, d, offset), c1 = column(w.w[k4], 1, d, offset);
    const __m512 c2 = column(w.w[k4], 2, d, offset), c3 = column(w.w[k4], 3, d, offset);
    _mm512_storeu_si512(to + k4 * 64, pair_columns(c0, c1));
    _mm512_storeu_si512(to + k4 * 64 + 32, pair_columns(c2, c3));
  }
}

/* 32 columns of 16-bit floats as a tile. */
INLINE void round_floats(int type, uint16_t *to, const uint8_t *at) {
  UNROLL for (int k = 0; k < BLOCK_COLS; k += 2) {
    const __m512 even = decode_floats(type, at + k * block_bytes(type));
    const __m512 odd = decode_floats(type, at + (k + 1) * block_bytes(type));
    _mm512_storeu_si512(to + k * GROUP_ROWS, pair_columns(even, odd));
  }
}

/* Blocks [first, first + n) of one group as tiles. */
INLINE void round_group(int type, uint16_t *to, const uint8_t *group, int64_t first, int n) {
  const int per_span = span_cols(type) / BLOCK_COLS;
  for (int i = 0; i < n; i++) {
    if (is_float(type)) {
      round_floats(type, to + i * BLOCK_ELEMENTS, group + (first + i) * BLOCK_COLS * block_bytes(type));
    } else {
      const uint8_t *span = group + (first + i) / per_span * span_bytes(type);
      const uint8_t *at = span + span_head(type) + (first + i) % per_span * block_bytes(type);
      round_block(type, to + i * BLOCK_ELEMENTS, span, at);
    }
  }
}

static void round_any(int type, uint16_t *to, const uint8_t *group, int64_t first, int n) {
  switch (type) {
    case F16: round_group(F16, to, group, first, n); break;
    case BF16: round_group(BF16, to, group, first, n); break;
    case Q4_0: round_group(Q4_0, to, group, first, n); break;
    case Q4_1: round_group(Q4_1, to, group, first, n); break;
    case Q5_0: round_group(Q5_0, to, group, first, n); break;
    case Q5_1: round_group(Q5_1, to, group, first, n); break;
    case Q8_0: round_group(Q8_0, to, group, first, n); break;
    case MXFP4: round_group(MXFP4, to, group, first, n); break;
    case Q2_K: round_group(Q2_K, to, group, first, n); break;
    case Q3_K: case Q6_K: round_group(Q6_K, to, group, first, n); break; /* packed as such */
    case Q4_K: round_group(Q4_K, to, group, first, n); break;
    case Q5_K: round_group(Q5_K, to, group, first, n); break;
    default: break; /* Java lets only these through */
  }
}

/* ---- products ---- */

/* Tiles of activations or of weights: block i lies at i · BLOCK_ELEMENTS, its other 16 tokens or rows `next` on. */
struct tiles {
  const uint16_t *at;
  int64_t next;
};

/* sums[16·T][16·G] (of T tiles of tokens, G groups) = or, unless `fresh`, += x · w over n blocks. */
INLINE void add_tiles(int T, int G, int fresh, float *sums, int64_t stride, struct tiles x,
                      struct tiles w, int n) {
  const int64_t bytes = stride * (int64_t) sizeof(float);
  float *below = sums + 16 * stride;
  if (fresh) {
    tile_zero(0);
    tile_zero(1);
    tile_zero(2);
    tile_zero(3);
  } else {
    tile_load(0, sums, bytes);
    if (G == 2) { tile_load(1, sums + 16, bytes); }
    if (T == 2) { tile_load(2, below, bytes); }
    if (T == 2 && G == 2) { tile_load(3, below + 16, bytes); }
  }
  for (int i = 0; i < n; i++) {
    const uint16_t *xi = x.at + i * BLOCK_ELEMENTS, *wi = w.at + i * BLOCK_ELEMENTS;
    tile_load(4, xi, 64);
    tile_load(6, wi, 64);
    tile_dot_bf16(0, 4, 6);
    if (G == 2) {
      tile_load(7, wi + w.next, 64);
      tile_dot_bf16(1, 4, 7);
    }
    if (T == 2) {
      tile_load(5, xi + x.next, 64);
      tile_dot_bf16(2, 5, 6);
    }
    if (T == 2 && G == 2) {
      tile_dot_bf16(3, 5, 7);
    }
  }
  tile_store(0, sums, bytes);
  if (G == 2) { tile_store(1, sums + 16, bytes); }
  if (T == 2) { tile_store(2, below, bytes); }
  if (T == 2 && G == 2) { tile_store(3, below + 16, bytes); }
}

static void add_up(int T, int G, int fresh, float *sums, int64_t stride, struct tiles x, struct tiles w,
                   int n) {
  switch (2 * T + G) {
    case 6: add_tiles(2, 2, fresh, sums, stride, x, w, n); break;
    case 5: add_tiles(2, 1, fresh, sums, stride, x, w, n); break;
    case 4: add_tiles(1, 2, fresh, sums, stride, x, w, n); break;
    default: add_tiles(1, 1, fresh, sums, stride, x, w, n); break;
  }
}

/* Copies rows of up to 32 floats. */
static void copy(float *to, int64_t to_stride, const float *from, int64_t from_stride, int64_t tokens,
                 int64_t rows) {
  for (int64_t t = 0; t < tokens; t++) {
    for (int64_t r = 0; r < rows; r += 16) {
      const __mmask16 inside = rows - r >= 16 ? 0xffff : (__mmask16) ((1u << (rows - r)) - 1);
      _mm512_mask_storeu_ps(to + t * to_stride + r, inside,
                            _mm512_maskz_loadu_ps(inside, from + t * from_stride + r));
    }
  }
}

/* add_up to the output, in which there are only `tokens` tokens and `rows` weight rows. */
static void add_to_output(float *out, int64_t stride, int64_t tokens, int64_t rows, int fresh,
                          struct tiles x, struct tiles w, int n) {
  const int T = tokens > 16 ? 2 : 1, G = rows > 16 ? 2 : 1;
  if (tokens == 16 * T && rows == 16 * G) {
    add_up(T, G, fresh, out, stride, x, w, n);
    return;
  }
  float sums[32 * 32] __attribute__((aligned(64))); /* a tile would write beyond the output */
  copy(sums, 32, out, stride, fresh ? 0 : tokens, rows);
  add_up(T, G, fresh, sums, 32, x, w, n);
  copy(out, stride, sums, 32, tokens, rows);
}

/* Groups [from, to), whose blocks [first, first + n) are in the panel, times all tokens of the job. */
static void multiply_panel(const struct job *j, const uint16_t *panel, int64_t from, int64_t to, int64_t first,
                           int n) {
  const uint16_t *x = (const uint16_t *) activations_in((uint8_t *) j->x, j->tokens, j->cols).q;
  for (int64_t t = j->token_from; t < j->token_to; t += 2 * AMX_TILE) {
    const struct tiles xt = {x + t * j->cols + first * BLOCK_ELEMENTS, AMX_TILE * j->cols};
    const int64_t tokens = least(2 * AMX_TILE, j->token_to - t);
    for (int64_t g = from; g < to; g += 2) {
      const struct tiles wg = {panel + (g - from) * n * BLOCK_ELEMENTS, n * BLOCK_ELEMENTS};
      const int64_t row = g * GROUP_ROWS, rows = least(least(2, to - g) * GROUP_ROWS, j->w_rows - row);
      add_to_output(j->out + t * j->out_stride + row, j->out_stride, tokens, rows, first == 0, xt, wg, n);
    }
  }
}

/* Bytes that each thread lends to KERNEL(matmul_bf16) for its panel. */
KRAFLA_EXPORT int64_t KERNEL(matmul_bf16_scratch)(void) {
  return (int64_t) PANEL_GROUPS * PANEL_BLOCKS * BLOCK_ELEMENTS * (int64_t) sizeof(uint16_t);
}

/*
 * As KERNEL(matmul) in matmul_entry.h, for all weights but F32 and whole blocks of 32 columns. x is
 * bfloat16 from KERNEL(quantize); token_from is a multiple of 16, token_to too or equal to tokens.
 * `panel` is scratch.
 */
KRAFLA_EXPORT void KERNEL(matmul_bf16)(int32_t type, const uint8_t *packed, int64_t w_rows, int64_t cols,
                                       int64_t group_from, int64_t group_to, const void *x, int64_t tokens,
                                       int64_t token_from, int64_t token_to, float *out, int64_t out_stride,
                                       uint16_t *panel) {
  const struct job j = {packed, w_rows, cols,       group_from, group_to, x,
                        tokens, token_from, token_to, out,        out_stride};
  const int64_t blocks = cols / BLOCK_COLS;
  tiles_begin(&shapes);
  for (int64_t first = 0; first < blocks; first += PANEL_BLOCKS) {
    const int n = (int) least(PANEL_BLOCKS, blocks - first);
    for (int64_t from = group_from; from < group_to; from += PANEL_GROUPS) {
      const int64_t to = least(from + PANEL_GROUPS, group_to);
      for (int64_t g = from; g < to; g++) {
        uint16_t *at = panel + (g - from) * n * BLOCK_ELEMENTS;
        round_any(type, at, packed + g * group_bytes(type, cols), first, n);
      }
      multiply_panel(&j, panel, from, to, first, n);
    }
  }
  tile_release();
}

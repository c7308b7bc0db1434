/*
 * Matrix products on AMX with int8 tiles, for quantised weights and 9 tokens or more. Fewer tokens
 * and float weights are left to matmul_avx512.c, and all results have its bits.
 *
 * A chunk of columns of a 16-row group is decoded once to signed codes; a block of it is a tile of
 * weights as it lies. The tokens pass over the chunk 16 at a time: a product of tiles gives the exact
 * sums of a block of 32 columns (of 16, where each 16 have a scale), they go through L1 to AVX-512
 * registers, lane = weight row, and are scaled and added there in the order of matmul_avx512.c:
 *
 *   Σ w·x = Σ over blocks  d · a · (256 · Σ (c − z)·high + Σ (c − z)·low)  +  m · a · Σ q
 *
 * While a block is scaled the tiles already multiply the next one.
 */
#include "activations.h"
#include "decode_avx512.h"
#include "tiles.h"
#include "matmul_entry.h"

enum {
  CHUNK = 8,   /* blocks decoded at a time: 4 KiB of codes, which stay in L1 */
  PASS = 128   /* tokens that pass over a chunk before it is decoded anew: 8 KiB of sums */
};

KRAFLA_EXPORT void krafla_matmul_avx512(int32_t type, const uint8_t *packed, int64_t w_rows,
                                        int64_t cols, int64_t group_from, int64_t group_to,
                                        const void *x, int64_t tokens, int64_t token_from,
                                        int64_t token_to, float *out, int64_t out_stride);

static const struct tile_shapes blocks_of_32 = TILE_SHAPES(32);
static const struct tile_shapes blocks_of_16 = TILE_SHAPES(16);

/* Decoded blocks: codes less their zero point, [k4][row][i] is column 4·k4 + i; scales as struct block. */
struct chunk {
  int8_t codes[CHUNK][BYTES_Q8] __attribute__((aligned(64)));
  __m512 d[CHUNK], last[CHUNK], m[CHUNK], m16[CHUNK];
};

/* Decodes blocks [first, first + n) of a group, and fetches those after them. */
INLINE void decode_chunk(int type, struct chunk *c, const uint8_t *group, int64_t first, int n) {
  const int per_span = span_cols(type) / BLOCK_COLS;
  const __m512i zero = _mm512_set1_epi8((char) (zero_bits(type) == 0 ? 0 : 1 << zero_bits(type)));
  for (int i = 0; i < n; i++) {
    const uint8_t *span = group + (first + i) / per_span * span_bytes(type);
    const uint8_t *at = span + span_head(type) + (first + i) % per_span * block_bytes(type);
    struct block w;
    prefetch(at + CHUNK * block_bytes(type), block_bytes(type));
    decode(type, &w, span, at);
    UNROLL for (int k4 = 0; k4 < 8; k4++) {
      _mm512_store_si512(c->codes[i] + k4 * 64, _mm512_sub_epi8(w.w[k4], zero));
    }
    c->d[i] = w.d;
    if (has_sixteenths(type)) {
      c->last[i] = w.last;
    }
    if (has_minimum(type)) {
      c->m[i] = w.m;
      if (has_sixteenths(type)) {
        c->m16[i] = w.m16;
      }
    }
  }
}

/* Sums of products with the high and the low halves of activations: [token][row] each. */
struct dots {
  int32_t high[SUM_ELEMENTS], low[SUM_ELEMENTS];
} __attribute__((aligned(64)));

/* to = Σ code · q over the columns that the shapes of tiles have. */
#define DOT(weights, to, codes, q)                         \
  do {                                                     \
    tile_zero(0);                                          \
    tile_zero(1);                                          \
    tile_load(weights, codes, 64);                         \
    tile_load(4, q, BLOCK_HALF);                           \
    tile_load(5, (q) + AMX_TILE * BLOCK_HALF, BLOCK_HALF); \
    tile_dot_int8(0, 4, weights);                          \
    tile_dot_int8(1, 5, weights);                          \
    tile_store(0, (to)->high, 64);                         \
    tile_store(1, (to)->low, 64);                          \
  } while (0)

/* 256 · high + low of one token. */
INLINE __m512i whole(const struct dots *dots, int t) {
  const __m512i high = _mm512_load_si512(dots->high + t * GROUP_ROWS);
  return _mm512_add_epi32(_mm512_slli_epi32(high, 8), _mm512_load_si512(dots->low + t * GROUP_ROWS));
}

/* The sums of a block, or of its two halves one after the other. */
INLINE void dot_block(int type, struct dots *to, const int8_t *codes, const uint8_t *q) {
  DOT(6, to, codes, q);
  if (has_sixteenths(type)) {
    DOT(7, to + 1, codes + BYTES_Q8 / 2, q + BLOCK_COLS / 2);
  }
}

/* sums[t] += d · dots[t] + m · Σq for the 16 tokens of block b. */
INLINE void add_block(int type, __m512 *sums, const struct dots *dots, const struct chunk *w, int i,
                      const struct tile *x, int64_t b) {
  UNROLL for (int t = 0; t < AMX_TILE; t++) {
    const __m512 d = _mm512_mul_ps(w->d[i], _mm512_set1_ps(x->scale[b * AMX_TILE + t]));
    sums[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole(dots, t)), d, sums[t]);
    if (has_minimum(type)) {
      sums[t] = _mm512_fmadd_ps(w->m[i], _mm512_set1_ps(x->sum[b * AMX_TILE + t]), sums[t]);
    }
  }
}

/* The same with a scale for each 16 columns. */
INLINE void add_sixteenths(int type, __m512 *sums, const struct dots *dots, const struct chunk *w, int i,
                           const struct tile *x, int64_t b) {
  UNROLL for (int half = 0; half < 2; half++) {
    UNROLL for (int t = 0; t < AMX_TILE; t++) {
      const __m512 scale = _mm512_set1_ps(x->scale[b * AMX_TILE + t]);
      const __m512 d = _mm512_mul_ps(half == 0 ? w->d[i] : w->last[i], scale);
      sums[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole(dots + half, t)), d, sums[t]);
      if (has_minimum(type)) {
        const __m512i minus = _mm512_set1_epi32(x->minus[(b * AMX_TILE + t) * 3 + 1 + half]);
        const __m512 sum = _mm512_mul_ps(_mm512_cvtepi32_ps(minus), scale);
        sums[t] = _mm512_fnmadd_ps(sum, half == 0 ? w->m[i] : w->m16[i], sums[t]);
      }
    }
  }
}

/* sums[16][row] += chunk · x for a tile of tokens; `first` is the number of the chunk's first block. */
INLINE void add_chunk(int type, float *to, const struct chunk *w, const struct tile *x, int64_t first,
                      int n) {
  struct dots dots[2][2];
  const uint8_t *q = x->q + first * AMX_TILE * BLOCK_WORDS;
  __m512 sums[AMX_TILE];
  UNROLL for (int t = 0; t < AMX_TILE; t++) {
    sums[t] = _mm512_load_ps(to + t * GROUP_ROWS);
  }
  dot_block(type, dots[0], w->codes[0], q);
  for (int i = 0; i < n; i++) {
    if (i + 1 < n) {
      dot_block(type, dots[(i + 1) % 2], w->codes[i + 1], q + (i + 1) * AMX_TILE * BLOCK_WORDS);
    }
    if (has_sixteenths(type)) {
      add_sixteenths(type, sums, dots[i % 2], w, i, x, first + i);
    } else {
      add_block(type, sums, dots[i % 2], w, i, x, first + i);
    }
  }
  UNROLL for (int t = 0; t < AMX_TILE; t++) {
    _mm512_store_ps(to + t * GROUP_ROWS, sums[t]);
  }
}

/* One group times tokens [from, to), from a multiple of 16 on. */
INLINE void group_in_tiles(int type, const struct job *j, int64_t g, int64_t from, int64_t to) {
  float sums[PASS * GROUP_ROWS] __attribute__((aligned(64)));
  struct chunk chunk;
  const uint8_t *group = j->packed + g * group_bytes(type, j->cols);
  const int64_t blocks = j->cols / BLOCK_COLS, rows = j->w_rows - g * GROUP_ROWS;
  const struct activations a = activations_in((uint8_t *) j->x, j->tokens, j->cols);
  const __mmask16 inside = rows >= GROUP_ROWS ? 0xffff : (__mmask16) ((1u << rows) - 1);
  memset(sums, 0, sizeof(sums));
  for (int64_t first = 0; first < blocks; first += CHUNK) {
    const int n = (int) least(CHUNK, blocks - first);
    decode_chunk(type, &chunk, group, first, n);
    for (int64_t t = from; t < to; t += AMX_TILE) {
      const struct tile x = tile_at(&a, t, j->cols);
      add_chunk(type, sums + (t - from) * GROUP_ROWS, &chunk, &x, first, n);
    }
  }
  for (int64_t t = from; t < to; t++) {
    _mm512_mask_storeu_ps(j->out + t * j->out_stride + g * GROUP_ROWS, inside,
                          _mm512_load_ps(sums + (t - from) * GROUP_ROWS));
  }
}

/* Groups [from, to) times tokens from t on, without tiles. */
static void without_tiles(int type, const struct job *j, int64_t from, int64_t to, int64_t t) {
  if (t < j->token_to) {
    krafla_matmul_avx512(type, j->packed, j->w_rows, j->cols, from, to, j->x, j->tokens, t, j->token_to,
                         j->out, j->out_stride);
  }
}

INLINE void matmul(int type, const struct job *j) {
  const int64_t to = is_float(type) ? 0 : least(tokens_in_amx_tiles(j->tokens), j->token_to);
  if (to <= j->token_from) {
    without_tiles(type, j, j->group_from, j->group_to, j->token_from);
    return;
  }
  tiles_begin(has_sixteenths(type) ? &blocks_of_16 : &blocks_of_32);
  for (int64_t from = j->token_from; from < to; from += PASS) {
    for (int64_t g = j->group_from; g < j->group_to; g++) {
      group_in_tiles(type, j, g, from, least(from + PASS, to));
      if (from + PASS >= to) { /* the tokens that are left, while the group is in the cache */
        without_tiles(type, j, g, g + 1, to);
      }
    }
  }
  tile_release();
}

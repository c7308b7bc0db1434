/*
 * Attention over the paged cache, for any instruction set that has simd_*.h (included before).
 *
 * Flash-decoding in fixed chunks: a row's context is cut at multiples of KRAFLA_CHUNK tokens. Each
 * chunk gives a partial result - the largest score m, l = sum e^(s - m), acc = sum e^(s - m) · v -
 * and partials are merged in order of position. Within a chunk every sum runs in an order that
 * only positions decide. So a row's bits do not depend on which rows share its tile, on who
 * computes which chunk, or on whether chunks are computed by one thread or by many.
 *
 * The cache (KvCache.java): per block of 16 tokens and kv head K[head_dim][16] then V[16][head_dim]
 * as f32, f16 or bf16, or int8 with f32 scales K[head_dim/32][16] and V[16][head_dim/32] behind
 * each. K transposed means that a dot product with 16 keys needs no horizontal sum.
 *
 * Slots beyond a sequence's last token hold garbage, NaN perhaps: their scores are overwritten and
 * their values are never read.
 */
#include "krafla.h"
#include "krafla_attention.h"

#include <math.h>

enum { TOKENS = 16, CHUNK = KRAFLA_CHUNK, CHUNK_BLOCKS = CHUNK / TOKENS, GROUP = 32 };

/* Registers of a block's 16 tokens. */
enum { PARTS = TOKENS / LANES };

/*
 * Queries of a register tile, and its sums: 2 for each query in 16 registers, 4 in 32. What is left
 * is for keys or values and a query or weight.
 */
enum { TILE = 6, SUMS = REGISTERS == 32 ? 24 : 12 };

/* Blocks, and registers of a value, that Q queries meet at once: enough to fill the FMA pipes. */
#define FLOOR2(n) ((n) >= 8 ? 8 : (n) >= 4 ? 4 : (n) >= 2 ? 2 : 1)
#define BLOCKS_FOR(Q) FLOOR2(SUMS / ((Q) * PARTS))
#define WIDTH_FOR(Q) (SUMS / (Q) * LANES > 64 ? 64 / LANES : FLOOR2(SUMS / (Q)))

/* Floats from one query, or its running result, to the next: head_dim rounded up to 16. */
INLINE int stride_of(int head_dim) {
  return (head_dim + 15) & ~15;
}

/* One kv head of up to CHUNK_BLOCKS blocks, and where in them each token's value lies. */
struct chunk {
  const uint8_t *blocks[CHUNK_BLOCKS];
  const uint8_t *values[CHUNK];
};

INLINE int element_bytes(const int type) {
  return type == KRAFLA_KV_F32 ? 4 : type == KRAFLA_KV_Q8 ? 1 : 2;
}

/* LANES consecutive elements from element `at`, without their scale. */
INLINE vec load_lanes(const int type, const uint8_t *base, int64_t at) {
  switch (type) {
    case KRAFLA_KV_F32: return v_load((const float *) base + at);
    case KRAFLA_KV_F16: return v_load_f16((const uint16_t *) base + at);
    case KRAFLA_KV_BF16: return v_load_bf16((const uint16_t *) base + at);
    default: return v_load_i8((const int8_t *) base + at);
  }
}

/* sums[Q][PARTS · B] += q[Q][from .. to) · K[from .. to)[16] of B blocks, in order of dimension. */
INLINE void dot_keys(const int type, const int Q, const int B, const uint8_t *const *k,
                     const float *q, int stride, int from, int to, vec *sums) {
  for (int d = from; d < to; d++) {
    /* The fewer of the two stay in registers. */
    if (PARTS * B < Q) {
      vec keys[8];
      UNROLL for (int h = 0; h < PARTS * B; h++) {
        keys[h] = load_lanes(type, k[h / PARTS], (int64_t) d * TOKENS + LANES * (h % PARTS));
      }
      UNROLL for (int i = 0; i < Q; i++) {
        const vec query = v_set(q[i * stride + d]);
        UNROLL for (int h = 0; h < PARTS * B; h++) {
          sums[i * PARTS * B + h] = v_fma(query, keys[h], sums[i * PARTS * B + h]);
        }
      }
    } else {
      vec query[TILE];
      UNROLL for (int i = 0; i < Q; i++) {
        query[i] = v_set(q[i * stride + d]);
      }
      UNROLL for (int h = 0; h < PARTS * B; h++) {
        const vec keys = load_lanes(type, k[h / PARTS], (int64_t) d * TOKENS + LANES * (h % PARTS));
        UNROLL for (int i = 0; i < Q; i++) {
          sums[i * PARTS * B + h] = v_fma(query[i], keys, sums[i * PARTS * B + h]);
        }
      }
    }
  }
}

/* Scores of queries q[Q][stride] against B blocks, to s[Q][CHUNK]. */
INLINE void score_blocks(const int type, const int Q, const int B,
                         const struct krafla_attention *a, const uint8_t *const *k,
                         const float *q, float *s) {
  const int stride = stride_of(a->head_dim);
  vec total[SUMS];
  UNROLL for (int i = 0; i < Q * PARTS * B; i++) {
    total[i] = v_zero();
  }
  if (type == KRAFLA_KV_Q8) {
    for (int g = 0; g < a->head_dim / GROUP; g++) {
      vec sums[SUMS];
      UNROLL for (int i = 0; i < Q * PARTS * B; i++) {
        sums[i] = v_zero();
      }
      dot_keys(type, Q, B, k, q, stride, g * GROUP, (g + 1) * GROUP, sums);
      UNROLL for (int h = 0; h < PARTS * B; h++) {
        const float *scales = (const float *) (k[h / PARTS] + (int64_t) a->head_dim * TOKENS);
        const vec scale = v_load(scales + (int64_t) g * TOKENS + LANES * (h % PARTS));
        UNROLL for (int i = 0; i < Q; i++) {
          total[i * PARTS * B + h] = v_fma(sums[i * PARTS * B + h], scale, total[i * PARTS * B + h]);
        }
      }
    }
  } else {
    dot_keys(type, Q, B, k, q, stride, 0, a->head_dim, total);
  }
  UNROLL for (int i = 0; i < Q; i++) {
    UNROLL for (int h = 0; h < PARTS * B; h++) {
      v_store(s + i * CHUNK + LANES * h, v_mul(total[i * PARTS * B + h], v_set(a->scale)));
    }
  }
}

/* LANES dimensions from d on of token t's value. */
INLINE vec load_value(const int type, const struct krafla_attention *a, const struct chunk *c, int t,
                      int d) {
  const vec value = load_lanes(type, c->values[t], d);
  if (type != KRAFLA_KV_Q8) {
    return value;
  }
  const uint8_t *v = c->blocks[t / TOKENS] + a->value_offset;
  const float *scales = (const float *) (v + (int64_t) a->head_dim * TOKENS);
  return v_mul(value, v_set(scales[t % TOKENS * (a->head_dim / GROUP) + d / GROUP]));
}

/*
 * acc[Q][stride] = p[Q][CHUNK] · V of tokens from .. to of the chunk, dimensions d .. d + LANES·W, in
 * order of token.
 */
INLINE void sum_values(const int type, const int Q, const int W, const struct krafla_attention *a,
                       const struct chunk *c, const float *p, int from, int to, int d, float *acc) {
  vec sums[SUMS];
  UNROLL for (int i = 0; i < Q * W; i++) {
    sums[i] = v_zero();
  }
  for (int t = from; t < to; t++) {
    /* The fewer of the two stay in registers. */
    if (W < Q) {
      vec values[4];
      UNROLL for (int w = 0; w < W; w++) {
        values[w] = load_value(type, a, c, t, d + LANES * w);
      }
      UNROLL for (int i = 0; i < Q; i++) {
        const vec weight = v_set(p[i * CHUNK + t]);
        UNROLL for (int w = 0; w < W; w++) {
          sums[i * W + w] = v_fma(weight, values[w], sums[i * W + w]);
        }
      }
    } else {
      vec weight[TILE];
      UNROLL for (int i = 0; i < Q; i++) {
        weight[i] = v_set(p[i * CHUNK + t]);
      }
      UNROLL for (int w = 0; w < W; w++) {
        const vec value = load_value(type, a, c, t, d + LANES * w);
        UNROLL for (int i = 0; i < Q; i++) {
          sums[i * W + w] = v_fma(weight[i], value, sums[i * W + w]);
        }
      }
    }
  }
  const int stride = stride_of(a->head_dim);
  UNROLL for (int i = 0; i < Q; i++) {
    UNROLL for (int w = 0; w < W; w++) {
      v_store(acc + i * stride + d + LANES * w, sums[i * W + w]);
    }
  }
}

/* The last head_dim % LANES dimensions, through a padded copy of each value. */
INLINE void sum_value_tail(const int type, const int Q, const struct krafla_attention *a,
                           const struct chunk *c, const float *p, int from, int to, int d,
                           float *acc) {
  const int bytes = element_bytes(type);
  vec sums[TILE];
  for (int i = 0; i < Q; i++) {
    sums[i] = v_zero();
  }
  for (int t = from; t < to; t++) {
    uint8_t padded[LANES * sizeof(float)] = {0};
    memcpy(padded, c->values[t] + d * bytes, (size_t) (a->head_dim - d) * bytes);
    const vec value = load_lanes(type, padded, 0);
    for (int i = 0; i < Q; i++) {
      sums[i] = v_fma(v_set(p[i * CHUNK + t]), value, sums[i]);
    }
  }
  for (int i = 0; i < Q; i++) {
    v_store(acc + i * stride_of(a->head_dim) + d, sums[i]);
  }
}

/*
 * In place from scores s[from .. to) to e^(s - m), 0 for tokens outside lo .. hi; m the largest
 * score, l the sum. from and to are multiples of 16; with lo >= hi m is -infinity and l 0.
 */
static void softmax(const struct krafla_attention *a, float *s, int from, int to, int lo, int hi,
                    float *m, float *l) {
  if (a->softcap != 0) {
    for (int t = from; t < to; t += LANES) {
      v_store(s + t, v_softcap(v_load(s + t), a->softcap));
    }
  }
  const int visible_to = lo < hi ? hi : from;
  for (int t = from; t < lo && t < to; t++) {
    s[t] = -INFINITY;
  }
  for (int t = visible_to; t < to; t++) {
    s[t] = -INFINITY;
  }
  vec top = v_set(-INFINITY);
  for (int t = from; t < to; t += LANES) {
    top = v_max(top, v_load(s + t));
  }
  *m = v_max_lane(top);
  /* Scores below the largest by more than 87 weigh nothing; so do masked ones. */
  const vec largest = v_set(*m == -INFINITY ? 0.0f : *m);
  vec sums[PARTS] = {v_zero()};
  for (int t = from; t < to; t += TOKENS) {
    UNROLL for (int h = 0; h < PARTS; h++) {
      const vec e = v_exp(v_sub(v_load(s + t + LANES * h), largest));
      v_store(s + t + LANES * h, e);
      sums[h] = v_add(sums[h], e);
    }
  }
  *l = v_sum(PARTS == 2 ? v_add(sums[0], sums[PARTS - 1]) : sums[0]);
}

/*
 * One chunk for Q queries. In: q[Q][stride] where stride is head_dim rounded up to 16; query i sees
 * tokens lo[i] .. hi[i] of the chunk (hi exclusive, maybe empty). Out: m[Q], l[Q], acc[Q][stride].
 * s[TILE][CHUNK] is scratch.
 */
INLINE void tile(const int type, const int Q, const struct krafla_attention *a,
                 const struct chunk *c, const float *q, const int *lo, const int *hi, float *s,
                 float *m, float *l, float *acc) {
  int first = CHUNK, end = 0;
  for (int i = 0; i < Q; i++) {
    if (lo[i] < hi[i]) {
      first = lo[i] < first ? lo[i] : first;
      end = hi[i] > end ? hi[i] : end;
    }
  }
  const int from = first / TOKENS, to = (end + TOKENS - 1) / TOKENS;
  const int B = BLOCKS_FOR(Q), W = WIDTH_FOR(Q);
  int b = from;
  for (; b + B <= to; b += B) {
    score_blocks(type, Q, B, a, c->blocks + b, q, s + b * TOKENS);
  }
  if (B >= 8 && b + 4 <= to) {
    score_blocks(type, Q, B >= 8 ? 4 : 1, a, c->blocks + b, q, s + b * TOKENS);
    b += 4;
  }
  if (B >= 4 && b + 2 <= to) {
    score_blocks(type, Q, B >= 4 ? 2 : 1, a, c->blocks + b, q, s + b * TOKENS);
    b += 2;
  }
  for (; b < to; b++) {
    score_blocks(type, Q, 1, a, c->blocks + b, q, s + b * TOKENS);
  }
  for (int i = 0; i < Q; i++) {
    softmax(a, s + i * CHUNK, from * TOKENS, to * TOKENS, lo[i], hi[i], m + i, l + i);
  }
  int d = 0;
  for (; d + LANES * W <= a->head_dim; d += LANES * W) {
    sum_values(type, Q, W, a, c, s, first, end, d, acc);
  }
  for (; d + LANES <= a->head_dim; d += LANES) {
    sum_values(type, Q, 1, a, c, s, first, end, d, acc);
  }
  if (d < a->head_dim) {
    sum_value_tail(type, Q, a, c, s, first, end, d, acc);
    d += LANES;
  }
  for (const int stride = stride_of(a->head_dim); d < stride; d += LANES) {
    for (int i = 0; i < Q; i++) {
      v_store(acc + i * stride + d, v_zero());
    }
  }
}

typedef void tile_function(const struct krafla_attention *, const struct chunk *, const float *,
                           const int *, const int *, float *, float *, float *, float *);

#define TILE_OF(type, Q)                                                                           \
  static void tile_##type##_##Q(const struct krafla_attention *a, const struct chunk *c,           \
                                const float *q, const int *lo, const int *hi, float *s, float *m,  \
                                float *l, float *acc) {                                            \
    tile(KRAFLA_KV_##type, Q, a, c, q, lo, hi, s, m, l, acc);                                      \
  }
#define TILES_OF(type)                                                                             \
  TILE_OF(type, 1) TILE_OF(type, 2) TILE_OF(type, 3) TILE_OF(type, 4) TILE_OF(type, 5)             \
  TILE_OF(type, 6)                                                                                 \
  static tile_function *const tiles_##type[TILE] = {tile_##type##_1, tile_##type##_2,              \
                                                    tile_##type##_3, tile_##type##_4,              \
                                                    tile_##type##_5, tile_##type##_6};
TILES_OF(F32)
TILES_OF(F16)
TILES_OF(BF16)
TILES_OF(Q8)

static tile_function *const *const tiles[] = {
  [KRAFLA_KV_F32] = tiles_F32, [KRAFLA_KV_F16] = tiles_F16, [KRAFLA_KV_BF16] = tiles_BF16,
  [KRAFLA_KV_Q8] = tiles_Q8};

/* Adds partial result (m, l, acc[n]) to the running one; n is a multiple of 16. */
static void merge(float *running_m, float *running_l, float *running, float m, float l,
                  const float *acc, int n) {
  if (l == 0) {
    return; /* nothing visible in this chunk */
  }
  if (*running_l == 0) {
    *running_m = m;
    *running_l = l;
    memcpy(running, acc, (size_t) n * sizeof(float));
    return;
  }
  const float top = m > *running_m ? m : *running_m;
  const vec old = v_exp(v_set(*running_m - top)), new = v_exp(v_set(m - top));
  float scales[2 * LANES];
  v_store(scales, old);
  v_store(scales + LANES, new);
  *running_m = top;
  *running_l = *running_l * scales[0] + l * scales[LANES];
  for (int d = 0; d < n; d += LANES) {
    v_store(running + d, v_fma(v_load(running + d), old, v_mul(v_load(acc + d), new)));
  }
}

static void finish(float *out, const float *acc, float l, int head_dim) {
  const vec all = v_set(l);
  int d = 0;
  for (; d + LANES <= head_dim; d += LANES) {
    v_store(out + d, v_div(v_load(acc + d), all));
  }
  for (; d < head_dim; d++) {
    out[d] = acc[d] / l;
  }
}

/* First position that the row at `position` sees. */
INLINE int first_seen(const struct krafla_attention *a, int position) {
  return a->window > 0 && position >= a->window ? position - a->window + 1 : 0;
}

INLINE int clip(int x) { return x < 0 ? 0 : x > CHUNK ? CHUNK : x; }

INLINE float *partial_at(const struct krafla_attention *a, int row, int chunk, int head) {
  const int64_t record = (int64_t) stride_of(a->head_dim) + 2;
  return a->partials + ((a->partial_base[row] + (int64_t) chunk) * a->heads + head) * record;
}

/* Blocks of `chunk` that hold tokens before `end`, one kv head of each. */
static struct chunk locate(const struct krafla_attention *a, int sequence, int kv_head, int chunk,
                           int end) {
  struct chunk c;
  const int64_t value_bytes = (int64_t) a->head_dim * element_bytes(a->kv_type);
  const int32_t *table = a->block_tables + (int64_t) sequence * a->table_stride;
  for (int b = 0; b < CHUNK_BLOCKS; b++) {
    const int index = chunk * CHUNK_BLOCKS + b;
    if (index * TOKENS < end) {
      c.blocks[b] = a->slab + table[index] * a->block_stride + kv_head * a->head_stride;
      for (int t = 0; t < TOKENS; t++) {
        c.values[b * TOKENS + t] = c.blocks[b] + a->value_offset + t * value_bytes;
      }
    }
  }
  return c;
}

/* ---- what Java calls ---- */

/* Floats of scratch that `attention` needs for that many queries (rows · heads per kv head). */
KRAFLA_EXPORT int64_t KERNEL(attention_scratch)(int32_t queries, int32_t head_dim) {
  const int64_t stride = stride_of(head_dim);
  return queries * (2 * stride + 2) + TILE * (CHUNK + stride);
}

/*
 * Heads of one kv head for `n_rows` rows (their numbers in `rows`), over chunks chunk_from ..
 * chunk_to of the tokens in the blocks of `sequence`. partial 0: the chunks are all that these rows
 * see, and `out` is written. Else the partial result of each chunk is stored, for attention_merge.
 */
KRAFLA_EXPORT void KERNEL(attention)(const struct krafla_attention *a, const int32_t *rows, int32_t n_rows,
                       int32_t sequence, int32_t kv_head, int32_t chunk_from, int32_t chunk_to,
                       int32_t partial, float *scratch) {
  const int hd = a->head_dim, stride = stride_of(hd), group = a->heads / a->kv_heads;
  const int queries = n_rows * group;
  float *q = scratch;
  float *running = q + (int64_t) queries * stride, *m = running + (int64_t) queries * stride;
  float *l = m + queries, *s = l + queries, *acc = s + TILE * CHUNK;

  int end = 0;
  for (int i = 0; i < n_rows; i++) {
    end = a->positions[rows[i]] >= end ? a->positions[rows[i]] + 1 : end;
  }
  for (int i = 0; i < n_rows; i++) { /* near each other, and out of the way of each other in L1 */
    const float *from = a->qkv + (int64_t) rows[i] * a->qkv_cols + a->query_column + kv_head * group * hd;
    for (int g = 0; g < group; g++) {
      memcpy(q + (int64_t) (i * group + g) * stride, from + g * hd, (size_t) hd * sizeof(float));
    }
  }
  memset(l, 0, (size_t) queries * sizeof(float));

  for (int c = chunk_from; c < chunk_to; c++) {
    const struct chunk chunk = locate(a, sequence, kv_head, c, end);
    for (int i0 = 0; i0 < queries; i0 += TILE) {
      const int n = queries - i0 < TILE ? queries - i0 : TILE;
      int lo[TILE], hi[TILE], seen = 0;
      for (int i = 0; i < n; i++) {
        const int position = a->positions[rows[(i0 + i) / group]];
        lo[i] = clip(first_seen(a, position) - c * CHUNK);
        hi[i] = clip(position + 1 - c * CHUNK);
        seen |= lo[i] < hi[i];
      }
      if (!seen) {
        continue;
      }
      float tile_m[TILE], tile_l[TILE];
      tiles[a->kv_type][n - 1](a, &chunk, q + (int64_t) i0 * stride, lo, hi, s, tile_m, tile_l,
                               acc);
      for (int i = 0; i < n; i++) {
        if (!partial) {
          merge(m + i0 + i, l + i0 + i, running + (int64_t) (i0 + i) * stride, tile_m[i],
                tile_l[i], acc + i * stride, stride);
        } else if (lo[i] < hi[i]) {
          const int row = rows[(i0 + i) / group], head = kv_head * group + (i0 + i) % group;
          float *to = partial_at(a, row, c, head);
          to[0] = tile_m[i];
          to[1] = tile_l[i];
          memcpy(to + 2, acc + i * stride, (size_t) stride * sizeof(float));
        }
      }
    }
  }
  for (int i = 0; i < queries && !partial; i++) {
    const int row = rows[i / group], head = kv_head * group + i % group;
    finish(a->out + (int64_t) row * a->out_cols + head * hd, running + (int64_t) i * stride, l[i],
           hd);
  }
}

/* Merges a row's stored partial results of heads head_from .. head_to, writes `out`. scratch: one head. */
KRAFLA_EXPORT void KERNEL(attention_merge)(const struct krafla_attention *a, int32_t row, int32_t head_from,
                             int32_t head_to, float *scratch) {
  const int stride = stride_of(a->head_dim), position = a->positions[row];
  for (int head = head_from; head < head_to; head++) {
    float m = 0, l = 0;
    for (int c = first_seen(a, position) / CHUNK; c <= position / CHUNK; c++) {
      const float *part = partial_at(a, row, c, head);
      merge(&m, &l, scratch, part[0], part[1], part + 2, stride);
    }
    finish(a->out + (int64_t) row * a->out_cols + head * a->head_dim, scratch, l, a->head_dim);
  }
}

/* ---- writing ---- */

/* Largest finite half: what does not fit is held there, an infinity would poison whole rows. */
#define HALF_MAX 65504.0f

INLINE vec load_up_to(const float *from, int n) {
  if (n >= LANES) {
    return v_load(from);
  }
  float padded[LANES] = {0};
  memcpy(padded, from, (size_t) n * sizeof(float));
  return v_load(padded);
}

/* Element d + i of x goes to base[(d + i) · step] for i < n. */
INLINE void store_elements(int type, uint8_t *base, int64_t at, int64_t step, vec x, int n) {
  if (type == KRAFLA_KV_F32) {
    float values[LANES];
    v_store(values, x);
    for (int i = 0; i < n; i++) {
      ((float *) base)[at + i * step] = values[i];
    }
    return;
  }
  uint16_t values[LANES];
  if (type == KRAFLA_KV_F16) {
    v_store_f16(values, v_max(v_set(-HALF_MAX), v_min(v_set(HALF_MAX), x)));
  } else {
    v_store_bf16(values, x);
  }
  if (step == 1 && n == LANES) {
    memcpy((uint16_t *) base + at, values, sizeof values);
    return;
  }
  for (int i = 0; i < n; i++) {
    ((uint16_t *) base)[at + i * step] = values[i];
  }
}

/* One token's vector to the places base[first + d · step]; its scales likewise behind the bytes. */
static void write_quantised(uint8_t *base, int head_dim, const float *x, int64_t first,
                            int64_t step, int64_t first_scale, int64_t scale_step) {
  float *scales = (float *) (base + (int64_t) head_dim * TOKENS);
  for (int g = 0; g < head_dim / GROUP; g++) {
    vec top = v_zero();
    for (int d = 0; d < GROUP; d += LANES) {
      top = v_max(top, v_abs(v_load(x + g * GROUP + d)));
    }
    const float max = v_max_lane(top);
    const vec inverse = v_set(max > 0x1p-119f ? 127 / max : 0); /* no infinity from tiny groups */
    for (int d = 0; d < GROUP; d += LANES) {
      int32_t values[LANES];
      v_store_i32(values, v_mul(v_load(x + g * GROUP + d), inverse));
      for (int i = 0; i < LANES; i++) {
        ((int8_t *) base)[first + (g * GROUP + d + i) * step] = (int8_t) values[i];
      }
    }
    scales[first_scale + g * scale_step] = max / 127;
  }
}

/* Stores keys and values of rows row_from .. row_to at slots (block · 16 + place in the block). */
KRAFLA_EXPORT void KERNEL(write_kv)(const struct krafla_attention *a, const int32_t *slots, int32_t row_from,
                      int32_t row_to, int32_t key_column, int32_t value_column) {
  const int hd = a->head_dim;
  for (int row = row_from; row < row_to; row++) {
    const int token = slots[row] % TOKENS;
    uint8_t *block = a->slab + slots[row] / TOKENS * a->block_stride;
    for (int h = 0; h < a->kv_heads; h++) {
      uint8_t *k = block + h * a->head_stride, *v = k + a->value_offset;
      const float *key = a->qkv + (int64_t) row * a->qkv_cols + key_column + h * hd;
      const float *value = a->qkv + (int64_t) row * a->qkv_cols + value_column + h * hd;
      if (a->kv_type == KRAFLA_KV_Q8) {
        write_quantised(k, hd, key, token, TOKENS, token, TOKENS);
        write_quantised(v, hd, value, (int64_t) token * hd, 1, (int64_t) token * (hd / GROUP), 1);
        continue;
      }
      for (int d = 0; d < hd; d += LANES) {
        const int n = hd - d < LANES ? hd - d : LANES;
        store_elements(a->kv_type, k, (int64_t) d * TOKENS + token, TOKENS,
                       load_up_to(key + d, n), n);
        store_elements(a->kv_type, v, (int64_t) token * hd + d, 1, load_up_to(value + d, n), n);
      }
    }
  }
}

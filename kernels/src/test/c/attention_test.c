/*
 * Attention over a paged cache against softmax in double of what the cache holds: every type of cache,
 * ragged head sizes and contexts, windows and softcaps; rows alone and together, chunks by one call
 * and by many.
 */
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TOKENS = 16, CHUNK = KRAFLA_CHUNK, GROUP = 32, KV_HEADS = 2, MOST_TOKENS = 300 };

static const char *const type_names[] = {"F32", "F16", "BF16", "Q8"};

/* One sequence in a cache whose blocks lie in any order, and a step's rows. */
struct sequence {
  struct krafla_attention a;
  int tokens;
  int32_t *slots;
};

static int64_t value_offset(int type, int head_dim) {
  const int64_t elements = (int64_t) TOKENS * head_dim;
  return type == KRAFLA_KV_F32  ? 4 * elements
         : type == KRAFLA_KV_Q8 ? elements + elements / GROUP * 4
                                : 2 * elements;
}

/* Random queries, keys and values for every token; keys and values are written to the cache. */
static struct sequence make(int type, int head_dim, int group, int tokens, int window, float softcap) {
  const int heads = group * KV_HEADS, blocks = (tokens + TOKENS - 1) / TOKENS;
  struct sequence s = {.tokens = tokens};
  struct krafla_attention *a = &s.a;
  a->heads = heads;
  a->kv_heads = KV_HEADS;
  a->head_dim = head_dim;
  a->kv_type = type;
  a->window = window;
  a->softcap = softcap;
  a->scale = 1.5f / sqrtf((float) head_dim);
  a->value_offset = value_offset(type, head_dim);
  a->head_stride = 2 * a->value_offset;
  a->block_stride = KV_HEADS * a->head_stride;
  a->slab = allocate((blocks + 2) * a->block_stride);
  a->table_stride = blocks;
  a->query_column = 3;
  a->qkv_cols = 3 + (heads + 2 * KV_HEADS) * head_dim;
  a->out_cols = heads * head_dim;

  int32_t *table = allocate(blocks * 4), *positions = allocate(tokens * 4);
  s.slots = allocate(tokens * 4);
  for (int b = 0; b < blocks; b++) { /* shuffled; two blocks are nobody's */
    table[b] = b + 2;
    const int other = random_below(b + 1), taken = table[other];
    table[other] = table[b];
    table[b] = taken;
  }
  for (int t = 0; t < tokens; t++) {
    positions[t] = t;
    s.slots[t] = table[t / TOKENS] * TOKENS + t % TOKENS;
  }
  float *qkv = allocate((int64_t) tokens * a->qkv_cols * 4);
  for (int64_t i = 0; i < (int64_t) tokens * a->qkv_cols; i++) {
    qkv[i] = 2 * random_float();
  }
  a->qkv = qkv;
  a->positions = positions;
  a->block_tables = table;
  const int key_column = 3 + heads * head_dim;
  KERNEL(write_kv)(a, s.slots, 0, tokens / 2, key_column, key_column + KV_HEADS * head_dim);
  KERNEL(write_kv)(a, s.slots, tokens / 2, tokens, key_column, key_column + KV_HEADS * head_dim);
  return s;
}

/* ---- what the cache holds, read by its documented layout (KvCache.java) ---- */

static double half(uint16_t bits) {
  const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  const double magnitude = exponent == 0 ? ldexp(mantissa, -24) : ldexp(1024 + mantissa, exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

static double element(int type, const uint8_t *base, int64_t at) {
  uint16_t bits;
  float value;
  switch (type) {
    case KRAFLA_KV_F32: memcpy(&value, base + 4 * at, 4); return value;
    case KRAFLA_KV_F16: memcpy(&bits, base + 2 * at, 2); return half(bits);
    case KRAFLA_KV_BF16: {
      memcpy(&bits, base + 2 * at, 2);
      const uint32_t wide = (uint32_t) bits << 16;
      memcpy(&value, &wide, 4);
      return value;
    }
    default: return ((const int8_t *) base)[at];
  }
}

/* Dimension d of a token's key (value 0) or value (1). */
static double cached(const struct sequence *s, int kv_head, int token, int d, int value) {
  const struct krafla_attention *a = &s->a;
  const int t = token % TOKENS, hd = a->head_dim;
  const uint8_t *base = a->slab + s->slots[token] / TOKENS * a->block_stride
                        + kv_head * a->head_stride + (value ? a->value_offset : 0);
  const double x = element(a->kv_type, base, value ? (int64_t) t * hd + d : (int64_t) d * TOKENS + t);
  if (a->kv_type != KRAFLA_KV_Q8) {
    return x;
  }
  const int scale = value ? t * (hd / GROUP) + d / GROUP : d / GROUP * TOKENS + t;
  return x * element(KRAFLA_KV_F32, base + (int64_t) TOKENS * hd, scale);
}

/* The cache holds what was written, as nearly as its type can. */
static void check_cache(const struct sequence *s) {
  static const double nearest[] = {0, 0x1p-11, 0x1p-8, 0};
  const struct krafla_attention *a = &s->a;
  for (int t = 0; t < s->tokens; t++) {
    for (int h = 0; h < 2 * KV_HEADS; h++) {
      const float *x = a->qkv + (int64_t) t * a->qkv_cols + 3 + (a->heads + h) * a->head_dim;
      for (int d = 0; d < a->head_dim; d++) {
        const double tolerance = a->kv_type == KRAFLA_KV_Q8 ? 2.0 / 254 * 1.001 : fabs(x[d]) * nearest[a->kv_type];
        check_close(cached(s, h % KV_HEADS, t, d, h / KV_HEADS), x[d], tolerance,
                    "%s cache, token %d, head %d, dimension %d", type_names[a->kv_type], t, h, d);
      }
    }
  }
}

/* ---- attention ---- */

static void check_row(const struct sequence *s, int row, const float *out, const char *name) {
  const struct krafla_attention *a = &s->a;
  const int hd = a->head_dim, first = a->window > 0 && row >= a->window ? row - a->window + 1 : 0;
  for (int head = 0; head < a->heads; head++) {
    const int kv_head = head / (a->heads / KV_HEADS);
    const float *q = a->qkv + (int64_t) row * a->qkv_cols + a->query_column + head * hd;
    double p[MOST_TOKENS], top = -INFINITY, sum = 0;
    for (int t = first; t <= row; t++) {
      double score = 0;
      for (int d = 0; d < hd; d++) {
        score += q[d] * cached(s, kv_head, t, d, 0);
      }
      score *= a->scale;
      p[t] = a->softcap == 0 ? score : a->softcap * tanh(score / a->softcap);
      top = fmax(top, p[t]);
    }
    for (int t = first; t <= row; t++) {
      p[t] = exp(p[t] - top);
      sum += p[t];
    }
    for (int d = 0; d < hd; d++) {
      double expected = 0;
      for (int t = first; t <= row; t++) {
        expected += p[t] / sum * cached(s, kv_head, t, d, 1);
      }
      check_close(out[head * hd + d], expected, 1e-5, "%s, row %d, head %d, dimension %d", name, row,
                  head, d);
    }
  }
}

/* Rows from .. to in one call per kv head. */
static float *attend(struct sequence *s, int from, int to) {
  struct krafla_attention *a = &s->a;
  int32_t rows[MOST_TOKENS];
  for (int row = from; row < to; row++) {
    rows[row - from] = row;
  }
  const int first = a->window > 0 && from >= a->window ? from - a->window + 1 : 0;
  a->out = allocate((int64_t) s->tokens * a->out_cols * 4);
  float *scratch = allocate(KERNEL(attention_scratch)((to - from) * a->heads / KV_HEADS, a->head_dim) * 4);
  for (int h = 0; h < KV_HEADS; h++) {
    KERNEL(attention)(a, rows, to - from, 0, h, first / CHUNK, (to - 1) / CHUNK + 1, 0, scratch);
  }
  return a->out;
}

/* One row, each chunk by a call of its own, then merged. */
static float *attend_in_parts(struct sequence *s, int row) {
  struct krafla_attention *a = &s->a;
  const int32_t rows[] = {row};
  const int first = a->window > 0 && row >= a->window ? row - a->window + 1 : 0;
  const int64_t record = (a->head_dim + 15) / 16 * 16 + 2;
  int32_t *base = allocate(s->tokens * 4);
  memset(base, 0, (size_t) s->tokens * 4);
  a->partial_base = base;
  a->partials = allocate((row / CHUNK + 1) * a->heads * record * 4);
  a->out = allocate((int64_t) s->tokens * a->out_cols * 4);
  const int queries = a->heads / KV_HEADS;
  float *scratch = allocate(KERNEL(attention_scratch)(queries, a->head_dim) * 4);
  for (int c = row / CHUNK; c >= first / CHUNK; c--) {
    for (int h = 0; h < KV_HEADS; h++) {
      KERNEL(attention)(a, rows, 1, 0, h, c, c + 1, 1, scratch);
    }
  }
  KERNEL(attention_merge)(a, row, 0, 1, scratch);
  KERNEL(attention_merge)(a, row, 1, a->heads, scratch);
  return a->out;
}

static void test_case(int type, int head_dim, int group, int tokens, int window, float softcap) {
  struct sequence s = make(type, head_dim, group, tokens, window, softcap);
  char name[100];
  snprintf(name, sizeof name, "%s cache, %d heads of %d, %d tokens, window %d, softcap %g", type_names[type],
           s.a.heads, head_dim, tokens, window, softcap);
  check_cache(&s);
  const int from = tokens > 4 ? tokens - 4 : 0;
  const float *together = attend(&s, from, tokens);
  for (int row = from; row < tokens; row++) {
    const int64_t at = (int64_t) row * s.a.out_cols;
    check_row(&s, row, together + at, name);
    check_same_bits(attend(&s, row, row + 1) + at, together + at, s.a.out_cols, "%s: row %d alone", name, row);
    check_same_bits(attend_in_parts(&s, row) + at, together + at, s.a.out_cols, "%s: row %d in parts", name, row);
    digest(together + at, s.a.out_cols * 4);
  }
  free_all();
}

void test_attention(void) {
  static const int head_dims[] = {20, 32, 64, 80, 96, 128, 256};
  static const int contexts[] = {1, 3, 15, 16, 17, 100, 127, 128, 129, 300};
  for (int type = KRAFLA_KV_F32; type <= KRAFLA_KV_Q8; type++) {
    seed((uint64_t) type + 100);
    for (int i = 0; i < 7; i++) {
      if (type == KRAFLA_KV_Q8 && head_dims[i] % GROUP != 0) {
        continue;
      }
      for (int j = 0; j < 10; j++) {
        const int group = 1 + (i * 10 + j * 3) % 9;
        test_case(type, head_dims[i], group, contexts[j], 0, 0);
        test_case(type, head_dims[i], group, contexts[j], j % 2 == 0 ? 5 : 130, j % 3 == 0 ? 3.0f : 0);
      }
    }
    section_done("attention %s", type_names[type]);
  }
}

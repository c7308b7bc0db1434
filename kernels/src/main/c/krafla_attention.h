/* What Java hands to the functions of attention.h; NativeAttention.java writes it. */
#ifndef KRAFLA_ATTENTION_H
#define KRAFLA_ATTENTION_H

#include <stdint.h>

/* Tokens of a chunk: partial results are cut here, whoever computes them. */
#define KRAFLA_CHUNK 128

/* KvType.java */
enum krafla_kv_type { KRAFLA_KV_F32, KRAFLA_KV_F16, KRAFLA_KV_BF16, KRAFLA_KV_Q8 };

struct krafla_attention {
  float *out;                  /* [rows][out_cols] */
  const float *qkv;            /* [rows][qkv_cols], queries from query_column on */
  uint8_t *slab;               /* one layer's cache */
  const int32_t *positions;    /* [rows] */
  const int32_t *block_tables; /* [sequences][table_stride] */
  float *partials;             /* (m, l, acc[head_dim up to 16]) per row, chunk and head */
  const int32_t *partial_base; /* [rows]: record of chunk c, head h is (base + c) · heads + h */
  int64_t block_stride, head_stride, value_offset; /* bytes */
  int32_t qkv_cols, out_cols, query_column, table_stride;
  int32_t heads, kv_heads, head_dim, kv_type;
  int32_t window; /* tokens a row looks back on, its own included; 0: all */
  float scale, softcap; /* softcap 0: none */
};

#endif

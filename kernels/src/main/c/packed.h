/*
 * The packed layout of weight matrices, "rows16x4": what pack.c writes and matmul_*.c reads.
 *
 * Rows go in groups of 16, one row per 32-bit lane of two AVX2 (or one AVX-512) registers; a group
 * is one contiguous stream over the columns, so that a thread reads memory in order. The last group
 * is filled up with zero rows. A group is a run of spans:
 *
 *   type         columns  bytes  span
 *   Q4_0              32    288  d, n
 *   Q4_1              32    320  d, m, n
 *   Q5_0              32    352  d, h, n
 *   Q5_1              32    384  d, m, h, n
 *   Q8_0              32    544  d, b
 *   MXFP4             32    272  e, n
 *   Q2_K             256   1344  d, m, then 8 × (c, p)
 *   Q4_K             256   2368  d, m, then 8 × (c, n)
 *   Q5_K             256   2880  d, m, then 8 × (c, h, n)
 *   Q6_K             256   3360  d, then 8 × (c, p, n)
 *   Q3_K             256   3360  as Q6_K: its 3-bit codes fit, shifted to Q6_K's zero point
 *   F16, BF16          1     32  16-bit element of each row
 *   F32                1     64  32-bit element of each row
 *
 *   d, m  f16[16]         scale and minimum of each row (m is what is added: −dmin for K-quants)
 *   e     uint8[16]       exponent of each row's scale, biased by 127
 *   n     uint8[4][16][4] low 4 bits: byte [j][r][i] has column 4j+i in its low nibble and column
 *                         16+4j+i in its high one
 *   h     uint8[16][4]    fifth bit: byte [r][i] has column 4j+i in bit j, 16+4j+i in bit 4+j
 *   p     uint8[2][16][4] two bits a code: byte [v][r][i] has column 16v+4j+i in bits 2j and 2j+1
 *   b     int8[8][16][4]  byte [c][r][i] is column 4c+i
 *   c     Q4_K, Q5_K: uint8 scale[16], uint8 minimum[16] of these 32 columns
 *         Q6_K: int8 scale[2][16], of each 16 columns
 *         Q2_K: uint8[2][16], of each 16 columns: scale in the low, minimum in the high nibble
 *
 * Bytes are the file's but for Q4_K and Q5_K (3 % and 2 % more: 6-bit scales take a byte) and Q3_K.
 */
#ifndef KRAFLA_PACKED_H
#define KRAFLA_PACKED_H

#include <stdint.h>

enum { GROUP_ROWS = 16, BLOCK_COLS = 32, SUPER_COLS = 256 };

/* Weight types by their ggml number; Java's WeightType. */
enum weight_type {
  F32 = 0, F16 = 1, Q4_0 = 2, Q4_1 = 3, Q5_0 = 6, Q5_1 = 7, Q8_0 = 8,
  Q2_K = 10, Q3_K = 11, Q4_K = 12, Q5_K = 13, Q6_K = 14, BF16 = 30, MXFP4 = 39
};

/* Sizes of the pieces named above. */
enum { ROW_F16 = 32, ROW_BYTES = 16, NIBBLES = 256, FIFTH_BITS = 64, BIT_PAIRS = 128, BYTES_Q8 = 512 };

/* Columns of a span; 0 for a type there is no layout for. */
static inline int span_cols(int type) {
  switch (type) {
    case F32: case F16: case BF16: return 1;
    case Q4_0: case Q4_1: case Q5_0: case Q5_1: case Q8_0: case MXFP4: return BLOCK_COLS;
    case Q2_K: case Q3_K: case Q4_K: case Q5_K: case Q6_K: return SUPER_COLS;
    default: return 0;
  }
}

static inline int is_float(int type) {
  return span_cols(type) == 1;
}

/* Bytes before the first block of a span, which are shared by its blocks. */
static inline int span_head(int type) {
  switch (type) {
    case Q2_K: case Q4_K: case Q5_K: return 2 * ROW_F16;
    case Q3_K: case Q6_K: return ROW_F16;
    default: return 0;
  }
}

/* Bytes of one 32-column block of a span (of one column for the float types). */
static inline int block_bytes(int type) {
  switch (type) {
    case F32: return GROUP_ROWS * 4;
    case F16: case BF16: return GROUP_ROWS * 2;
    case Q4_0: return ROW_F16 + NIBBLES;
    case Q4_1: return 2 * ROW_F16 + NIBBLES;
    case Q5_0: return ROW_F16 + FIFTH_BITS + NIBBLES;
    case Q5_1: return 2 * ROW_F16 + FIFTH_BITS + NIBBLES;
    case Q8_0: return ROW_F16 + BYTES_Q8;
    case MXFP4: return ROW_BYTES + NIBBLES;
    case Q2_K: return 2 * ROW_BYTES + BIT_PAIRS;
    case Q4_K: return 2 * ROW_BYTES + NIBBLES;
    case Q5_K: return 2 * ROW_BYTES + FIFTH_BITS + NIBBLES;
    case Q3_K: case Q6_K: return 2 * ROW_BYTES + BIT_PAIRS + NIBBLES;
    default: return 0;
  }
}

static inline int64_t span_bytes(int type) {
  const int blocks = span_cols(type) == SUPER_COLS ? SUPER_COLS / BLOCK_COLS : 1;
  return span_head(type) + (int64_t) blocks * block_bytes(type);
}

static inline int64_t group_bytes(int type, int64_t cols) {
  return cols / span_cols(type) * span_bytes(type);
}

/* ---- what codes mean: weight = d · (code − zero), or d · code + m ---- */

static inline int has_minimum(int type) {
  return type == Q4_1 || type == Q5_1 || type == Q4_K || type == Q5_K || type == Q2_K;
}

/* Whether each 16 columns have a scale of their own. */
static inline int has_sixteenths(int type) {
  return type == Q2_K || type == Q3_K || type == Q6_K;
}

/* Base-2 logarithm of the code that stands for zero; 0 where that is code 0. */
static inline int zero_bits(int type) {
  switch (type) {
    case Q4_0: return 3;
    case Q5_0: case MXFP4: return 4;
    case Q3_K: case Q6_K: return 5;
    case Q8_0: return 7;
    default: return 0;
  }
}

#endif

/*
 * Repacks weight matrices from the layout of GGUF files (blocks of one row, ggml-common.h) into that
 * of packed.h. Runs once per model, not per token: plain C.
 */
#include "krafla.h"
#include "packed.h"

#include <string.h>

int64_t krafla_packed_bytes(int32_t type, int64_t rows, int64_t cols) {
  return (rows + GROUP_ROWS - 1) / GROUP_ROWS * group_bytes(type, cols);
}

/* ---- the pieces of a block, written for row r from its 32 codes ---- */

static void put_f16(uint8_t *at, int r, const uint8_t *half) {
  memcpy(at + 2 * r, half, 2);
}

static void put_nibbles(uint8_t *n, int r, const uint8_t code[32]) {
  for (int j = 0; j < 4; j++) {
    for (int i = 0; i < 4; i++) {
      n[j * 64 + r * 4 + i] = (code[4 * j + i] & 15) | (code[16 + 4 * j + i] & 15) << 4;
    }
  }
}

static void put_fifth_bits(uint8_t *h, int r, const uint8_t code[32]) {
  for (int i = 0; i < 4; i++) {
    uint8_t bits = 0;
    for (int j = 0; j < 4; j++) {
      bits |= (code[4 * j + i] >> 4 & 1) << j | (code[16 + 4 * j + i] >> 4 & 1) << (4 + j);
    }
    h[r * 4 + i] = bits;
  }
}

/* Two bits of each code, from bit `shift` on. */
static void put_bit_pairs(uint8_t *p, int r, const uint8_t code[32], int shift) {
  for (int v = 0; v < 2; v++) {
    for (int i = 0; i < 4; i++) {
      uint8_t bits = 0;
      for (int j = 0; j < 4; j++) {
        bits |= (code[16 * v + 4 * j + i] >> shift & 3) << 2 * j;
      }
      p[v * 64 + r * 4 + i] = bits;
    }
  }
}

/* ---- 32 codes out of the file's blocks ---- */

static void codes_nibbles(uint8_t code[32], const uint8_t *qs) {
  for (int k = 0; k < 16; k++) {
    code[k] = qs[k] & 15;
    code[16 + k] = qs[k] >> 4;
  }
}

static void codes_five_bits(uint8_t code[32], const uint8_t *qh, const uint8_t *qs) {
  uint32_t high;
  memcpy(&high, qh, 4);
  codes_nibbles(code, qs);
  for (int k = 0; k < 32; k++) {
    code[k] |= (high >> k & 1) << 4;
  }
}

/* Block `s` (of 8) of a K-quant: 64 columns share 32 bytes, first the low nibbles, then the high. */
static void codes_super_nibbles(uint8_t code[32], const uint8_t *qs, int s) {
  for (int k = 0; k < 32; k++) {
    code[k] = qs[s / 2 * 32 + k] >> 4 * (s % 2) & 15;
  }
}

/* The 6-bit scale and minimum of block s in the 12 bytes of Q4_K and Q5_K. */
static void scale_minimum_k4(const uint8_t *packed, int s, uint8_t *scale, uint8_t *minimum) {
  if (s < 4) {
    *scale = packed[s] & 63;
    *minimum = packed[s + 4] & 63;
  } else {
    *scale = (packed[s + 4] & 15) | (packed[s - 4] >> 6) << 4;
    *minimum = packed[s + 4] >> 4 | (packed[s] >> 6) << 4;
  }
}

/* ---- one row of one span ---- */

static void negate_f16(uint8_t *half) {
  half[1] ^= 0x80;
}

static void pack_q4_0(uint8_t *to, int r, const uint8_t *from) {
  uint8_t code[32];
  put_f16(to, r, from);
  codes_nibbles(code, from + 2);
  put_nibbles(to + ROW_F16, r, code);
}

static void pack_q4_1(uint8_t *to, int r, const uint8_t *from) {
  uint8_t code[32];
  put_f16(to, r, from);
  put_f16(to + ROW_F16, r, from + 2);
  codes_nibbles(code, from + 4);
  put_nibbles(to + 2 * ROW_F16, r, code);
}

static void pack_q5_0(uint8_t *to, int r, const uint8_t *from) {
  uint8_t code[32];
  put_f16(to, r, from);
  codes_five_bits(code, from + 2, from + 6);
  put_fifth_bits(to + ROW_F16, r, code);
  put_nibbles(to + ROW_F16 + FIFTH_BITS, r, code);
}

static void pack_q5_1(uint8_t *to, int r, const uint8_t *from) {
  uint8_t code[32];
  put_f16(to, r, from);
  put_f16(to + ROW_F16, r, from + 2);
  codes_five_bits(code, from + 4, from + 8);
  put_fifth_bits(to + 2 * ROW_F16, r, code);
  put_nibbles(to + 2 * ROW_F16 + FIFTH_BITS, r, code);
}

static void pack_q8_0(uint8_t *to, int r, const uint8_t *from) {
  put_f16(to, r, from);
  for (int c = 0; c < 8; c++) {
    memcpy(to + ROW_F16 + c * 64 + r * 4, from + 2 + 4 * c, 4);
  }
}

static void pack_mxfp4(uint8_t *to, int r, const uint8_t *from) {
  uint8_t code[32];
  to[r] = from[0];
  codes_nibbles(code, from + 1);
  put_nibbles(to + ROW_BYTES, r, code);
}

/* Q4_K: f16 d, f16 dmin, scales[12], qs[128]. Q5_K has qh[32] before qs. */
static void pack_q4_k_q5_k(uint8_t *to, int r, const uint8_t *from, int type) {
  const uint8_t *scales = from + 4, *high = from + 16, *qs = from + (type == Q5_K ? 48 : 16);
  put_f16(to, r, from);
  put_f16(to + ROW_F16, r, from + 2);
  negate_f16(to + ROW_F16 + 2 * r);
  for (int s = 0; s < 8; s++) {
    uint8_t code[32];
    uint8_t *block = to + span_head(type) + s * block_bytes(type);
    scale_minimum_k4(scales, s, block + r, block + ROW_BYTES + r);
    block += 2 * ROW_BYTES;
    codes_super_nibbles(code, qs, s);
    if (type == Q5_K) {
      for (int k = 0; k < 32; k++) {
        code[k] |= (high[k] >> s & 1) << 4;
      }
      put_fifth_bits(block, r, code);
      block += FIFTH_BITS;
    }
    put_nibbles(block, r, code);
  }
}

/* Codes and 16-column scales of a whole 256-column block, for the two types that Q6_K's layout holds. */
static void put_sixths(uint8_t *to, int r, const uint8_t code[256], const int8_t scale[16]) {
  for (int s = 0; s < 8; s++) {
    uint8_t *block = to + span_head(Q6_K) + s * block_bytes(Q6_K);
    block[r] = (uint8_t) scale[2 * s];
    block[ROW_BYTES + r] = (uint8_t) scale[2 * s + 1];
    put_bit_pairs(block + 2 * ROW_BYTES, r, code + 32 * s, 4);
    put_nibbles(block + 2 * ROW_BYTES + BIT_PAIRS, r, code + 32 * s);
  }
}

/* Q6_K: ql[128], qh[64], int8 scales[16], f16 d. */
static void pack_q6_k(uint8_t *to, int r, const uint8_t *from) {
  const uint8_t *ql = from, *qh = from + 128;
  uint8_t code[256];
  for (int k = 0; k < 256; k++) {
    const int half = k / 128, quarter = k % 128 / 32, c = k % 32;
    const int low = ql[64 * half + 32 * (quarter % 2) + c] >> 4 * (quarter / 2) & 15;
    const int high = qh[32 * half + c] >> 2 * quarter & 3;
    code[k] = low | high << 4;
  }
  put_f16(to, r, from + 208);
  put_sixths(to, r, code, (const int8_t *) from + 192);
}

/* Q3_K: hmask[32], qs[64], 6-bit scales[12] biased by 32, f16 d. Value: d · scale · (code − 4). */
static void pack_q3_k(uint8_t *to, int r, const uint8_t *from) {
  const uint8_t *mask = from, *qs = from + 32, *packed = from + 96;
  uint8_t code[256];
  int8_t scale[16];
  for (int s = 0; s < 16; s++) {
    const int low = packed[s % 8] >> 4 * (s / 8) & 15;
    const int high = packed[8 + s % 4] >> 2 * (s / 4) & 3;
    scale[s] = (int8_t) ((low | high << 4) - 32);
  }
  for (int k = 0; k < 256; k++) {
    const int half = k / 128, quarter = k % 128 / 32, c = k % 32;
    const int low = qs[32 * half + c] >> 2 * quarter & 3;
    const int high = mask[c] >> (4 * half + quarter) & 1;
    code[k] = (uint8_t) ((low | high << 2) - 4 + 32); /* Q6_K's zero is 32 */
  }
  put_f16(to, r, from + 108);
  put_sixths(to, r, code, scale);
}

/* Q2_K: scale | minimum << 4 of each 16 columns [16], qs[64], f16 d, f16 dmin. */
static void pack_q2_k(uint8_t *to, int r, const uint8_t *from) {
  put_f16(to, r, from + 80);
  put_f16(to + ROW_F16, r, from + 82);
  negate_f16(to + ROW_F16 + 2 * r);
  for (int s = 0; s < 8; s++) {
    uint8_t code[32];
    uint8_t *block = to + span_head(Q2_K) + s * block_bytes(Q2_K);
    for (int k = 0; k < 32; k++) {
      code[k] = from[16 + 32 * (s / 4) + k] >> 2 * (s % 4) & 3;
    }
    block[r] = from[2 * s];
    block[ROW_BYTES + r] = from[2 * s + 1];
    put_bit_pairs(block + 2 * ROW_BYTES, r, code, 0);
  }
}

static void pack_span(int type, uint8_t *to, int r, const uint8_t *from) {
  switch (type) {
    case F32: memcpy(to + 4 * r, from, 4); break;
    case F16: case BF16: memcpy(to + 2 * r, from, 2); break;
    case Q4_0: pack_q4_0(to, r, from); break;
    case Q4_1: pack_q4_1(to, r, from); break;
    case Q5_0: pack_q5_0(to, r, from); break;
    case Q5_1: pack_q5_1(to, r, from); break;
    case Q8_0: pack_q8_0(to, r, from); break;
    case MXFP4: pack_mxfp4(to, r, from); break;
    case Q2_K: pack_q2_k(to, r, from); break;
    case Q3_K: pack_q3_k(to, r, from); break;
    case Q4_K: case Q5_K: pack_q4_k_q5_k(to, r, from, type); break;
    case Q6_K: pack_q6_k(to, r, from); break;
    default: break;
  }
}

void krafla_pack(int32_t type, uint8_t *to, const uint8_t *from, int64_t rows, int64_t cols,
                 int64_t from_bytes) {
  const int64_t spans = cols / span_cols(type);
  const int64_t row_bytes = from_bytes / rows, file_span = row_bytes / spans;
  memset(to, 0, (size_t) krafla_packed_bytes(type, rows, cols)); /* rows that fill up the last group */
  for (int64_t r0 = 0; r0 < rows; r0 += GROUP_ROWS) {
    uint8_t *group = to + r0 / GROUP_ROWS * group_bytes(type, cols);
    for (int64_t s = 0; s < spans; s++) {
      for (int r = 0; r < GROUP_ROWS && r0 + r < rows; r++) {
        pack_span(type, group + s * span_bytes(type), r, from + (r0 + r) * row_bytes + s * file_span);
      }
    }
  }
}

/*
 * Decodes packed blocks (packed.h) to one byte a code, for any instruction set. Before it the
 * includer has simd_*.h and
 *
 *   code_bytes(v)   Q8_0's int8 codes as its products want them
 */
#include "packed.h"

/* One decoded block: 16 rows × 32 columns. */
struct block {
  uint8_t w[8][64];     /* [k4][row][i]: code of column 4·k4 + i */
  float d[16], last[16]; /* scale of each row; with scales per 16 columns, d is that of the first 16 */
  float m[16], m16[16];  /* minimum of each row, times the sum of activations; m16 as `last` */
} __attribute__((aligned(64)));

/* Registers in the 64 bytes of 16 rows × 4 columns. */
enum { PARTS = 64 / BYTES };

/* ---- codes ---- */

INLINE void decode_nibbles(struct block *b, const uint8_t *n) {
  UNROLL for (int j = 0; j < 4; j++) {
    UNROLL for (int p = 0; p < PARTS; p++) {
      const bytes v = b_load(n + j * 64 + p * BYTES);
      b_store(b->w[j] + p * BYTES, b_shift(v, 0, 15));
      b_store(b->w[4 + j] + p * BYTES, b_shift(v, -4, 15));
    }
  }
}

INLINE void decode_five_bits(struct block *b, const uint8_t *fifth, const uint8_t *n) {
  UNROLL for (int p = 0; p < PARTS; p++) {
    const bytes f = b_load(fifth + p * BYTES);
    UNROLL for (int j = 0; j < 4; j++) {
      const bytes v = b_load(n + j * 64 + p * BYTES);
      b_store(b->w[j] + p * BYTES, b_or(b_shift(v, 0, 15), b_shift(f, 4 - j, 16)));
      b_store(b->w[4 + j] + p * BYTES, b_or(b_shift(v, -4, 15), b_shift(f, -j, 16)));
    }
  }
}

INLINE void decode_six_bits(struct block *b, const uint8_t *pairs, const uint8_t *n) {
  UNROLL for (int p = 0; p < PARTS; p++) {
    const bytes first = b_load(pairs + p * BYTES), last = b_load(pairs + 64 + p * BYTES);
    UNROLL for (int j = 0; j < 4; j++) {
      const bytes v = b_load(n + j * 64 + p * BYTES);
      b_store(b->w[j] + p * BYTES, b_or(b_shift(v, 0, 15), b_shift(first, 4 - 2 * j, 0x30)));
      b_store(b->w[4 + j] + p * BYTES, b_or(b_shift(v, -4, 15), b_shift(last, 4 - 2 * j, 0x30)));
    }
  }
}

INLINE void decode_two_bits(struct block *b, const uint8_t *pairs) {
  UNROLL for (int v = 0; v < 2; v++) {
    UNROLL for (int p = 0; p < PARTS; p++) {
      const bytes four = b_load(pairs + v * 64 + p * BYTES);
      UNROLL for (int j = 0; j < 4; j++) {
        b_store(b->w[4 * v + j] + p * BYTES, b_shift(four, -2 * j, 3));
      }
    }
  }
}

INLINE void decode_bytes(struct block *b, const uint8_t *from) {
  UNROLL for (int k4 = 0; k4 < 8; k4++) {
    UNROLL for (int p = 0; p < PARTS; p++) {
      b_store(b->w[k4] + p * BYTES, code_bytes(b_load(from + k4 * 64 + p * BYTES)));
    }
  }
}

/* e2m1 floats by table: twice the value, plus 16 to make it unsigned. */
INLINE void decode_mxfp4(struct block *b, const uint8_t *n) {
  static const uint8_t table[16] = {16, 17, 18, 19, 20, 22, 24, 28, 16, 15, 14, 13, 12, 10, 8, 4};
  UNROLL for (int j = 0; j < 4; j++) {
    UNROLL for (int p = 0; p < PARTS; p++) {
      const bytes v = b_load(n + j * 64 + p * BYTES);
      b_store(b->w[j] + p * BYTES, b_lookup(table, b_shift(v, 0, 15)));
      b_store(b->w[4 + j] + p * BYTES, b_lookup(table, b_shift(v, -4, 15)));
    }
  }
}

/* ---- scales ---- */

/* One scale a row, and a minimum where the type has them. */
INLINE void decode_scales_32(int type, struct block *b, const uint8_t *at) {
  UNROLL for (int h = 0; h < 2; h++) {
    /* MXFP4: half, because the table is doubled */
    v_store(b->d + 8 * h, type == MXFP4 ? v_load_half_e8m0(at + 8 * h) : v_load_f16(at + 16 * h));
    if (has_minimum(type)) {
      v_store(b->m + 8 * h, v_load_f16(at + ROW_F16 + 16 * h));
    }
  }
}

/* Q4_K, Q5_K: the span's f16 scale and minimum times the block's integer ones. */
INLINE void decode_scales_k(struct block *b, const uint8_t *head, const uint8_t *at) {
  UNROLL for (int h = 0; h < 2; h++) {
    const f32x8 d = v_load_f16(head + 16 * h), m = v_load_f16(head + ROW_F16 + 16 * h);
    v_store(b->d + 8 * h, v_mul(d, v_load_u8(at + 8 * h)));
    v_store(b->m + 8 * h, v_mul(m, v_load_u8(at + ROW_BYTES + 8 * h)));
  }
}

/* The span's f16 scale times the integer ones of the block's first and last 16 columns. */
INLINE void decode_scales_q6_k(struct block *b, const uint8_t *head, const uint8_t *at) {
  UNROLL for (int h = 0; h < 2; h++) {
    const f32x8 d = v_load_f16(head + 16 * h);
    v_store(b->d + 8 * h, v_mul(d, v_load_i8((const int8_t *) at + 8 * h)));
    v_store(b->last + 8 * h, v_mul(d, v_load_i8((const int8_t *) at + ROW_BYTES + 8 * h)));
  }
}

/* The same for scales in the low and minima in the high 4 bits. */
INLINE void decode_scales_q2_k(struct block *b, const uint8_t *head, const uint8_t *at) {
  UNROLL for (int h = 0; h < 2; h++) {
    const f32x8 d = v_load_f16(head + 16 * h), m = v_load_f16(head + ROW_F16 + 16 * h);
    UNROLL for (int v = 0; v < 2; v++) {
      uint8_t scales[8], minima[8];
      for (int r = 0; r < 8; r++) {
        scales[r] = at[v * ROW_BYTES + 8 * h + r] & 15;
        minima[r] = at[v * ROW_BYTES + 8 * h + r] >> 4;
      }
      v_store((v == 0 ? b->d : b->last) + 8 * h, v_mul(d, v_load_u8(scales)));
      v_store((v == 0 ? b->m : b->m16) + 8 * h, v_mul(m, v_load_u8(minima)));
    }
  }
}

/* Decodes block `at` of a span that begins at `head`. */
INLINE void decode(int type, struct block *b, const uint8_t *head, const uint8_t *at) {
  switch (type) {
    case Q4_0:
      decode_scales_32(type, b, at);
      decode_nibbles(b, at + ROW_F16);
      break;
    case Q4_1:
      decode_scales_32(type, b, at);
      decode_nibbles(b, at + 2 * ROW_F16);
      break;
    case Q5_0:
      decode_scales_32(type, b, at);
      decode_five_bits(b, at + ROW_F16, at + ROW_F16 + FIFTH_BITS);
      break;
    case Q5_1:
      decode_scales_32(type, b, at);
      decode_five_bits(b, at + 2 * ROW_F16, at + 2 * ROW_F16 + FIFTH_BITS);
      break;
    case Q8_0:
      decode_scales_32(type, b, at);
      decode_bytes(b, at + ROW_F16);
      break;
    case MXFP4:
      decode_scales_32(type, b, at);
      decode_mxfp4(b, at + ROW_BYTES);
      break;
    case Q4_K:
      decode_scales_k(b, head, at);
      decode_nibbles(b, at + 2 * ROW_BYTES);
      break;
    case Q5_K:
      decode_scales_k(b, head, at);
      decode_five_bits(b, at + 2 * ROW_BYTES, at + 2 * ROW_BYTES + FIFTH_BITS);
      break;
    case Q6_K:
      decode_scales_q6_k(b, head, at);
      decode_six_bits(b, at + 2 * ROW_BYTES, at + 2 * ROW_BYTES + BIT_PAIRS);
      break;
    case Q2_K:
      decode_scales_q2_k(b, head, at);
      decode_two_bits(b, at + 2 * ROW_BYTES);
      break;
    default:
      break;
  }
}

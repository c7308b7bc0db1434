/*
 * Decodes packed blocks (packed.h) to one byte a code, for any instruction set. Before it the
 * includer has simd_*.h and
 *
 *   struct block                         with uint8_t w[8][64]: [k4][row][i], the code of column
 *                                        4·k4 + i; float d[16], m[16]: scale and minimum of each row
 *   decode_scales_q6_k(block, head, at)
 *   decode_scales_q2_k(block, head, at)  d, m and the integer scales of 16 columns, as products want
 *                                        them
 */
#include "packed.h"

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

/* e2m1 floats by table: twice the value, plus 12 to make it unsigned. */
INLINE void decode_mxfp4(struct block *b, const uint8_t *n) {
  static const uint8_t table[16] = {12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0};
  UNROLL for (int j = 0; j < 4; j++) {
    UNROLL for (int p = 0; p < PARTS; p++) {
      const bytes v = b_load(n + j * 64 + p * BYTES);
      b_store(b->w[j] + p * BYTES, b_lookup(table, b_shift(v, 0, 15)));
      b_store(b->w[4 + j] + p * BYTES, b_lookup(table, b_shift(v, -4, 15)));
    }
  }
}

/* ---- scales ---- */

/* d as it is, m = −zero · d: a weight is d · (code − zero). */
INLINE void scales_with_zero(struct block *b, int h, f32x8 d, float zero) {
  v_store(b->d + 8 * h, d);
  v_store(b->m + 8 * h, v_mul(d, v_set(-zero)));
}

INLINE void decode_scales_32(int type, struct block *b, const uint8_t *at) {
  UNROLL for (int h = 0; h < 2; h++) {
    if (type == MXFP4) {
      scales_with_zero(b, h, v_load_half_e8m0(at + 8 * h), 12); /* half: the table is doubled */
    } else if (type == Q4_0 || type == Q5_0) {
      scales_with_zero(b, h, v_load_f16(at + 16 * h), type == Q4_0 ? 8 : 16);
    } else {
      v_store(b->d + 8 * h, v_load_f16(at + 16 * h));
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

/* Decodes block `at` of a span that begins at `head`; any type but Q8_0, whose codes are signed. */
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

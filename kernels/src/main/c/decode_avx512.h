/*
 * Decodes packed blocks (packed.h) into AVX-512 registers, a register for 16 rows × 4 columns, for
 * matmul_*.c.
 */
#ifndef KRAFLA_DECODE_AVX512_H
#define KRAFLA_DECODE_AVX512_H

#include "packed.h"
#include "simd_avx512.h"

/* One decoded block: 16 rows × 32 columns. */
struct block {
  __m512i w[8];    /* byte [row][i] of w[k4]: code of column 4·k4 + i */
  __m512 d, last;  /* scale of each row; with scales per 16 columns, d is that of the first 16 */
  __m512 m, m16;   /* minimum of each row, times the sum of activations; m16 as `last` */
};

/* ---- decoding ---- */

INLINE __m512i load(const void *p) {
  return _mm512_loadu_si512(p);
}

INLINE __m512 halves(const uint8_t *p) {
  return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *) p));
}

INLINE __m512 unsigned_bytes(const uint8_t *p) {
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *) p)));
}

INLINE __m512 signed_bytes(const uint8_t *p) {
  return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *) p)));
}

/* Shifts bytes left by n (right by −n); bits that cross into a neighbour are masked off by `keep`. */
INLINE __m512i shift_bits(__m512i v, int n, __m512i keep) {
  return _mm512_and_si512(n >= 0 ? _mm512_slli_epi16(v, n) : _mm512_srli_epi16(v, -n), keep);
}

INLINE void decode_nibbles(struct block *b, const uint8_t *n) {
  const __m512i low = _mm512_set1_epi8(15);
  UNROLL for (int j = 0; j < 4; j++) {
    const __m512i v = load(n + j * 64);
    b->w[j] = _mm512_and_si512(v, low);
    b->w[4 + j] = shift_bits(v, -4, low);
  }
}

INLINE void add_fifth_bits(struct block *b, const uint8_t *fifth) {
  const __m512i bit4 = _mm512_set1_epi8(16), f = load(fifth);
  UNROLL for (int j = 0; j < 4; j++) {
    b->w[j] = _mm512_or_si512(b->w[j], shift_bits(f, 4 - j, bit4));
    b->w[4 + j] = _mm512_or_si512(b->w[4 + j], shift_bits(f, -j, bit4));
  }
}

INLINE void add_bits_4_and_5(struct block *b, const uint8_t *pairs) {
  const __m512i bits45 = _mm512_set1_epi8(0x30);
  const __m512i first = load(pairs), last = load(pairs + 64);
  UNROLL for (int j = 0; j < 4; j++) {
    b->w[j] = _mm512_or_si512(b->w[j], shift_bits(first, 4 - 2 * j, bits45));
    b->w[4 + j] = _mm512_or_si512(b->w[4 + j], shift_bits(last, 4 - 2 * j, bits45));
  }
}

INLINE void decode_two_bits(struct block *b, const uint8_t *pairs) {
  const __m512i bits01 = _mm512_set1_epi8(3);
  UNROLL for (int v = 0; v < 2; v++) {
    const __m512i p = load(pairs + v * 64);
    UNROLL for (int j = 0; j < 4; j++) {
      b->w[4 * v + j] = shift_bits(p, -2 * j, bits01);
    }
  }
}

/* int8, made unsigned by adding 128. */
INLINE void decode_bytes(struct block *b, const uint8_t *bytes) {
  const __m512i top = _mm512_set1_epi8((char) 0x80);
  UNROLL for (int k4 = 0; k4 < 8; k4++) {
    b->w[k4] = _mm512_xor_si512(load(bytes + k4 * 64), top);
  }
}

/* e2m1 floats by table: twice the value, plus 16 to make it unsigned. */
INLINE void decode_mxfp4(struct block *b, const uint8_t *n) {
  const __m512i table = _mm512_broadcast_i32x4(
      _mm_setr_epi8(16, 17, 18, 19, 20, 22, 24, 28, 16, 15, 14, 13, 12, 10, 8, 4));
  decode_nibbles(b, n);
  UNROLL for (int k4 = 0; k4 < 8; k4++) {
    b->w[k4] = _mm512_shuffle_epi8(table, b->w[k4]);
  }
}

/* 2^(e − 128), half of the block's scale because the table is doubled; 0 for e ≤ 1. */
INLINE __m512 mxfp4_scale(const uint8_t *e) {
  const __m512i biased = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *) e));
  const __m512i less = _mm512_max_epi32(_mm512_sub_epi32(biased, _mm512_set1_epi32(1)),
                                        _mm512_setzero_si512());
  return _mm512_castsi512_ps(_mm512_slli_epi32(less, 23));
}

/* Decodes block `at` of a span that begins at `head`. */
INLINE void decode(int type, struct block *b, const uint8_t *head, const uint8_t *at) {
  switch (type) {
    case Q4_0:
      b->d = halves(at);
      decode_nibbles(b, at + ROW_F16);
      break;
    case Q4_1:
      b->d = halves(at);
      b->m = halves(at + ROW_F16);
      decode_nibbles(b, at + 2 * ROW_F16);
      break;
    case Q5_0:
      b->d = halves(at);
      decode_nibbles(b, at + ROW_F16 + FIFTH_BITS);
      add_fifth_bits(b, at + ROW_F16);
      break;
    case Q5_1:
      b->d = halves(at);
      b->m = halves(at + ROW_F16);
      decode_nibbles(b, at + 2 * ROW_F16 + FIFTH_BITS);
      add_fifth_bits(b, at + 2 * ROW_F16);
      break;
    case Q8_0:
      b->d = halves(at);
      decode_bytes(b, at + ROW_F16);
      break;
    case MXFP4:
      b->d = mxfp4_scale(at);
      decode_mxfp4(b, at + ROW_BYTES);
      break;
    case Q4_K: case Q5_K:
      b->d = _mm512_mul_ps(halves(head), unsigned_bytes(at));
      b->m = _mm512_mul_ps(halves(head + ROW_F16), unsigned_bytes(at + ROW_BYTES));
      at += 2 * ROW_BYTES;
      if (type == Q4_K) {
        decode_nibbles(b, at);
      } else {
        decode_nibbles(b, at + FIFTH_BITS);
        add_fifth_bits(b, at);
      }
      break;
    case Q6_K:
      b->d = _mm512_mul_ps(halves(head), signed_bytes(at));
      b->last = _mm512_mul_ps(halves(head), signed_bytes(at + ROW_BYTES));
      decode_nibbles(b, at + 2 * ROW_BYTES + BIT_PAIRS);
      add_bits_4_and_5(b, at + 2 * ROW_BYTES);
      break;
    case Q2_K: {
      const __m512i low = _mm512_set1_epi32(15);
      const __m512i first = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *) at));
      const __m512i last = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *) (at + ROW_BYTES)));
      const __m512 d = halves(head), m = halves(head + ROW_F16);
      b->d = _mm512_mul_ps(d, _mm512_cvtepi32_ps(_mm512_and_si512(first, low)));
      b->last = _mm512_mul_ps(d, _mm512_cvtepi32_ps(_mm512_and_si512(last, low)));
      b->m = _mm512_mul_ps(m, _mm512_cvtepi32_ps(_mm512_srli_epi32(first, 4)));
      b->m16 = _mm512_mul_ps(m, _mm512_cvtepi32_ps(_mm512_srli_epi32(last, 4)));
      decode_two_bits(b, at + 2 * ROW_BYTES);
      break;
    }
    default:
      break;
  }
}

/* ---- floats ---- */

/* The 16 elements of one column as float32. */
INLINE __m512 decode_floats(int type, const uint8_t *at) {
  switch (type) {
    case F16: return halves(at);
    case BF16: {
      const __m512i bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *) at));
      return _mm512_castsi512_ps(_mm512_slli_epi32(bits, 16));
    }
    default: return _mm512_loadu_ps(at);
  }
}

/* ---- memory ---- */

/* Beyond the matrix's end it fetches what follows, or nothing: prefetches do not fault. */
INLINE void prefetch(const uint8_t *p, int bytes) {
  UNROLL for (int i = 0; i < bytes; i += 64) {
    _mm_prefetch((const char *) p + i, _MM_HINT_T0);
  }
}

#endif

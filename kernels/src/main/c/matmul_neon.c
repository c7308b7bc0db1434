/*
 * Products on NEON of decoded blocks with activations; the plan is in matmul.h.
 *
 * SDOT adds four products of int8 × int8 to each lane of int32 exactly: codes of up to 6 bits are
 * int8 as they are, and nothing can saturate. A register of codes has four columns of four rows; half
 * the activations of 16 columns are one register, of which SDOT takes four columns by lane.
 */
#include "activations.h"
#include "simd_neon.h"

enum { CHUNK = 16, QUARTERS = 4 }; /* 12 KB of blocks in a panel, as on AVX2 */

/* Signed is what SDOT wants. */
INLINE bytes code_bytes(bytes v) {
  return v;
}

#include "decode.h"

/* ---- products of one decoded block with one tile of T tokens ---- */

/* acc[r] + Σi w[4r + i] · a[4·lane + i]; the instruction wants a constant for the lane. */
INLINE int32x4_t dot4(int32x4_t acc, int8x16_t w, int8x16_t a, int lane) {
  switch (lane) {
    case 0: return vdotq_laneq_s32(acc, w, a, 0);
    case 1: return vdotq_laneq_s32(acc, w, a, 1);
    case 2: return vdotq_laneq_s32(acc, w, a, 2);
    default: return vdotq_laneq_s32(acc, w, a, 3);
  }
}

/* dots[t][r] += Σ code · q over columns 4·from … 4·to, with one half of q. */
INLINE void dot_half(int T, int32x4_t dots[][QUARTERS], const struct block *w, const int8_t *q, int from,
                     int to) {
  UNROLL for (int k16 = from / 4; k16 < to / 4; k16++) {
    int8x16_t a[TILE];
    UNROLL for (int t = 0; t < T; t++) {
      a[t] = vld1q_s8(q + t * BLOCK_HALF + k16 * 16);
    }
    UNROLL for (int j = 0; j < 4; j++) {
      UNROLL for (int r = 0; r < QUARTERS; r++) {
        const int8x16_t codes = vld1q_s8((const int8_t *) w->w[4 * k16 + j] + r * 16);
        UNROLL for (int t = 0; t < T; t++) {
          dots[t][r] = dot4(dots[t][r], codes, a[t], j);
        }
      }
    }
  }
}

/* sums[t] += Σ weight · q over columns 4·from … 4·to of block b, whose rows have scale d and minimum m. */
INLINE void dot_columns(int type, int T, float *sums, const struct block *w, const float *d, const float *m,
                        const struct tile *x, int64_t b, int from, int to) {
  const int8_t *high = (const int8_t *) x->q + b * T * BLOCK_WORDS, *low = high + T * BLOCK_HALF;
  const int part = to - from == 8 ? 0 : from == 0 ? 1 : 2; /* of the sums of columns */
  int32x4_t dots[TILE][QUARTERS];
  UNROLL for (int t = 0; t < T; t++) {
    UNROLL for (int r = 0; r < QUARTERS; r++) {
      dots[t][r] = vdupq_n_s32(0);
    }
  }
  dot_half(T, dots, w, high, from, to);
  UNROLL for (int t = 0; t < T; t++) {
    const int32_t minus = x->minus[(b * T + t) * 3 + part];
    /* codes of Q8_0 are less their zero point already */
    const int zero = type == Q8_0 || zero_bits(type) == 0 ? 0 : 1 << zero_bits(type);
    UNROLL for (int r = 0; r < QUARTERS; r++) {
      dots[t][r] = vaddq_s32(vshlq_n_s32(dots[t][r], 8), vdupq_n_s32(zero * minus));
    }
  }
  dot_half(T, dots, w, low, from, to);
  UNROLL for (int t = 0; t < T; t++) {
    const float scale = x->scale[b * T + t], sum = sum_of(x, b * T + t, part);
    UNROLL for (int r = 0; r < QUARTERS; r++) {
      float *at = sums + t * GROUP_ROWS + 4 * r;
      float32x4_t v = vfmaq_f32(vld1q_f32(at), vcvtq_f32_s32(dots[t][r]),
                                  vmulq_n_f32(vld1q_f32(d + 4 * r), scale));
      if (has_minimum(type)) {
        v = vfmaq_n_f32(v, vld1q_f32(m + 4 * r), sum);
      }
      vst1q_f32(at, v);
    }
  }
}

#include "matmul.h"

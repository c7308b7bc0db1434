/*
 * Products on NEON of decoded blocks with activations; the plan is in matmul.h.
 *
 * SDOT adds four products of int8 × int8 to each lane of int32 exactly: codes of up to 6 bits are
 * int8 as they are, and nothing can saturate. A register of codes has four columns of four rows; the
 * activations of 16 columns are one register, of which SDOT takes four columns by lane.
 */
#include "activations.h"
#include "packed.h"
#include "simd_neon.h"

enum { CHUNK = 16, QUARTERS = GROUP_ROWS / 4 }; /* 14 KB of blocks in a panel, as on AVX2 */

/* One decoded block: 16 rows × 32 columns. */
struct block {
  uint8_t w[8][64];    /* [k4][row][i]: code of column 4·k4 + i; int8 for Q8_0 */
  float d[16];         /* scale of each row */
  float m[16];         /* minimum of each row, times the sum of activations */
  int32_t s[2][16];    /* integer scales of the first and last 16 columns */
  int32_t z[2][16];    /* what the sums of the first and last 16 columns are multiplied by */
} __attribute__((aligned(64)));

/* Blocks that the tokens pass over. */
union panel {
  struct block blocks[CHUNK];
};

/* ---- decoding ---- */

INLINE void decode_scales_q6_k(struct block *b, const uint8_t *head, const uint8_t *at) {
  for (int v = 0; v < 2; v++) {
    for (int r = 0; r < GROUP_ROWS; r++) {
      b->s[v][r] = ((const int8_t *) at)[v * ROW_BYTES + r];
      b->z[v][r] = b->s[v][r] * 32; /* code 32 is zero */
    }
  }
  v_store(b->d, v_load_f16(head));
  v_store(b->d + 8, v_load_f16(head + 16));
}

INLINE void decode_scales_q2_k(struct block *b, const uint8_t *head, const uint8_t *at) {
  for (int v = 0; v < 2; v++) {
    for (int r = 0; r < GROUP_ROWS; r++) {
      b->s[v][r] = at[v * ROW_BYTES + r] & 15;
      b->z[v][r] = at[v * ROW_BYTES + r] >> 4;
    }
  }
  UNROLL for (int h = 0; h < 2; h++) {
    v_store(b->d + 8 * h, v_load_f16(head + 16 * h));
    v_store(b->m + 8 * h, v_load_f16(head + ROW_F16 + 16 * h));
  }
}

#include "decode.h"

INLINE void decode_q8_0(struct block *b, const uint8_t *at) {
  memcpy(b->w, at + ROW_F16, sizeof b->w); /* they lie there as the products want them */
  v_store(b->d, v_load_f16(at));
  v_store(b->d + 8, v_load_f16(at + 16));
}

INLINE void decode_block(int type, union panel *panel, int i, const uint8_t *span,
                         const uint8_t *at) {
  if (type == Q8_0) {
    decode_q8_0(&panel->blocks[i], at);
  } else {
    decode(type, &panel->blocks[i], span, at);
  }
}

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

/* dots[t][r] += Σ code · q over 16 columns, the first (half 0) or last, for `quarters` of four rows. */
INLINE void dot_half(int half, int first, int quarters, int T, int32x4_t dots[][QUARTERS],
                     const struct block *w, const int8_t *q) {
  int8x16_t a[TILE];
  UNROLL for (int t = 0; t < T; t++) {
    a[t] = vld1q_s8(q + t * 32 + half * 16);
  }
  UNROLL for (int j = 0; j < 4; j++) {
    UNROLL for (int r = 0; r < quarters; r++) {
      const int8x16_t codes = vld1q_s8((const int8_t *) w->w[4 * half + j] + (first + r) * 16);
      UNROLL for (int t = 0; t < T; t++) {
        dots[t][r] = dot4(dots[t][r], codes, a[t], j);
      }
    }
  }
}

INLINE void zero(int quarters, int T, int32x4_t dots[][QUARTERS]) {
  UNROLL for (int t = 0; t < T; t++) {
    UNROLL for (int r = 0; r < quarters; r++) {
      dots[t][r] = vdupq_n_s32(0);
    }
  }
}

/* sums += d · scale · dots, and + m · sum where weights have a minimum or zero point. */
INLINE void dot_whole(int minimum, int T, float *sums, const struct block *w, const struct tile *x,
                      int64_t b) {
  int32x4_t dots[TILE][QUARTERS];
  zero(QUARTERS, T, dots);
  dot_half(0, 0, QUARTERS, T, dots, w, x->q8 + b * T * 32);
  dot_half(1, 0, QUARTERS, T, dots, w, x->q8 + b * T * 32);
  UNROLL for (int t = 0; t < T; t++) {
    UNROLL for (int r = 0; r < QUARTERS; r++) {
      float *to = sums + t * GROUP_ROWS + 4 * r;
      const float32x4_t d = vmulq_n_f32(vld1q_f32(w->d + 4 * r), x->scale8[b * T + t]);
      float32x4_t v = vfmaq_f32(vld1q_f32(to), vcvtq_f32_s32(dots[t][r]), d);
      if (minimum) {
        v = vfmaq_n_f32(v, vld1q_f32(w->m + 4 * r), x->sum[b * T + t]);
      }
      vst1q_f32(to, v);
    }
  }
}

/* Codes with an integer scale per 16 columns; eight rows at a time, else registers run out. */
INLINE void dot_sixteenths(int minimum, int T, float *sums, const struct block *w,
                           const struct tile *x, int64_t b) {
  const int8_t *q = x->q8 + b * T * 32;
  UNROLL for (int first = 0; first < QUARTERS; first += 2) {
    int32x4_t dots[TILE][QUARTERS], last[TILE][QUARTERS];
    zero(2, T, dots);
    dot_half(0, first, 2, T, dots, w, q);
    zero(2, T, last);
    dot_half(1, first, 2, T, last, w, q);
    UNROLL for (int t = 0; t < T; t++) {
      const int16_t *columns = x->sums16 + (b * T + t) * 2;
      const float scale = x->scale8[b * T + t];
      UNROLL for (int r = 0; r < 2; r++) {
        const int row = 4 * (first + r);
        const int32x4_t dot = vmlaq_s32(vmulq_s32(dots[t][r], vld1q_s32(w->s[0] + row)),
                                        last[t][r], vld1q_s32(w->s[1] + row));
        const int32x4_t offset = vmlaq_n_s32(vmulq_n_s32(vld1q_s32(w->z[0] + row), columns[0]),
                                             vld1q_s32(w->z[1] + row), columns[1]);
        const float32x4_t d = vmulq_n_f32(vld1q_f32(w->d + row), scale);
        float *to = sums + t * GROUP_ROWS + row;
        float32x4_t v = vld1q_f32(to);
        if (minimum) {
          const float32x4_t m = vmulq_n_f32(vld1q_f32(w->m + row), scale);
          v = vfmaq_f32(v, vcvtq_f32_s32(dot), d);
          v = vfmaq_f32(v, vcvtq_f32_s32(offset), m);
        } else {
          v = vfmaq_f32(v, vcvtq_f32_s32(vsubq_s32(dot, offset)), d);
        }
        vst1q_f32(to, v);
      }
    }
  }
}

INLINE void dot_block(int type, int T, float *sums, const union panel *panel, int i,
                      const struct tile *x, int64_t b) {
  const struct block *w = &panel->blocks[i];
  switch (type) {
    case Q6_K: dot_sixteenths(0, T, sums, w, x, b); break;
    case Q2_K: dot_sixteenths(1, T, sums, w, x, b); break;
    default: dot_whole(type != Q8_0, T, sums, w, x, b); break;
  }
}

#include "matmul.h"

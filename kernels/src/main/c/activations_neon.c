/* Quantises activations for matmul_neon.c. */
#include "activations.h"
#include "simd_neon.h"

enum { WORDS = 0 };

/* Eight columns of q, int16. */
static inline int16x8_t round_eight(const float *x, struct rounding r) {
  const f32x8 scaled = v_mul(v_load(x), v_set(r.inverse));
  const int16x8_t q = vqmovn_high_s32(vqmovn_s32(vcvtnq_s32_f32(scaled.low)), vcvtnq_s32_f32(scaled.high));
  return vshlq_s16(q, vdupq_n_s16((int16_t) r.shift));
}

INLINE void round_block(uint8_t *high, int64_t low, const float *x, struct rounding r, int32_t sums[2]) {
  UNROLL for (int half = 0; half < 2; half++) {
    const int16x8_t a = round_eight(x + 16 * half, r), b = round_eight(x + 16 * half + 8, r);
    int8_t *to = (int8_t *) high + 16 * half;
    /* (q + 128) / 256, rounded down: a narrowing shift that rounds */
    vst1q_s8(to, vrshrn_high_n_s16(vrshrn_n_s16(a, 8), b, 8));
    vst1q_s8(to + low, vmovn_high_s16(vmovn_s16(a), b)); /* q's last byte */
    sums[half] = vaddlvq_s16(a) + vaddlvq_s16(b);
  }
}

#include "quantize.h"

KRAFLA_EXPORT void KERNEL(quantize)(uint8_t *act, const float *x, int64_t rows, int64_t cols,
                                    int64_t from, int64_t to, int32_t precision) {
  quantize_tiles(act, x, rows, cols, from, to, precision);
}

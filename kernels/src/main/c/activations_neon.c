#include "activations.h"
#include "simd_neon.h"

/* Rounds x · inverse to int16, eight columns. */
static inline int16x8_t round_to(f32x8 x, f32x8 inverse) {
  const f32x8 scaled = v_mul(x, inverse);
  return vqmovn_high_s32(vqmovn_s32(vcvtnq_s32_f32(scaled.low)), vcvtnq_s32_f32(scaled.high));
}

static inline void round_i8(int8_t *to, const f32x8 x[4], f32x8 inverse, int sums[2]) {
  for (int half = 0; half < 2; half++) {
    const int16x8_t a = round_to(x[2 * half], inverse), b = round_to(x[2 * half + 1], inverse);
    vst1q_s8(to + 16 * half, vqmovn_high_s16(vqmovn_s16(a), b));
    sums[half] = vaddvq_s16(vaddq_s16(a, b)); /* at most 16 · 127 */
  }
}

static inline void round_i16(int16_t *to, const f32x8 x[4], f32x8 inverse) {
  for (int v = 0; v < 4; v++) {
    vst1q_s16(to + 8 * v, round_to(x[v], inverse));
  }
}

#include "quantize.h"

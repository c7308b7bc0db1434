/* Functions of a register's lanes over the vocabulary of simd_*.h, which is included before. */
#ifndef KRAFLA_SIMD_MATH_H
#define KRAFLA_SIMD_MATH_H

/*
 * e^x, relative error below 2e-7: 2^n · e^r with |r| <= ln 2 / 2 and the minimax polynomial of the
 * Cephes library's expf. Below -87 the result is 0, above 88 that of 88; NaN stays NaN.
 */
static inline vec v_exp(vec x) {
  const vec low = v_set(-87.0f);
  const vec clamped = v_min(v_set(88.0f), v_max(low, x));
  const vec n = v_round(v_mul(clamped, v_set(1.44269504f)));
  vec r = v_fma(n, v_set(-0.693359375f), clamped);
  r = v_fma(n, v_set(2.12194440e-4f), r);
  vec p = v_set(1.9875691500e-4f);
  p = v_fma(p, r, v_set(1.3981999507e-3f));
  p = v_fma(p, r, v_set(8.3334519073e-3f));
  p = v_fma(p, r, v_set(4.1665795894e-2f));
  p = v_fma(p, r, v_set(1.6666665459e-1f));
  p = v_fma(p, r, v_set(5.0000001201e-1f));
  p = v_add(v_fma(v_mul(r, r), p, r), v_set(1.0f));
  return v_keep_ge(v_scale_exponent(p, n), x, low);
}

/* 1 / (1 + e^-x), relative error below 4e-7. */
static inline vec v_sigmoid(vec x) {
  const vec one = v_set(1.0f);
  return v_div(one, v_add(one, v_exp(v_sub(v_zero(), x))));
}

/* tanh x = 2 · sigmoid(2x) - 1, absolute error below 5e-7. */
static inline vec v_tanh(vec x) {
  return v_fma(v_set(2.0f), v_sigmoid(v_add(x, x)), v_set(-1.0f));
}

/* cap · tanh(x / cap), absolute error below 5e-7 · cap. */
static inline vec v_softcap(vec x, float cap) {
  return v_mul(v_set(cap), v_tanh(v_div(x, v_set(cap))));
}

#endif

/*
 * The row-wise operations of a forward pass, for any instruction set that has simd_*.h (included
 * before). Each works on rows row_from .. row_to of row-major float32 matrices; a row's result
 * depends on nothing but the row.
 */
#include "krafla.h"

#include <math.h>

/* out = x / rms(x) · weight over n elements; out may be x. Squares are summed in four registers. */
static void rms_norm(float *out, const float *x, const float *weight, int n, float eps) {
  vec sums[4] = {v_zero(), v_zero(), v_zero(), v_zero()};
  int i = 0;
  for (; i + 4 * LANES <= n; i += 4 * LANES) {
    UNROLL for (int j = 0; j < 4; j++) {
      const vec v = v_load(x + i + LANES * j);
      sums[j] = v_fma(v, v, sums[j]);
    }
  }
  for (; i + LANES <= n; i += LANES) {
    const vec v = v_load(x + i);
    sums[0] = v_fma(v, v, sums[0]);
  }
  float sum = v_sum(v_add(v_add(sums[0], sums[1]), v_add(sums[2], sums[3])));
  for (; i < n; i++) {
    sum += x[i] * x[i];
  }
  const float scale = 1 / sqrtf(sum / (float) n + eps);
  const vec scales = v_set(scale);
  for (i = 0; i + LANES <= n; i += LANES) {
    v_store(out + i, v_mul(v_mul(v_load(x + i), scales), v_load(weight + i)));
  }
  for (; i < n; i++) {
    out[i] = x[i] * scale * weight[i];
  }
}

/* On each of `vectors` vectors of n from `column` on. */
KRAFLA_EXPORT void KERNEL(rms_norm)(float *out, const float *x, const float *weight, int32_t row_from,
                      int32_t row_to, int32_t out_cols, int32_t x_cols, int32_t column,
                      int32_t vectors, int32_t n, float eps) {
  for (int64_t row = row_from; row < row_to; row++) {
    for (int v = 0; v < vectors; v++) {
      const int at = column + v * n;
      rms_norm(out + row * out_cols + at, x + row * x_cols + at, weight, n, eps);
    }
  }
}

static void rotate_interleaved(float *x, const float *cosine, const float *sine, int pairs) {
  int i = 0;
  for (; i + LANES / 2 <= pairs; i += LANES / 2) {
    v_store(x + 2 * i, v_rotate_pairs(v_load(x + 2 * i), cosine + i, sine + i));
  }
  for (; i < pairs; i++) {
    const float a = x[2 * i], b = x[2 * i + 1];
    x[2 * i] = a * cosine[i] - b * sine[i];
    x[2 * i + 1] = a * sine[i] + b * cosine[i];
  }
}

static void rotate_halves(float *x, const float *cosine, const float *sine, int pairs) {
  float *y = x + pairs;
  int i = 0;
  for (; i + LANES <= pairs; i += LANES) {
    const vec a = v_load(x + i), b = v_load(y + i);
    const vec c = v_load(cosine + i), s = v_load(sine + i);
    v_store(x + i, v_sub(v_mul(a, c), v_mul(b, s)));
    v_store(y + i, v_add(v_mul(a, s), v_mul(b, c)));
  }
  for (; i < pairs; i++) {
    const float a = x[i], b = y[i];
    x[i] = a * cosine[i] - b * sine[i];
    y[i] = a * sine[i] + b * cosine[i];
  }
}

/* On each of `heads` heads from `column` on; tables are [positions][pairs]. */
KRAFLA_EXPORT void KERNEL(rope)(float *x, const int32_t *positions, const float *cosine, const float *sine,
                  int32_t row_from, int32_t row_to, int32_t cols, int32_t column, int32_t heads,
                  int32_t head_dim, int32_t pairs, int32_t interleaved) {
  for (int64_t row = row_from; row < row_to; row++) {
    const float *c = cosine + (int64_t) positions[row] * pairs;
    const float *s = sine + (int64_t) positions[row] * pairs;
    for (int h = 0; h < heads; h++) {
      float *head = x + row * cols + column + h * head_dim;
      if (interleaved) {
        rotate_interleaved(head, c, s, pairs);
      } else {
        rotate_halves(head, c, s, pairs);
      }
    }
  }
}

/* x · sigmoid(x) */
static inline vec silu(vec x) { return v_mul(x, v_sigmoid(x)); }

/* 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), as tanh u = 2·sigmoid(2u) - 1 */
static inline vec gelu(vec x) {
  const vec cubic = v_mul(v_mul(x, x), v_mul(x, v_set(0.044715f)));
  return v_mul(x, v_sigmoid(v_mul(v_set(1.5957691216f), v_add(x, cubic))));
}

/* out[n] = activation(gate) · up; a row of gate_up is gate[n] then up[n]. */
KRAFLA_EXPORT void KERNEL(gate)(float *out, const float *gate_up, int32_t row_from, int32_t row_to,
                  int32_t out_cols, int32_t n, int32_t is_gelu) {
  for (int64_t row = row_from; row < row_to; row++) {
    const float *gate = gate_up + row * 2 * n, *up = gate + n;
    float *to = out + row * out_cols;
    int i = 0;
    for (; i + LANES <= n; i += LANES) {
      const vec x = v_load(gate + i);
      v_store(to + i, v_mul(is_gelu ? gelu(x) : silu(x), v_load(up + i)));
    }
    if (i < n) {
      float x[LANES] = {0};
      memcpy(x, gate + i, (size_t) (n - i) * sizeof(float));
      v_store(x, is_gelu ? gelu(v_load(x)) : silu(v_load(x)));
      for (int j = 0; i < n; i++, j++) {
        to[i] = x[j] * up[i];
      }
    }
  }
}

/* x[column .. column + n] += y[0 .. n]; y_cols 0 adds the same row to all. */
KRAFLA_EXPORT void KERNEL(add)(float *x, const float *y, int32_t row_from, int32_t row_to, int32_t x_cols,
                 int32_t y_cols, int32_t column, int32_t n) {
  for (int64_t row = row_from; row < row_to; row++) {
    float *a = x + row * x_cols + column;
    const float *b = y + row * y_cols;
    int i = 0;
    for (; i + LANES <= n; i += LANES) {
      v_store(a + i, v_add(v_load(a + i), v_load(b + i)));
    }
    for (; i < n; i++) {
      a[i] += b[i];
    }
  }
}

/* x = cap · tanh(x / cap) */
KRAFLA_EXPORT void KERNEL(softcap)(float *x, int64_t n, float cap) {
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) {
    v_store(x + i, v_softcap(v_load(x + i), cap));
  }
  if (i < n) {
    float rest[LANES] = {0};
    memcpy(rest, x + i, (size_t) (n - i) * sizeof(float));
    v_store(rest, v_softcap(v_load(rest), cap));
    memcpy(x + i, rest, (size_t) (n - i) * sizeof(float));
  }
}

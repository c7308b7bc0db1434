/* The row-wise operations against plain C in double, for lengths that fill no register. */
#include "test.h"

#include <math.h>
#include <string.h>

enum { ROWS = 3, MOST_PAIRS = 512 };

static const int lengths[] = {1, 3, 8, 12, 31, 32, 64, 100, 173, 512};

static float *random_matrix(int64_t n, float scale) {
  float *x = allocate(n * 4);
  for (int64_t i = 0; i < n; i++) {
    x[i] = scale * random_float();
  }
  return x;
}

static float *copy(const float *x, int64_t n) {
  float *to = allocate(n * 4);
  memcpy(to, x, (size_t) n * 4);
  return to;
}

/* Two vectors of n in rows of 2n + 3, from column 1 on; what lies around them is left as it was. */
static void test_rms_norm(int n) {
  const int cols = 2 * n + 3;
  const float *x = random_matrix(ROWS * cols, 3), *w = random_matrix(n, 1);
  float *out = copy(x, ROWS * cols);
  KERNEL(rms_norm)(out, x, w, 1, ROWS, cols, cols, 1, 2, n, 1e-5f);
  for (int row = 0; row < ROWS; row++) {
    for (int c = 0; c < cols; c++) {
      double expected = x[row * cols + c];
      if (row > 0 && c >= 1 && c < 1 + 2 * n) {
        const float *vector = x + row * cols + 1 + (c - 1) / n * n;
        double squares = 0;
        for (int i = 0; i < n; i++) {
          squares += (double) vector[i] * vector[i];
        }
        expected *= w[(c - 1) % n] / sqrt(squares / n + 1e-5);
      }
      check_close(out[row * cols + c], expected, 1e-6 * fabs(expected), "rms_norm of %d, row %d, column %d",
                  n, row, c);
    }
  }
  digest(out, ROWS * cols * 4);
}

/* Two heads of 2·pairs + 1 dimensions, the last not turned. */
static void test_rope(int pairs, int interleaved) {
  const int head_dim = 2 * pairs + 1, cols = 2 * head_dim + 2;
  const int32_t positions[ROWS] = {4, 0, 2};
  const float *x = random_matrix(ROWS * cols, 3);
  const float *cosine = random_matrix(5 * pairs, 1), *sine = random_matrix(5 * pairs, 1);
  float *out = copy(x, ROWS * cols);
  KERNEL(rope)(out, positions, cosine, sine, 0, ROWS, cols, 1, 2, head_dim, pairs, interleaved);
  for (int row = 0; row < ROWS; row++) {
    double expected[4 * MOST_PAIRS + 4];
    for (int c = 0; c < cols; c++) {
      expected[c] = x[row * cols + c];
    }
    for (int h = 0; h < 2; h++) {
      for (int i = 0; i < pairs; i++) {
        const int first = 1 + h * head_dim + (interleaved ? 2 * i : i), second = first + (interleaved ? 1 : pairs);
        const double a = x[row * cols + first], b = x[row * cols + second];
        const double c = cosine[positions[row] * pairs + i], s = sine[positions[row] * pairs + i];
        expected[first] = a * c - b * s;
        expected[second] = a * s + b * c;
      }
    }
    for (int c = 0; c < cols; c++) {
      check_close(out[row * cols + c], expected[c], 1e-6, "rope of %d pairs (interleaved: %d), row %d, column %d",
                  pairs, interleaved, row, c);
    }
  }
  digest(out, ROWS * cols * 4);
}

static double silu(double x) {
  return x / (1 + exp(-x));
}

static double gelu(double x) {
  return 0.5 * x * (1 + tanh(0.79788456080286536 * (x + 0.044715 * x * x * x)));
}

static void test_gate(int n, int is_gelu) {
  const float *x = random_matrix(ROWS * 2 * n, 20);
  float *out = allocate(ROWS * (n + 2) * 4);
  memset(out, 0, (size_t) ROWS * (n + 2) * 4);
  KERNEL(gate)(out, x, 0, ROWS, n + 2, n, is_gelu);
  for (int row = 0; row < ROWS; row++) {
    for (int i = 0; i < n + 2; i++) {
      const double gate = x[row * 2 * n + i % n], up = x[row * 2 * n + n + i % n];
      const double expected = i < n ? (is_gelu ? gelu(gate) : silu(gate)) * up : 0;
      check_close(out[row * (n + 2) + i], expected, 2e-6 * fabs(expected) + 1e-6 * fabs(up),
                  "gate of %d (gelu: %d), row %d, column %d", n, is_gelu, row, i);
    }
  }
  digest(out, ROWS * (n + 2) * 4);
}

static void test_add(int n, int one_row) {
  const int cols = n + 3;
  const float *x = random_matrix(ROWS * cols, 1), *y = random_matrix((one_row ? 1 : ROWS) * n, 1);
  float *out = copy(x, ROWS * cols);
  KERNEL(add)(out, y, 0, ROWS, cols, one_row ? 0 : n, 2, n);
  for (int row = 0; row < ROWS; row++) {
    for (int c = 0; c < cols; c++) {
      const int inside = c >= 2 && c < n + 2;
      const float expected = x[row * cols + c] + (inside ? y[(one_row ? 0 : row * n) + c - 2] : 0);
      check_close(out[row * cols + c], expected, 0, "add of %d, row %d, column %d", n, row, c);
    }
  }
  digest(out, ROWS * cols * 4);
}

static void test_softcap(int n) {
  const float *x = random_matrix(n, 200);
  float *out = copy(x, n);
  KERNEL(softcap)(out, n, 30);
  for (int i = 0; i < n; i++) {
    check_close(out[i], 30 * tanh(x[i] / 30.0), 2e-5, "softcap of %d, element %d", n, i);
  }
  digest(out, n * 4);
}

/* A NaN stays one, infinities have their limits: nothing that went wrong looks right. */
static void test_not_finite(void) {
  const float x[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 0, -0.0f, 1};
  float gate_up[18], out[9];
  for (int i = 0; i < 9; i++) { /* eight lanes at once, and the last alone */
    gate_up[i] = x[i % 8];
    gate_up[9 + i] = 1;
  }
  for (int is_gelu = 0; is_gelu < 2; is_gelu++) {
    KERNEL(gate)(out, gate_up, 0, 1, 9, 9, is_gelu);
    check(isnan(out[0]) && isnan(out[8]), "gate of NaN is %g and %g (gelu: %d)", out[0], out[8], is_gelu);
    check(out[1] == INFINITY, "gate of infinity is %g (gelu: %d)", out[1], is_gelu);
    check(out[3] == 1e30f && fabsf(out[4]) < 1e-6f && out[5] == 0,
          "gate of ±1e30 and 0 is %g, %g, %g (gelu: %d)", out[3], out[4], out[5], is_gelu);
  }
  float capped[9];
  memcpy(capped, gate_up, sizeof capped);
  KERNEL(softcap)(capped, 9, 30);
  check(isnan(capped[0]) && isnan(capped[8]), "softcap of NaN is %g and %g", capped[0], capped[8]);
  check_close(capped[1], 30, 1e-4, "softcap of infinity");
  check_close(capped[2], -30, 1e-4, "softcap of -infinity");
}

void test_elementwise(void) {
  seed(1000);
  for (int i = 0; i < 10; i++) {
    test_rms_norm(lengths[i]);
    test_rope(lengths[i], 0);
    test_rope(lengths[i], 1);
    test_gate(lengths[i], 0);
    test_gate(lengths[i], 1);
    test_add(lengths[i], 0);
    test_add(lengths[i], 1);
    test_softcap(lengths[i]);
    free_all();
  }
  test_not_finite();
  section_done("elementwise");
}

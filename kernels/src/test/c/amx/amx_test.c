/*
 * The AMX kernels: int8 products have the bits of the AVX-512 ones, bfloat16 products their stated
 * error. On a CPU with AMX this runs on its tiles, elsewhere the tiles are emulated.
 */
#include "../../../main/c/activations.h"
#include "../../../main/c/packed.h"
#include "../test.h"
#include "../weights.h"
#include "tile_emulation.h"

#include <immintrin.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef void quantize(uint8_t *act, const float *x, int64_t rows, int64_t cols, int64_t from, int64_t to,
                      int32_t precisions);
quantize krafla_quantize_avx512, krafla_quantize_amx;

typedef void matmul(int32_t type, const uint8_t *packed, int64_t w_rows, int64_t cols, int64_t group_from,
                    int64_t group_to, const void *x, int64_t tokens, int64_t token_from, int64_t token_to,
                    float *out, int64_t out_stride);
matmul krafla_matmul_avx512, krafla_matmul_amx;

void krafla_matmul_bf16_amx(int32_t type, const uint8_t *packed, int64_t w_rows, int64_t cols,
                            int64_t group_from, int64_t group_to, const void *x, int64_t tokens,
                            int64_t token_from, int64_t token_to, float *out, int64_t out_stride,
                            uint16_t *panel);
int64_t krafla_matmul_bf16_scratch_amx(void);

/* A kernel that keeps its tiles makes every later switch of threads save 8 KiB. */
__attribute__((target("amx-tile"))) static void check_released(const char *kernel) {
  uint8_t config[64] __attribute__((aligned(64))) = {0};
  _tile_storeconfig(config);
  __asm__ volatile("" : : "r"(config) : "memory"); /* gcc believes that 8 bytes are written */
  for (int i = 0; i < 64; i++) {
    check(config[i] == 0, "%s left its tiles configured: byte %d is %d", kernel, i, config[i]);
  }
}

/* ---- cases ---- */

struct matrix {
  const struct format *f;
  int64_t rows, cols;
  uint8_t *raw, *packed;
};

static struct matrix random_matrix(const struct format *f, int64_t rows, int64_t cols) {
  struct matrix w = {.f = f, .rows = rows, .cols = cols};
  const int64_t blocks = rows * (cols / f->cols);
  w.raw = allocate(blocks * f->bytes);
  random_weights(f, w.raw, blocks);
  w.packed = allocate(krafla_packed_bytes(f->type, rows, cols));
  krafla_pack(f->type, w.packed, w.raw, rows, cols, blocks * f->bytes);
  return w;
}

static int64_t groups_of(const struct matrix *w) {
  return (w->rows + GROUP_ROWS - 1) / GROUP_ROWS;
}

static float *random_tokens(int64_t tokens, int64_t cols) {
  float *x = allocate(tokens * cols * (int64_t) sizeof(float));
  for (int64_t i = 0; i < tokens * cols; i++) { /* an outlier here and there, as in hidden states */
    x[i] = random_float() * (random_below(200) == 0 ? 50 : 1);
  }
  return x;
}

static uint8_t *prepared(quantize *with, const float *x, int64_t tokens, int64_t cols, int precision) {
  uint8_t *act = allocate(krafla_activation_bytes(tokens, cols));
  const int64_t middle = tokens / 2 / AMX_TILE * AMX_TILE; /* in two ranges, as threads do */
  with(act, x, tokens, cols, middle, tokens, precision);
  with(act, x, tokens, cols, 0, middle, precision);
  return act;
}

static float *output(int64_t tokens, int64_t stride) {
  float *out = allocate(tokens * stride * (int64_t) sizeof(float));
  for (int64_t i = 0; i < tokens * stride; i++) {
    out[i] = 12345;
  }
  return out;
}

/* Outputs of a range are those of the whole product, and nothing else was written. */
static void check_range(const struct matrix *w, const float *wide, int64_t stride, const float *whole,
                        int64_t tokens, int64_t g, int64_t from, int64_t to) {
  for (int64_t i = 0; i < tokens * stride; i++) {
    const int64_t t = i / stride, r = i % stride;
    const int inside = t >= from && t < to && r / GROUP_ROWS == g && r < w->rows;
    check(wide[i] == (inside ? whole[t * w->rows + r] : 12345),
          "%s: group %lld, tokens from %lld to %lld: output %lld, %lld is %g", w->f->name, (long long) g,
          (long long) from, (long long) to, (long long) t, (long long) r, wide[i]);
  }
}

/* ---- int8 ---- */

static void test_same_bits(const struct matrix *w, int64_t tokens, int32_t precision) {
  const float *x = random_tokens(tokens, w->cols);
  const void *x512 = x, *xamx = x;
  if (!is_float(w->f->type)) {
    x512 = prepared(krafla_quantize_avx512, x, tokens, w->cols, precision);
    xamx = prepared(krafla_quantize_amx, x, tokens, w->cols, precision);
  }
  float *expected = output(tokens, w->rows), *actual = output(tokens, w->rows);
  krafla_matmul_avx512(w->f->type, w->packed, w->rows, w->cols, 0, groups_of(w), x512, tokens, 0, tokens,
                       expected, w->rows);
  krafla_matmul_amx(w->f->type, w->packed, w->rows, w->cols, 0, groups_of(w), xamx, tokens, 0, tokens, actual,
                    w->rows);
  check_released("krafla_matmul_amx");
  check_same_bits(actual, expected, tokens * w->rows, "%s %lldx%lld, %lld tokens", w->f->name,
                  (long long) w->rows, (long long) w->cols, (long long) tokens);
  const int64_t stride = w->rows + 5;
  for (int64_t from = 0; from < tokens; from += 2 * AMX_TILE) {
    const int64_t to = from + 2 * AMX_TILE < tokens ? from + 2 * AMX_TILE : tokens;
    const int64_t g = random_below((int) groups_of(w));
    float *wide = output(tokens, stride);
    krafla_matmul_amx(w->f->type, w->packed, w->rows, w->cols, g, g + 1, xamx, tokens, from, to, wide,
                      stride);
    check_range(w, wide, stride, expected, tokens, g, from, to);
  }
}

/* ---- bfloat16 ---- */

static float *multiply_bf16(const struct matrix *w, const float *x, int64_t tokens) {
  const uint8_t *act = prepared(krafla_quantize_amx, x, tokens, w->cols, PRECISION_BF16);
  float *out = output(tokens, w->rows);
  krafla_matmul_bf16_amx(w->f->type, w->packed, w->rows, w->cols, 0, groups_of(w), act, tokens, 0, tokens,
                         out, w->rows, allocate(krafla_matmul_bf16_scratch_amx()));
  check_released("krafla_matmul_bf16_amx");
  return out;
}

/* |error| ≤ 2^-7 · Σ |w·x| from rounding both factors, and what float sums add; RMS as advertised. */
static void check_bf16(const struct matrix *w, const float *x, const float *out, int64_t tokens) {
  double errors = 0, squares = 0;
  for (int64_t r = 0; r < w->rows; r++) {
    double row[2048];
    for (int64_t k = 0; k < w->cols; k++) {
      const uint8_t *block = w->raw + (r * (w->cols / w->f->cols) + k / w->f->cols) * w->f->bytes;
      row[k] = weight(w->f, block, (int) (k % w->f->cols));
    }
    for (int64_t t = 0; t < tokens; t++) {
      double sum = 0, magnitude = 0;
      for (int64_t k = 0; k < w->cols; k++) {
        sum += row[k] * x[t * w->cols + k];
        magnitude += fabs(row[k] * x[t * w->cols + k]);
      }
      const double error = out[t * w->rows + r] - sum;
      check_close(out[t * w->rows + r], sum, (0x1p-7 + 0x1p-16 + 1e-5) * magnitude + 1e-30,
                  "bf16 %s %lldx%lld, token %lld of %lld, row %lld", w->f->name, (long long) w->rows,
                  (long long) w->cols, (long long) t, (long long) tokens, (long long) r);
      errors += error * error;
      squares += sum * sum;
    }
  }
  if (tokens * w->rows >= 256) {
    const double relative = sqrt(errors / squares);
    check(relative < 0.004, "bf16 %s: relative RMS error %g", w->f->name, relative);
  }
}

static void test_bf16(const struct matrix *w, int64_t tokens) {
  const float *x = random_tokens(tokens, w->cols);
  const float *whole = multiply_bf16(w, x, tokens);
  check_bf16(w, x, whole, tokens);
  const int64_t some = 1 + random_below((int) tokens), first = random_below((int) (tokens - some + 1));
  check_same_bits(multiply_bf16(w, x + first * w->cols, some), whole + first * w->rows, some * w->rows,
                  "bf16 %s: %lld tokens from %lld on of %lld", w->f->name, (long long) some,
                  (long long) first, (long long) tokens);
  const int64_t stride = w->rows + 5, g = random_below((int) groups_of(w));
  const int64_t from = random_below((int) ((tokens + 15) / 16)) * AMX_TILE;
  const int64_t to = from + 3 * AMX_TILE < tokens ? from + 3 * AMX_TILE : tokens;
  const uint8_t *act = prepared(krafla_quantize_amx, x, tokens, w->cols, PRECISION_BF16);
  float *wide = output(tokens, stride);
  krafla_matmul_bf16_amx(w->f->type, w->packed, w->rows, w->cols, g, g + 1, act, tokens, from, to, wide,
                         stride, allocate(krafla_matmul_bf16_scratch_amx()));
  check_range(w, wide, stride, whole, tokens, g, from, to);
}

/* A scale that is not a number spoils its row, whatever its bits, and no other. */
static void test_nan(const struct format *f, int bits) {
  struct matrix w = random_matrix(f, 2, 256);
  w.raw[f->d] = (uint8_t) bits;
  w.raw[f->d + 1] = (uint8_t) (bits >> 8);
  krafla_pack(f->type, w.packed, w.raw, w.rows, w.cols, w.rows * w.cols / f->cols * f->bytes);
  const float *out = multiply_bf16(&w, random_tokens(16, 256), 16);
  for (int t = 0; t < 16; t++) {
    check(isnan(out[2 * t]) && !isnan(out[2 * t + 1]), "bf16 %s: scale %#x gives %g beside %g", f->name,
          bits, out[2 * t], out[2 * t + 1]);
  }
  free_all();
}

/* ---- all ---- */

static void test_type(const struct format *f) {
  static const int64_t widths[2][4] = {{32, 96, 544, 1568}, {256, 512, 1280, 1536}};
  static const int64_t batches[] = {1, 8, 9, 15, 16, 17, 24, 25, 31, 32, 33, 48, 64, 79, 130};
  static const int64_t heights[] = {1, 15, 16, 17, 32, 37};
  for (int b = 0; b < 15; b++) {
    for (int c = b % 2; c < 4; c += 2) {
      const int64_t cols = widths[f->cols == 256][c];
      const struct matrix w = random_matrix(f, heights[random_below(6)], cols);
      test_same_bits(&w, batches[b], PRECISION_INT16);
      test_same_bits(&w, batches[b], PRECISION_MIXED);
      if (f->type != F32) {
        test_bf16(&w, batches[b]);
      }
      free_all();
    }
  }
  if (f->type != F32) {
    const struct matrix w = random_matrix(f, 295, 1280); /* more than a panel each way */
    test_same_bits(&w, 41, PRECISION_MIXED);
    test_bf16(&w, 41);
    free_all();
  }
  if (f->d >= 0) {
    test_nan(f, 0x7e00);
    test_nan(f, 0x7fff);
    test_nan(f, 0xffff);
  }
  section_done("amx %s", f->name);
}

/* Ends with 0 if all is well, 1 if something failed, 77 if this CPU cannot run the kernels. */
int main(void) {
  const int32_t needed = KRAFLA_AMX_INT8 | KRAFLA_AMX_BF16, features = krafla_cpu_features();
  if (!(features & KRAFLA_AVX512_VNNI) || !__builtin_cpu_supports("avx512bf16")) {
    printf("skipped: this CPU has no AVX-512 with VNNI and BF16\n");
    return 77;
  }
  if ((features & needed) == needed) {
    printf("on the tiles of this CPU\n");
  } else {
    printf("on emulated tiles\n");
    krafla_emulate_tiles();
  }
  report_foreign_memory();
  for (const struct format *f = formats; f->name != NULL; f++) {
    seed((uint64_t) f->type + 1);
    test_type(f);
  }
  if (checks_failed() > 0) {
    printf("%d checks of the amx kernels FAILED\n", checks_failed());
    return 1;
  }
  printf("all checks of the amx kernels passed\n");
  return 0;
}

/*
 * Products of every weight type against sums in double of the dequantised weights and the quantised
 * activations, for ragged numbers of rows, columns and tokens.
 */
#include "../../main/c/activations.h"
#include "../../main/c/packed.h"
#include "test.h"
#include "weights.h"

#include <math.h>
#include <string.h>

enum { MOST_TOKENS = 9, BLOCK = 32 };

/* One product: random weights, packed, and random activations, quantised. */
struct product {
  const struct format *f;
  int64_t w_rows, cols, tokens;
  uint8_t *raw, *packed;
  int32_t precision;
  float *x;
  const void *input; /* what the kernel reads: x, or its quantised form */
};

static const void *quantised(int type, int32_t precision, const float *x, int64_t tokens, int64_t cols) {
  if (is_float(type)) {
    return x;
  }
  uint8_t *act = allocate(krafla_activation_bytes(tokens, cols));
  KERNEL(quantize)(act, x, tokens, cols, 0, tokens, precision);
  return act;
}

/* Every other product has all its blocks fine. */
static struct product make(const struct format *f, int64_t w_rows, int64_t cols, int64_t tokens) {
  struct product p = {.f = f, .w_rows = w_rows, .cols = cols, .tokens = tokens};
  p.precision = random_below(2) == 0 ? PRECISION_INT16 : PRECISION_MIXED;
  const int64_t blocks = w_rows * (cols / f->cols);
  p.raw = allocate(blocks * f->bytes);
  random_weights(f, p.raw, blocks);
  p.packed = allocate(krafla_packed_bytes(f->type, w_rows, cols));
  krafla_pack(f->type, p.packed, p.raw, w_rows, cols, blocks * f->bytes);
  p.x = allocate(tokens * cols * (int64_t) sizeof(float));
  for (int64_t i = 0; i < tokens * cols; i++) { /* an outlier here and there, as in hidden states */
    p.x[i] = random_float() * (random_below(200) == 0 ? 50 : 1);
  }
  p.input = quantised(f->type, p.precision, p.x, tokens, cols);
  return p;
}

static int64_t groups_of(const struct product *p) {
  return (p->w_rows + GROUP_ROWS - 1) / GROUP_ROWS;
}

static float *multiply(const struct product *p) {
  float *out = allocate(p->tokens * p->w_rows * (int64_t) sizeof(float));
  KERNEL(matmul)(p->f->type, p->packed, p->w_rows, p->cols, 0, groups_of(p), p->input, p->tokens, 0,
                 p->tokens, out, p->w_rows);
  return out;
}

static float largest(const float *x, int64_t n) {
  float max = 0;
  for (int64_t i = 0; i < n; i++) {
    max = fmaxf(max, fabsf(x[i]));
  }
  return max;
}

/* How a block of a token must be rounded: activations.h in plain C. */
struct block_codes {
  int fine, code[BLOCK];
  float scale;
};

static struct block_codes codes_of(int32_t precision, const float *token, int64_t cols, int64_t b) {
  struct block_codes c;
  const float *x = token + b * BLOCK, max = largest(x, BLOCK);
  float total = 0;
  for (int64_t i = 0; i < cols / BLOCK; i++) {
    total += largest(token + i * BLOCK, BLOCK);
  }
  c.fine = precision == PRECISION_INT16 ? max > 0 : max > FINE_FROM * total / (float) (cols / BLOCK);
  c.scale = max / (float) (c.fine ? STEPS : 256 * COARSE_STEPS);
  for (int i = 0; i < BLOCK; i++) {
    const int rounded = max <= 1e-20f ? 0 : (int) rintf(x[i] * ((float) (c.fine ? STEPS : COARSE_STEPS) / max));
    c.code[i] = c.fine ? rounded : 256 * rounded;
  }
  return c;
}

/*
 * Tolerance is that of float sums: 1e-5 of the sum of magnitudes of what is added, and `floor` where
 * scales and zero points cancel out.
 */
static void check_product(const struct product *p, const float *out, double floor) {
  for (int64_t t = 0; t < p->tokens; t++) {
    const float *token = p->x + t * p->cols;
    double x[2048];
    for (int64_t k = 0; k < p->cols; k++) {
      x[k] = token[k];
    }
    for (int64_t b = 0; b < p->cols / BLOCK && !is_float(p->f->type); b++) {
      const struct block_codes c = codes_of(p->precision, token, p->cols, b);
      for (int i = 0; i < BLOCK; i++) {
        x[b * BLOCK + i] = (double) c.code[i] * c.scale;
      }
    }
    for (int64_t r = 0; r < p->w_rows; r++) {
      const uint8_t *row = p->raw + r * (p->cols / p->f->cols) * p->f->bytes;
      double sum = 0, magnitude = 0;
      for (int64_t k = 0; k < p->cols; k++) {
        const double term = weight(p->f, row + k / p->f->cols * p->f->bytes, (int) (k % p->f->cols)) * x[k];
        sum += term;
        magnitude += fabs(term);
      }
      check_close(out[t * p->w_rows + r], sum, 1e-5 * magnitude + floor,
                  "%s %lldx%lld, token %lld of %lld, row %lld", p->f->name, (long long) p->w_rows,
                  (long long) p->cols, (long long) t, (long long) p->tokens, (long long) r);
    }
  }
}

/* Each token alone, and the first n together, have the bits that they have among all. */
static void check_batches(const struct product *p, const float *out) {
  for (int64_t first = 0; first < p->tokens; first++) {
    for (int64_t n = 1; n <= MOST_TOKENS && first + n <= p->tokens; n += first == 0 ? 1 : MOST_TOKENS) {
      struct product part = *p;
      part.tokens = n;
      part.input = quantised(p->f->type, p->precision, p->x + first * p->cols, n, p->cols);
      check_same_bits(multiply(&part), out + first * p->w_rows, n * p->w_rows,
                      "%s: %lld tokens from %lld on of %lld", p->f->name, (long long) n,
                      (long long) first, (long long) p->tokens);
    }
  }
}

/* A range of groups and tokens writes the same bits to its part of a wider output, and no others. */
static void check_ranges(const struct product *p, const float *out) {
  const int64_t stride = p->w_rows + 5, groups = groups_of(p);
  for (int64_t from = 0; from < p->tokens; from += 4) {
    const int64_t to = from + 4 < p->tokens ? from + 4 : p->tokens;
    for (int64_t g = 0; g < groups; g++) {
      float *wide = allocate(p->tokens * stride * (int64_t) sizeof(float));
      for (int64_t i = 0; i < p->tokens * stride; i++) {
        wide[i] = 12345;
      }
      KERNEL(matmul)(p->f->type, p->packed, p->w_rows, p->cols, g, g + 1, p->input, p->tokens, from, to,
                     wide, stride);
      for (int64_t i = 0; i < p->tokens * stride; i++) {
        const int64_t t = i / stride, r = i % stride;
        const int inside = t >= from && t < to && r / GROUP_ROWS == g && r < p->w_rows;
        check(wide[i] == (inside ? out[t * p->w_rows + r] : 12345),
              "%s: group %lld, tokens from %lld on: output %lld, %lld is %g", p->f->name, (long long) g,
              (long long) from, (long long) t, (long long) r, wide[i]);
      }
    }
  }
}

/* All codes alike and activations at their limits: where sums of few bits would overflow. */
static void check_extremes(const struct format *f) {
  const int fills[] = {0x00, 0x77, 0x80, 0x88, 0xff};
  for (int i = 0; i < 5; i++) {
    struct product p = make(f, GROUP_ROWS, 256, 4);
    for (int64_t b = 0; b < GROUP_ROWS * 256 / f->cols; b++) {
      uint8_t keep[4] = {0};
      uint8_t *block = p.raw + b * f->bytes;
      memcpy(keep, f->d >= 0 ? block + f->d : block, 2);
      memcpy(keep + 2, f->m >= 0 ? block + f->m : block, 2);
      memset(block, fills[i], (size_t) f->bytes);
      memcpy(f->d >= 0 ? block + f->d : block, keep, f->type == MXFP4 ? 1 : 2);
      if (f->m >= 0) {
        memcpy(block + f->m, keep + 2, 2);
      }
    }
    krafla_pack(f->type, p.packed, p.raw, p.w_rows, p.cols, GROUP_ROWS * 256 / f->cols * f->bytes);
    for (int64_t k = 0; k < p.tokens * p.cols; k++) { /* tokens of 1, -1, and of both in turn */
      const int64_t t = k / p.cols;
      p.x[k] = t == 0 || (t > 1 && k % 2 == t % 2) ? 1.0f : -1.0f;
    }
    p.input = quantised(f->type, p.precision, p.x, p.tokens, p.cols);
    check_product(&p, multiply(&p), 1e-5);
    free_all();
  }
}

static void test_type(const struct format *f) {
  static const int64_t widths[3][4] = {{1, 7, 129, 333}, {32, 96, 544, 1568}, {256, 512, 1280, 1536}};
  static const int64_t heights[] = {1, 16, 37};
  static const int64_t batches[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 131};
  const int64_t *cols = widths[f->cols == 1 ? 0 : f->cols == BLOCK ? 1 : 2];
  for (int c = 0; c < 4; c++) {
    for (int h = 0; h < 3; h++) {
      const int64_t tokens = batches[random_below(9)];
      const struct product p = make(f, heights[h], cols[c], tokens);
      const float *out = multiply(&p);
      check_product(&p, out, 1e-30);
      digest(out, tokens * heights[h] * (int64_t) sizeof(float));
      free_all();
    }
  }
  for (int b = 0; b < 11; b++) {
    const struct product p = make(f, 21, cols[2], batches[b]);
    const float *out = multiply(&p);
    if (batches[b] <= MOST_TOKENS) {
      check_product(&p, out, 1e-30);
      check_batches(&p, out);
      check_ranges(&p, out);
    }
    digest(out, batches[b] * 21 * (int64_t) sizeof(float));
    free_all();
  }
  if (!is_float(f->type)) {
    check_extremes(f);
  }
  section_done("matmul %s", f->name);
}

/* Column i of a token's block that begins at q, its low bytes `next` behind the high ones. */
static int stored_code(const uint8_t *q, int64_t next, int i) {
  if (strcmp(ISA_NAME, "avx2") == 0) {
    static const int place[] = {0, 2, 1, 3};
    int16_t word;
    memcpy(&word, q + (i / 4 * 4 + place[i % 4]) * 2, 2);
    return word;
  }
  return 256 * (int8_t) q[i] + (int8_t) q[next + i];
}

/* The codes, scale and sums of block b of a token are those of plain C, exactly; returns whether it is fine. */
static int check_quantised(const struct activations *a, int32_t precision, const float *x, int64_t rows,
                           int64_t cols, int64_t token, int64_t b) {
  const int64_t tile = token / TILE * TILE, width = rows - tile < TILE ? rows - tile : TILE;
  const int64_t block = tile * (cols / BLOCK) + b * width, at = block + token - tile;
  const int64_t bytes = strcmp(ISA_NAME, "avx2") == 0 ? BLOCK_WORDS : BLOCK_HALF;
  const uint8_t *q = a->q + block * BLOCK_WORDS + (token - tile) * bytes;
  const struct block_codes c = codes_of(precision, x + token * cols, cols, b);
  int sums[2] = {0, 0};
  for (int i = 0; i < BLOCK; i++) {
    const int code = c.code[i];
    const int stored = stored_code(q, width * BLOCK_HALF, i);
    sums[i / 16] += code;
    check(stored == code, "token %lld, block %lld: code %d is %d, expected %d", (long long) token,
          (long long) b, i, stored, code);
  }
  check_close(a->scale[at], c.scale, 0, "scale of token %lld, block %lld", (long long) token, (long long) b);
  check(a->sum[at] == (float) (sums[0] + sums[1]) * c.scale && a->minus[3 * at] == -(sums[0] + sums[1]) &&
            a->minus[3 * at + 1] == -sums[0] && a->minus[3 * at + 2] == -sums[1],
        "sums of token %lld, block %lld are %g, %d, %d, %d; expected %d and %d", (long long) token,
        (long long) b, a->sum[at], a->minus[3 * at], a->minus[3 * at + 1], a->minus[3 * at + 2], sums[0],
        sums[1]);
  return c.fine;
}

static void test_quantize(int32_t precision) {
  const int64_t rows = 7, cols = 96, bytes = krafla_activation_bytes(rows, cols);
  seed(0);
  float *x = allocate(rows * cols * (int64_t) sizeof(float));
  fill_random(x, rows * cols);
  memset(x, 0, (size_t) cols * sizeof(float)); /* a token of zeros */
  for (int64_t i = cols; i < 2 * cols; i++) {
    x[i] *= 1e-36f; /* one so faint that it counts as zero */
  }
  x[2 * cols + 5] = -1e30f; /* one in which the others of its block vanish */
  uint8_t *act = allocate(bytes), *parts = allocate(bytes);
  memset(act, 0, (size_t) bytes); /* there is room for more tokens than these */
  memset(parts, 0, (size_t) bytes);
  KERNEL(quantize)(act, x, rows, cols, 0, rows, precision);
  const struct activations a = activations_in(act, rows, cols);
  for (int64_t t = 0; t < rows; t += TILE) {
    for (int64_t b = 0; b < cols / BLOCK; b++) {
      int fine = 0;
      for (int64_t i = t; i < rows && i < t + TILE; i++) {
        fine |= check_quantised(&a, precision, x, rows, cols, i, b);
      }
      check(tile_at(&a, t, cols).fine[b] == fine, "tile of token %lld, block %lld: fine should be %d",
            (long long) t, (long long) b, fine);
    }
  }
  KERNEL(quantize)(parts, x, rows, cols, 4, rows, precision);
  KERNEL(quantize)(parts, x, rows, cols, 0, 4, precision);
  check(memcmp(act, parts, (size_t) bytes) == 0, "rows quantised in two ranges differ from all at once");
  digest(a.minus, rows * cols / BLOCK * 3 * (int64_t) sizeof(int32_t));
  digest(a.scale, rows * cols / BLOCK * (int64_t) sizeof(float));
  section_done("quantize %s", precision == PRECISION_INT16 ? "fine" : "mixed");
  free_all();
}

void test_matmul(void) {
  test_quantize(PRECISION_INT16);
  test_quantize(PRECISION_MIXED);
  for (const struct format *f = formats; f->name != NULL; f++) {
    seed((uint64_t) f->type + 1);
    test_type(f);
  }
}

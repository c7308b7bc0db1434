/* Block formats as ggml defines them (ggml-common.h, ggml-quants.c), one weight at a time. */
#include "weights.h"
#include "../../main/c/packed.h"
#include "test.h"

#include <math.h>
#include <string.h>

const struct format formats[] = {
  {F32, "F32", 1, 4, -1, -1},        {F16, "F16", 1, 2, 0, -1},
  {BF16, "BF16", 1, 2, -1, -1},      {Q4_0, "Q4_0", 32, 18, 0, -1},
  {Q4_1, "Q4_1", 32, 20, 0, 2},      {Q5_0, "Q5_0", 32, 22, 0, -1},
  {Q5_1, "Q5_1", 32, 24, 0, 2},      {Q8_0, "Q8_0", 32, 34, 0, -1},
  {MXFP4, "MXFP4", 32, 17, -1, -1},  {Q2_K, "Q2_K", 256, 84, 80, 82},
  {Q3_K, "Q3_K", 256, 110, 108, -1}, {Q4_K, "Q4_K", 256, 144, 0, 2},
  {Q5_K, "Q5_K", 256, 176, 0, 2},    {Q6_K, "Q6_K", 256, 210, 208, -1},
  {0, NULL, 0, 0, 0, 0}};

static double half_at(const uint8_t *p) {
  const int bits = p[0] | p[1] << 8, exponent = bits >> 10 & 31, mantissa = bits & 1023;
  const double magnitude = exponent == 0 ? ldexp(mantissa, -24) : ldexp(1024 + mantissa, exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

/* Of magnitude 2^-10 to 2^-4, either sign. */
static void put_random_half(uint8_t *p) {
  const int exponent = 5 + random_below(6);
  const int bits = random_below(2) << 15 | exponent << 10 | random_below(1024);
  p[0] = (uint8_t) bits;
  p[1] = (uint8_t) (bits >> 8);
}

void random_weights(const struct format *f, uint8_t *to, int64_t blocks) {
  for (int64_t b = 0; b < blocks; b++, to += f->bytes) {
    for (int i = 0; i < f->bytes; i++) {
      to[i] = (uint8_t) (random_bits() >> 32);
    }
    if (f->d >= 0) {
      put_random_half(to + f->d);
    }
    if (f->m >= 0) {
      put_random_half(to + f->m);
    }
    const float value = random_float();
    if (f->type == F32) {
      memcpy(to, &value, 4);
    } else if (f->type == BF16) {
      memcpy(to, (const uint8_t *) &value + 2, 2);
    } else if (f->type == MXFP4) {
      to[0] = (uint8_t) (110 + random_below(20));
    }
  }
}

/* Code k of the 32-column formats: low nibbles, then high ones; fifth bits in `high`, or NULL. */
static int nibble(const uint8_t *qs, const uint8_t *high, int k) {
  const int low = k < 16 ? qs[k] & 15 : qs[k - 16] >> 4;
  return low | (high == NULL ? 0 : (high[k / 8] >> k % 8 & 1) << 4);
}

static double mxfp4(const uint8_t *block, int k) {
  static const double values[8] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
  const int code = nibble(block + 1, NULL, k);
  return ldexp(code < 8 ? values[code] : -values[code - 8], block[0] - 127);
}

static double q2_k(const uint8_t *block, int k) {
  const int scales = block[k / 16];
  const int code = block[16 + k / 128 * 32 + k % 32] >> 2 * (k % 128 / 32) & 3;
  return half_at(block + 80) * (scales & 15) * code - half_at(block + 82) * (scales >> 4);
}

static double q3_k(const uint8_t *block, int k) {
  const uint8_t *mask = block, *qs = block + 32, *scales = block + 96;
  const int s = k / 16, low = s < 8 ? scales[s] & 15 : scales[s - 8] >> 4;
  const int scale = (low | (scales[8 + s % 4] >> 2 * (s / 4) & 3) << 4) - 32;
  const int code = qs[k / 128 * 32 + k % 32] >> 2 * (k % 128 / 32) & 3;
  return half_at(block + 108) * scale * (mask[k % 32] >> k / 32 & 1 ? code : code - 4);
}

static double q4_k_q5_k(const uint8_t *block, int k, int type) {
  const uint8_t *scales = block + 4, *high = block + 16, *qs = block + (type == Q5_K ? 48 : 16);
  const int s = k / 32;
  const int scale = s < 4 ? scales[s] & 63 : (scales[s + 4] & 15) | scales[s - 4] >> 6 << 4;
  const int minimum = s < 4 ? scales[s + 4] & 63 : scales[s + 4] >> 4 | scales[s] >> 6 << 4;
  const int low = qs[k / 64 * 32 + k % 32] >> 4 * (s % 2) & 15;
  const int code = low | (type == Q5_K ? (high[k % 32] >> s & 1) << 4 : 0);
  return half_at(block) * scale * code - half_at(block + 2) * minimum;
}

static double q6_k(const uint8_t *block, int k) {
  const uint8_t *ql = block + k / 128 * 64, *qh = block + 128 + k / 128 * 32;
  const int quarter = k % 128 / 32, column = k % 32;
  const int low = ql[quarter % 2 * 32 + column] >> 4 * (quarter / 2) & 15;
  const int code = low | (qh[column] >> 2 * quarter & 3) << 4;
  return half_at(block + 208) * ((const int8_t *) block)[192 + k / 16] * (code - 32);
}

double weight(const struct format *f, const uint8_t *block, int k) {
  switch (f->type) {
    case F16: return half_at(block);
    case BF16: case F32: {
      float value = 0;
      memcpy((uint8_t *) &value + 4 - f->bytes, block, (size_t) f->bytes);
      return value;
    }
    case Q4_0: return half_at(block) * (nibble(block + 2, NULL, k) - 8);
    case Q4_1: return half_at(block) * nibble(block + 4, NULL, k) + half_at(block + 2);
    case Q5_0: return half_at(block) * (nibble(block + 6, block + 2, k) - 16);
    case Q5_1: return half_at(block) * nibble(block + 8, block + 4, k) + half_at(block + 2);
    case Q8_0: return half_at(block) * ((const int8_t *) block)[2 + k];
    case MXFP4: return mxfp4(block, k);
    case Q2_K: return q2_k(block, k);
    case Q3_K: return q3_k(block, k);
    case Q4_K: case Q5_K: return q4_k_q5_k(block, k, f->type);
    default: return q6_k(block, k);
  }
}

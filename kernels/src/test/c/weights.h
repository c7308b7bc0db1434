/* Random weights as a GGUF file has them, and what they mean. */
#ifndef KRAFLA_TEST_WEIGHTS_H
#define KRAFLA_TEST_WEIGHTS_H

#include <stdint.h>

/* A block of `cols` weights of one row takes `bytes`; f16 scales lie at the offsets d and m (or -1). */
struct format {
  int type;
  const char *name;
  int cols, bytes, d, m;
};

/* All weight types; the last has no name. */
extern const struct format formats[];

/* Blocks of random codes with scales of usual size. */
void random_weights(const struct format *f, uint8_t *to, int64_t blocks);

/* Weight k of a block. */
double weight(const struct format *f, const uint8_t *block, int k);

#endif

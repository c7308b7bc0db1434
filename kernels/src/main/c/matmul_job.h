/* What a matrix product works on. */
#ifndef KRAFLA_MATMUL_JOB_H
#define KRAFLA_MATMUL_JOB_H

#include "krafla.h"

INLINE int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* The arguments of krafla_matmul_*, which matmul_entry.h explains. */
struct job {
  const uint8_t *packed;
  int64_t w_rows, cols, group_from, group_to;
  const void *x;
  int64_t tokens, token_from, token_to;
  float *out;
  int64_t out_stride;
};

#endif

/*
 * What Java calls for a matrix product, for any instruction set: the includer has KERNEL and defines
 * matmul(type, job) after it.
 */
#include "matmul_job.h"
#include "packed.h"

/* Computes the job; `type` is known at compile time. */
INLINE void matmul(int type, const struct job *j);

/* One instance of the whole nest per type, so that every switch above is resolved at compile time. */
#define INSTANCE(type) \
  static __attribute__((noinline)) void matmul_##type(const struct job *j) { matmul(type, j); }
INSTANCE(F32)
INSTANCE(F16)
INSTANCE(BF16)
INSTANCE(Q4_0)
INSTANCE(Q4_1)
INSTANCE(Q5_0)
INSTANCE(Q5_1)
INSTANCE(Q8_0)
INSTANCE(MXFP4)
INSTANCE(Q2_K)
INSTANCE(Q4_K)
INSTANCE(Q5_K)
INSTANCE(Q6_K)

/*
 * out[t][r] = Σk w[r][k] · x[t][k] for weight rows of groups [group_from, group_to) and tokens
 * [token_from, token_to), a range as KERNEL(quantize) takes it.
 *
 *   packed  the whole matrix of w_rows × cols, as krafla_pack left it
 *   x       float32 [tokens][cols] for F32, F16 and BF16 weights; else the quantised activations
 *   out     float32, out_stride elements from one token to the next; rows ≥ w_rows are not written
 *
 * One output element is the same sum in the same order whatever the ranges and number of tokens.
 */
KRAFLA_EXPORT void KERNEL(matmul)(int32_t type, const uint8_t *packed, int64_t w_rows, int64_t cols,
                                  int64_t group_from, int64_t group_to, const void *x,
                                  int64_t tokens, int64_t token_from, int64_t token_to, float *out,
                                  int64_t out_stride) {
  const struct job j = {packed, w_rows, cols,       group_from, group_to, x,
                        tokens, token_from, token_to, out,        out_stride};
  switch (type) {
    case F32: matmul_F32(&j); break;
    case F16: matmul_F16(&j); break;
    case BF16: matmul_BF16(&j); break;
    case Q4_0: matmul_Q4_0(&j); break;
    case Q4_1: matmul_Q4_1(&j); break;
    case Q5_0: matmul_Q5_0(&j); break;
    case Q5_1: matmul_Q5_1(&j); break;
    case Q8_0: matmul_Q8_0(&j); break;
    case MXFP4: matmul_MXFP4(&j); break;
    case Q2_K: matmul_Q2_K(&j); break;
    case Q3_K: matmul_Q6_K(&j); break; /* packed as such */
    case Q4_K: matmul_Q4_K(&j); break;
    case Q5_K: matmul_Q5_K(&j); break;
    case Q6_K: matmul_Q6_K(&j); break;
    default: break; /* Java lets only known types through */
  }
}

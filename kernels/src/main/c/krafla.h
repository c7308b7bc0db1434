/*
 * Krafla's native kernels: the inner loops, and nothing else. No state, no threads, no allocation:
 * Java owns all three and calls these functions on ranges of the work. Every function has a Java
 * twin in the scalar tier that defines what it computes.
 *
 * Binding: the Java classes Native*.java, one descriptor per function; change both together.
 */
#ifndef KRAFLA_H
#define KRAFLA_H

#include <stdint.h>

#define KRAFLA_EXPORT __attribute__((visibility("default")))

/* ---- cpu.c ---- */

enum krafla_cpu {
  KRAFLA_AVX2 = 1,        /* AVX2, FMA and F16C, and an operating system that saves ymm registers */
  KRAFLA_AVX512_VNNI = 2, /* AVX-512 F, BW, VL, DQ and VNNI */
  KRAFLA_AMX_INT8 = 4,    /* AMX tiles with int8, permitted to this process */
  KRAFLA_AMX_BF16 = 8     /* AMX tiles with bfloat16, permitted to this process */
};

/* Bits of enum krafla_cpu. Asks the kernel for permission to use AMX tiles where the CPU has them. */
KRAFLA_EXPORT int32_t krafla_cpu_features(void);

/* Zeroed memory in huge pages where the system has them; NULL if there is not enough. */
KRAFLA_EXPORT void *krafla_map(int64_t bytes);
KRAFLA_EXPORT void krafla_unmap(void *p, int64_t bytes);

/* ---- pack.c: layout in packed.h ---- */

/* Bytes of a packed matrix. `type` is a number of enum weight_type, cols a whole number of its blocks. */
KRAFLA_EXPORT int64_t krafla_packed_bytes(int32_t type, int64_t rows, int64_t cols);

/* Packs rows × cols weights of `from_bytes` bytes, laid out as in a GGUF file. */
KRAFLA_EXPORT void krafla_pack(int32_t type, uint8_t *to, const uint8_t *from, int64_t rows,
                               int64_t cols, int64_t from_bytes);

/* ---- activations_avx2.c: layout in activations.h ---- */

/* Bytes of the quantised form of rows × cols activations. */
KRAFLA_EXPORT int64_t krafla_activation_bytes(int64_t rows, int64_t cols);

/*
 * Quantises rows [from, to) of x, float32 [rows][cols], into `act`. cols is a multiple of 32; `from`
 * is a multiple of 4, `to` too or equal to rows. `precisions`: 1 for int8, 2 for int16, 3 for both.
 */
KRAFLA_EXPORT void krafla_quantize_avx2(uint8_t *act, const float *x, int64_t rows, int64_t cols,
                                        int64_t from, int64_t to, int32_t precisions);

/* ---- matmul_avx2.c ---- */

/*
 * out[t][r] = Σk w[r][k] · x[t][k] for weight rows of groups [group_from, group_to) and tokens
 * [token_from, token_to), a range as krafla_quantize_avx2 takes it.
 *
 *   packed  the whole matrix of w_rows × cols, as krafla_pack left it
 *   x       float32 [tokens][cols] for F32, F16 and BF16 weights; else the quantised activations
 *   out     float32, out_stride elements from one token to the next; rows ≥ w_rows are not written
 *
 * One output element is the same sum in the same order whatever the ranges and number of tokens.
 */
KRAFLA_EXPORT void krafla_matmul_avx2(int32_t type, const uint8_t *packed, int64_t w_rows,
                                      int64_t cols, int64_t group_from, int64_t group_to,
                                      const void *x, int64_t tokens, int64_t token_from,
                                      int64_t token_to, float *out, int64_t out_stride);

#endif

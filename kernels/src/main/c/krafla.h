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

/* For functions whose arguments must be constants where they are called, and loops over them. */
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

/* ---- cpu.c ---- */

enum krafla_cpu {
  KRAFLA_AVX2 = 1,         /* AVX2, FMA and F16C, and an operating system that saves ymm registers */
  KRAFLA_AVX512_VNNI = 2,  /* AVX-512 F, BW, VL, DQ and VNNI */
  KRAFLA_AMX_INT8 = 4,     /* AMX tiles with int8, permitted to this process */
  KRAFLA_AMX_BF16 = 8,     /* AMX tiles with bfloat16, permitted to this process, and AVX-512 BF16 */
  KRAFLA_NEON_DOTPROD = 16 /* Armv8.2 NEON with the dot products of int8 (SDOT) */
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

/* ---- activations.c: layout in activations.h ---- */

/* Bytes of the quantised form of rows × cols activations. */
KRAFLA_EXPORT int64_t krafla_activation_bytes(int64_t rows, int64_t cols);

/*
 * The kernels proper exist once per instruction set, as krafla_NAME_avx2 and so on: quantize.h,
 * matmul_entry.h, attention.h and elementwise.h define them as KERNEL(NAME).
 */

#endif

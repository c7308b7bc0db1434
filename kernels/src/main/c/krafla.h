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

/* Asks for huge pages behind [address, address + bytes). Only a hint: returns 0, or errno. */
KRAFLA_EXPORT int32_t krafla_huge_pages(void *address, int64_t bytes);

#endif

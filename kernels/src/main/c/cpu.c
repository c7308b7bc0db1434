/* What this CPU can do, and memory from its operating system. */
#define _GNU_SOURCE
#include "krafla.h"

#include <stddef.h>
#include <sys/mman.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux makes a process ask before its first tile instruction, which is SIGILL otherwise. */
static int amx_permitted(void) {
  const long arch_req_xcomp_perm = 0x1023;
  const long xfeature_tile_data = 18;
  return syscall(SYS_arch_prctl, arch_req_xcomp_perm, xfeature_tile_data) == 0;
}

int32_t krafla_cpu_features(void) {
  int32_t features = 0;
  __builtin_cpu_init(); /* its AVX answers include the operating system's (XGETBV) */
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    unsigned a, b, c, d;
    if (__get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C)) {
      features |= KRAFLA_AVX2;
    }
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
      && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
      && __builtin_cpu_supports("avx512vnni")) {
    features |= KRAFLA_AVX512_VNNI;
  }
  unsigned a, b, c, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    const unsigned tile = d >> 24 & 1, int8 = d >> 25 & 1;
    const unsigned bf16 = (d >> 22 & 1) && __builtin_cpu_supports("avx512bf16");
    if (tile && (bf16 || int8) && amx_permitted()) {
      features |= (int8 ? KRAFLA_AMX_INT8 : 0) | (bf16 ? KRAFLA_AMX_BF16 : 0);
    }
  }
  return features;
}
#elif defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>

int32_t krafla_cpu_features(void) {
  return getauxval(AT_HWCAP) & HWCAP_ASIMDDP ? KRAFLA_NEON_DOTPROD : 0;
}
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>

int32_t krafla_cpu_features(void) {
  int32_t present = 0;
  size_t size = sizeof present;
  sysctlbyname("hw.optional.arm.FEAT_DotProd", &present, &size, NULL, 0);
  return present ? KRAFLA_NEON_DOTPROD : 0;
}
#else
int32_t krafla_cpu_features(void) {
  return 0;
}
#endif

void *krafla_map(int64_t bytes) {
  void *p = mmap(NULL, (size_t) bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) {
    return NULL;
  }
#ifdef MADV_HUGEPAGE
  madvise(p, (size_t) bytes, MADV_HUGEPAGE); /* before the first touch; where refused, small pages */
#endif
  return p;
}

void krafla_unmap(void *p, int64_t bytes) {
  munmap(p, (size_t) bytes);
}

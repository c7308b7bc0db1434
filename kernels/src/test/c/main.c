/* Tests the kernels of one instruction set, -DISA=…; those of AMX have their own main. */
#include "test.h"

#include <stdio.h>
#include <string.h>

static int feature_of(const char *isa) {
  return strcmp(isa, "avx2") == 0     ? KRAFLA_AVX2
         : strcmp(isa, "avx512") == 0 ? KRAFLA_AVX512_VNNI
         : strcmp(isa, "neon") == 0   ? KRAFLA_NEON_DOTPROD
                                      : 0;
}

/* Ends with 0 if all is well, 1 if something failed, 77 if this CPU cannot run the kernels. */
int main(void) {
  if ((krafla_cpu_features() & feature_of(ISA_NAME)) == 0) {
    printf("skipped: this CPU has no %s\n", ISA_NAME);
    return 77;
  }
  report_foreign_memory();
  test_elementwise();
  test_attention();
  test_matmul();
  if (checks_failed() > 0) {
    printf("%d checks of the %s kernels FAILED\n", checks_failed(), ISA_NAME);
    return 1;
  }
  printf("all checks of the %s kernels passed\n", ISA_NAME);
  return 0;
}

#include "activations.h"
#include "krafla.h"

int64_t krafla_activation_bytes(int64_t rows, int64_t cols) {
  return activations_in(0, rows, cols).bytes;
}

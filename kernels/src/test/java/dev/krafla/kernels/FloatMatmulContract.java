package dev.krafla.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What matrix products hold to in the tiers that do not quantise activations. */
abstract class FloatMatmulContract {
  private final Arena arena = Arena.ofAuto();

  /** A fresh instance of the tier on a pool of so many threads. */
  abstract Kernels open(int threads);

  private PackedMatrix pack(Kernels kernels, RawMatrix raw) {
    long bytes = kernels.packedBytes(raw.type(), raw.rows(), raw.cols());
    return kernels.pack(raw, arena.allocate(bytes, Tensor.ALIGNMENT));
  }

  @ParameterizedTest
  @EnumSource
  void multipliesByWeightsOfEveryType(WeightType type) {
    for (int cols : type.blockSize() == 256 ? new int[] {256, 1536} : new int[] {32, 576}) {
      for (int weightRows : new int[] {1, 3, 18}) {
        for (int rows : new int[] {1, 2, 7, 33}) {
          check(type, cols, weightRows, rows);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void takesAnyNumberOfColumnsOfFloats(WeightType type) {
    for (int cols : new int[] {1, 5, 31, 77}) {
      check(type, cols, 6, 3);
    }
  }

  private void check(WeightType type, int cols, int weightRows, int rows) {
    Random random = new Random(cols * 31L + weightRows * 7L + rows);
    RawMatrix raw = RandomWeights.of(type, weightRows, cols, random, arena);
    Tensor x = KvCase.randomTensor(arena, rows, cols, random);
    Tensor out = Tensor.allocate(arena, rows, weightRows);
    try (Kernels kernels = open(2)) {
      kernels.matmul(out, x, rows, pack(kernels, raw));
    }
    float[] w = new float[cols];
    for (int n = 0; n < weightRows; n++) {
      BlockFormats.dequantizeRow(raw, n, w);
      for (int r = 0; r < rows; r++) {
        double exact = 0;
        double magnitude = 0;
        for (int c = 0; c < cols; c++) {
          exact += (double) x.get(r, c) * w[c];
          magnitude += Math.abs((double) x.get(r, c) * w[c]);
        }
        assertThat((double) out.get(r, n))
            .as("%s %d × %d, row %d column %d", type, weightRows, cols, r, n)
            .isCloseTo(exact, within((cols + 1) * 0x1p-24 * magnitude));
      }
    }
  }

  @Test
  void putsPartsSideBySide() {
    Random random = new Random(5);
    RawMatrix a = RandomWeights.of(WeightType.Q4_0, 5, 64, random, arena);
    RawMatrix b = RandomWeights.of(WeightType.Q8_0, 18, 64, random, arena);
    Tensor x = KvCase.randomTensor(arena, 3, 64, random);
    Tensor both = Tensor.allocate(arena, 3, 23);
    Tensor onlyB = Tensor.allocate(arena, 3, 18);
    try (Kernels kernels = open(3)) {
      kernels.matmul(both, x, 3, pack(kernels, a), pack(kernels, b));
      kernels.matmul(onlyB, x, 3, pack(kernels, b));
    }
    for (int r = 0; r < 3; r++) {
      for (int c = 0; c < 18; c++) {
        assertThat(both.get(r, 5 + c)).isEqualTo(onlyB.get(r, c)).isNotZero();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void givesARowTheSameBitsInEveryBatchOnAnyNumberOfThreads(WeightType type) {
    Random random = new Random(11);
    RawMatrix raw = RandomWeights.of(type, 29, 512, random, arena);
    Tensor x = KvCase.randomTensor(arena, 21, 512, random);
    Tensor together = Tensor.allocate(arena, 21, 29);
    try (Kernels three = open(3);
        Kernels one = open(1)) {
      three.matmul(together, x, 21, pack(three, raw));
      for (int r = 0; r < 21; r++) {
        Tensor alone = Tensor.allocate(arena, 1, 29);
        one.matmul(alone, x.slice(r, 1), 1, pack(one, raw));
        assertThat(alone.data().mismatch(together.slice(r, 1).data()))
            .as("row %d", r)
            .isEqualTo(-1);
      }
    }
  }
}

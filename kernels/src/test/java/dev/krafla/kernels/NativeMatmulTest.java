package dev.krafla.kernels;

import static dev.krafla.kernels.ActivationPrecision.FINE;
import static dev.krafla.kernels.ActivationPrecision.MIXED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Native products against products of the dequantised weights, computed in double. */
@ParameterizedClass
@MethodSource("dev.krafla.kernels.NativeKernelsTest#tiers")
class NativeMatmulTest {
  private static final int BLOCK = 32; // activations.h, as the next three
  private static final int STEPS = 32639;
  private static final int COARSE_STEPS = 127;
  private static final float FINE_FROM = 1.5f;
  private static final int[] BATCHES = {1, 2, 3, 5, 8, 12, 16, 33, 130};

  private final SpinPool pool = new SpinPool(2);
  private final NativeMatmul matmul;

  NativeMatmulTest(KernelTiers.Tier tier) {
    String isa = tier.name().substring("native-".length());
    Optional<String> obstacle =
        isa.startsWith("amx")
            ? TileEmulation.obstacle()
            : Optional.of(tier.reason()).filter(reason -> !tier.available());
    assumeTrue(obstacle.isEmpty(), () -> tier.name() + " cannot run here: " + obstacle.orElse(""));
    matmul = new NativeMatmul(KernelTiers.library(), isa, pool);
  }

  @AfterEach
  void close() {
    pool.close();
  }

  @ParameterizedTest
  @EnumSource
  void productsEqualThoseOfTheQuantisedActivations(WeightType type) {
    int[] widths = type.blockSize() == 256 ? new int[] {256, 1536} : new int[] {32, 64, 576, 1536};
    for (int cols : widths) {
      for (int weightRows : new int[] {1, 17, 48}) {
        for (int rows : BATCHES) {
          try (Arena arena = Arena.ofConfined()) {
            var random = new Random(31L * cols + weightRows + rows);
            var w = RandomWeights.of(type, weightRows, cols, random, arena);
            Tensor x = activations(arena, rows, cols, random);
            Tensor out = Tensor.allocate(arena, rows, weightRows);
            ActivationPrecision precision = rows % 2 == 0 ? FINE : MIXED;
            matmul.matmul(out, x, rows, precision, pack(w, arena));
            assertClose(
                out, 0, x, rows, precision, w, type + " " + weightRows + "×" + cols + "·" + rows);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void floatWeightsTakeAnyNumberOfColumns(WeightType type) {
    for (int cols : new int[] {1, 7, 129, 333}) {
      try (Arena arena = Arena.ofConfined()) {
        var random = new Random(cols);
        var w = RandomWeights.of(type, 21, cols, random, arena);
        Tensor x = activations(arena, 6, cols, random);
        Tensor out = Tensor.allocate(arena, 6, 21);
        matmul.matmul(out, x, 6, FINE, pack(w, arena));
        assertClose(out, 0, x, 6, FINE, w, type + " " + cols);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRowHasTheSameBitsInEveryBatch(WeightType type) {
    int cols = 1536;
    int weightRows = 37;
    int rows = 133;
    try (Arena arena = Arena.ofConfined()) {
      var random = new Random(7);
      var w = pack(RandomWeights.of(type, weightRows, cols, random, arena), arena);
      Tensor x = activations(arena, rows, cols, random);
      Tensor together = Tensor.allocate(arena, rows, weightRows);
      matmul.matmul(together, x, rows, MIXED, w);
      int least = matmul.batchInvariant() ? 1 : NativeMatmul.BF16_ROWS;
      for (int size :
          IntStream.of(1, 2, 3, 4, 5, 9, 25, 64, 70).filter(n -> n >= least).toArray()) {
        for (int from = 0; from + size <= rows; from += size) {
          Tensor part = Tensor.allocate(arena, size, weightRows);
          matmul.matmul(part, x.slice(from, size), size, MIXED, w);
          assertThat(part.data().mismatch(together.slice(from, size).data())).isEqualTo(-1);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyInstructionSetGivesTheSameBits(WeightType type) {
    var others = NativeKernelsTest.tiers().filter(KernelTiers.Tier::available).toList();
    int rows = 37; // below what AMX takes in bfloat16
    try (Arena arena = Arena.ofConfined()) {
      var random = new Random(11);
      var w = pack(RandomWeights.of(type, 37, 768, random, arena), arena);
      Tensor x = activations(arena, rows, 768, random);
      Tensor out = Tensor.allocate(arena, rows, 37);
      for (ActivationPrecision precision : ActivationPrecision.values()) {
        matmul.matmul(out, x, rows, precision, w);
        for (KernelTiers.Tier other : others) {
          String isa = other.name().substring("native-".length());
          Tensor theirs = Tensor.allocate(arena, rows, 37);
          new NativeMatmul(KernelTiers.library(), isa, pool).matmul(theirs, x, rows, precision, w);
          assertThat(out.data().mismatch(theirs.data())).as(other.name()).isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void partsOfDifferentTypesShareOneCall() {
    WeightType[] types = {
      WeightType.Q5_0, WeightType.Q8_0, WeightType.F16, WeightType.F32, WeightType.Q6_K
    };
    int[] weightRows = {40, 16, 3, 17, 33};
    int cols = 768;
    for (int rows : new int[] {9, 70}) {
      try (Arena arena = Arena.ofConfined()) {
        var random = new Random(5);
        var parts = new PackedMatrix[types.length];
        var raws = new RawMatrix[types.length];
        int width = 0;
        for (int i = 0; i < types.length; i++) {
          raws[i] = RandomWeights.of(types[i], weightRows[i], cols, random, arena);
          parts[i] = pack(raws[i], arena);
          width += weightRows[i];
        }
        Tensor x = activations(arena, rows, cols, random);
        Tensor out = Tensor.allocate(arena, rows, width);
        matmul.matmul(out, x, rows, FINE, parts);
        int column = 0;
        for (RawMatrix raw : raws) {
          assertClose(out, column, x, rows, FINE, raw, raw.type() + " as a part");
          column += raw.rows();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "MXFP4"})
  void extremeCodesAndActivationsDoNotOverflow(WeightType type) {
    int cols = 64;
    for (int fill : new int[] {0x00, 0x77, 0x80, 0x88, 0xFF}) {
      for (int rows : new int[] {4, 20, 64}) {
        try (Arena arena = Arena.ofConfined()) {
          var w = RandomWeights.filled(type, 16, cols, fill, arena);
          Tensor x = Tensor.allocate(arena, rows, cols);
          for (int i = 0; i < rows * cols; i++) { // rows of 1, of -1, and of both in turn
            boolean minus = i / cols % 4 == 1 || (i / cols % 4 > 1 && i % 2 == i / cols % 2);
            x.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, minus ? -1 : 1);
          }
          Tensor out = Tensor.allocate(arena, rows, 16);
          matmul.matmul(out, x, rows, FINE, pack(w, arena));
          assertClose(out, 0, x, rows, FINE, w, type + " filled with " + fill);
        }
      }
    }
  }

  @Test
  void zeroRowsGiveExactlyZeroForTypesWithoutMinimum() {
    try (Arena arena = Arena.ofConfined()) {
      var w = RandomWeights.of(WeightType.Q6_K, 16, 256, new Random(1), arena);
      Tensor out = Tensor.allocate(arena, 1, 16);
      matmul.matmul(out, Tensor.allocate(arena, 1, 256), 1, FINE, pack(w, arena));
      for (int r = 0; r < 16; r++) {
        assertThat(out.get(0, r)).isZero();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "Q3_K") // takes Q6_K's layout
  void packedFormTakesHardlyMoreBytesThanTheFile(WeightType type) {
    long file = type.bytes(256) * 32;
    assertThat(matmul.packedBytes(type, 32, 256)).isBetween(file, file * 103 / 100);
  }

  @Test
  void shapesThatDoNotFitAreRefusedBeforeAnythingIsWritten() {
    try (Arena arena = Arena.ofConfined()) {
      var w = pack(RandomWeights.of(WeightType.Q4_0, 16, 64, new Random(1), arena), arena);
      Tensor x = Tensor.allocate(arena, 2, 64);
      Tensor out = Tensor.allocate(arena, 2, 16);
      assertThatThrownBy(() -> matmul.matmul(out, Tensor.allocate(arena, 2, 32), 2, FINE, w))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("32 columns");
      assertThatThrownBy(() -> matmul.matmul(out, x, 3, FINE, w))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("product of 3 rows");
      assertThatThrownBy(() -> matmul.matmul(out, x, 2, FINE, w, w))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("weights 32 rows");
      assertThatThrownBy(() -> matmul.wrap(WeightType.Q4_0, 17, 64, w.data()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("17 × 64");
    }
  }

  private PackedMatrix pack(RawMatrix w, Arena arena) {
    long bytes = matmul.packedBytes(w.type(), w.rows(), w.cols());
    MemorySegment guarded = arena.allocate(bytes + 64, 64).fill((byte) 0x5A);
    PackedMatrix packed = matmul.pack(w, guarded);
    for (int i = 0; i < 64; i++) {
      assertThat(guarded.get(ValueLayout.JAVA_BYTE, bytes + i)).isEqualTo((byte) 0x5A);
    }
    return packed;
  }

  private static Tensor activations(Arena arena, int rows, int cols, Random random) {
    Tensor x = Tensor.allocate(arena, rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        // an outlier here and there, as real hidden states have them
        float v = (float) random.nextGaussian() * (random.nextInt(200) == 0 ? 50 : 1);
        x.set(r, c, v);
      }
    }
    return x;
  }

  /**
   * Compares with sums in double of the same quantised activations. The tolerance is that of float
   * sums: 1e-5 of the sum of magnitudes of what is added; and where both factors are rounded to the
   * 8 bits of bfloat16, 2⁻⁷ of it.
   */
  private void assertClose(
      Tensor out,
      int column,
      Tensor x,
      int rows,
      ActivationPrecision precision,
      RawMatrix w,
      String what) {
    boolean bf16 =
        !matmul.batchInvariant()
            && rows >= NativeMatmul.BF16_ROWS
            && w.type() != WeightType.F32
            && w.cols() % 32 == 0;
    double tolerance = bf16 ? 0x1p-7 + 0x1p-16 + 1e-5 : 1e-5;
    float[] weights = new float[w.cols()];
    double[][] quantised = new double[rows][];
    for (int t = 0; t < rows; t++) {
      quantised[t] = bf16 || isFloat(w.type()) ? exact(x, t) : quantise(x, t, precision);
    }
    for (int r = 0; r < w.rows(); r++) {
      BlockFormats.dequantizeRow(w, r, weights);
      for (int t = 0; t < rows; t++) {
        double sum = 0;
        double magnitude = 0;
        for (int k = 0; k < w.cols(); k++) {
          sum += quantised[t][k] * weights[k];
          magnitude += Math.abs(quantised[t][k] * weights[k]);
        }
        double error = Math.abs(out.get(t, column + r) - sum);
        if (!(error <= tolerance * magnitude + 1e-30)) {
          throw new AssertionError(
              "%s: row %d, weight row %d is %s; exactly %s, error %s of %s"
                  .formatted(what, t, r, out.get(t, column + r), sum, error, magnitude));
        }
      }
    }
  }

  private static boolean isFloat(WeightType type) {
    return type == WeightType.F32 || type == WeightType.F16 || type == WeightType.BF16;
  }

  private static double[] exact(Tensor x, int t) {
    double[] row = new double[x.cols()];
    for (int k = 0; k < row.length; k++) {
      row[k] = x.get(t, k);
    }
    return row;
  }

  /** Row {@code t} as the kernels see it: activations.h in Java. */
  private static double[] quantise(Tensor x, int t, ActivationPrecision precision) {
    double[] row = exact(x, t);
    int blocks = row.length / BLOCK;
    float[] largest = new float[blocks];
    float total = 0;
    for (int b = 0; b < blocks; b++) {
      largest[b] =
          (float) Arrays.stream(row, b * BLOCK, (b + 1) * BLOCK).map(Math::abs).max().orElseThrow();
      total += largest[b];
    }
    for (int k = 0; k < row.length; k++) {
      float max = largest[k / BLOCK];
      boolean fine = precision == FINE || max > FINE_FROM * total / blocks;
      int steps = fine ? STEPS : COARSE_STEPS;
      row[k] = max == 0 ? 0 : Math.rint((float) row[k] * (steps / max)) * (max / steps);
    }
    return row;
  }
}

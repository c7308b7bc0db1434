package dev.krafla.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What AMX products promise beyond the contract of all native ones ({@link NativeMatmulTest}). */
class AmxMatmulTest {
  private static final int COLS = 1280;
  private static final int WEIGHT_ROWS = 85;

  private final SpinPool pool = new SpinPool(3);

  @BeforeEach
  void needsTiles() {
    Optional<String> obstacle = TileEmulation.obstacle();
    assumeTrue(obstacle.isEmpty(), () -> "AMX cannot be tested here: " + obstacle.orElse(""));
  }

  @AfterEach
  void close() {
    pool.close();
  }

  @ParameterizedTest
  @EnumSource
  void int8ProductsHaveTheBitsOfAvx512(WeightType type) {
    for (int rows : new int[] {8, 9, 16, 31, 48, 100}) {
      try (Arena arena = Arena.ofConfined()) {
        for (ActivationPrecision precision : ActivationPrecision.values()) {
          Tensor expected = multiply("avx512", type, rows, precision, arena);
          assertSameBits(multiply("amx-int8", type, rows, precision, arena), expected);
          if (rows < NativeMatmul.BF16_ROWS) {
            assertSameBits(multiply("amx", type, rows, precision, arena), expected);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyRowsAreAsExactAsBfloat16Allows(WeightType type) {
    try (Arena arena = Arena.ofConfined()) {
      Tensor many = multiply("amx", type, 100, ActivationPrecision.FINE, arena);
      double error = 0;
      double square = 0;
      double[] expected = exact(type, arena);
      for (int i = 0; i < expected.length; i++) {
        double difference = many.get(i / WEIGHT_ROWS, i % WEIGHT_ROWS) - expected[i];
        error += difference * difference;
        square += expected[i] * expected[i];
      }
      assertThat(Math.sqrt(error / square)).isLessThan(0.004);
    }
  }

  private Tensor multiply(
      String isa, WeightType type, int rows, ActivationPrecision precision, Arena arena) {
    var matmul = new NativeMatmul(KernelTiers.library(), isa, pool);
    RawMatrix w = weights(type, arena);
    PackedMatrix packed =
        matmul.pack(w, arena.allocate(matmul.packedBytes(type, WEIGHT_ROWS, COLS), 64));
    Tensor out = Tensor.allocate(arena, rows, WEIGHT_ROWS);
    matmul.matmul(out, activations(rows, arena), rows, precision, packed);
    return out;
  }

  /** Products of the first 100 rows with the dequantised weights, in double. */
  private static double[] exact(WeightType type, Arena arena) {
    RawMatrix w = weights(type, arena);
    Tensor x = activations(100, arena);
    float[] row = new float[COLS];
    double[] products = new double[100 * WEIGHT_ROWS];
    for (int r = 0; r < WEIGHT_ROWS; r++) {
      BlockFormats.dequantizeRow(w, r, row);
      for (int t = 0; t < 100; t++) {
        double sum = 0;
        for (int k = 0; k < COLS; k++) {
          sum += (double) row[k] * x.get(t, k);
        }
        products[t * WEIGHT_ROWS + r] = sum;
      }
    }
    return products;
  }

  private static RawMatrix weights(WeightType type, Arena arena) {
    return RandomWeights.of(type, WEIGHT_ROWS, COLS, new Random(3), arena);
  }

  private static Tensor activations(int rows, Arena arena) {
    var random = new Random(4);
    Tensor x = Tensor.allocate(arena, rows, COLS);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < COLS; c++) {
        x.set(r, c, (float) random.nextGaussian());
      }
    }
    return x;
  }

  private static void assertSameBits(Tensor actual, Tensor expected) {
    assertThat(actual.data().mismatch(expected.data())).isEqualTo(-1);
  }
}

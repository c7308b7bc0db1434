package dev.krafla.bench;

import dev.krafla.kernels.BlockFormats;
import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.LargeMemory;
import dev.krafla.kernels.PackedMatrix;
import dev.krafla.kernels.RawMatrix;
import dev.krafla.kernels.Tensor;
import dev.krafla.kernels.WeightType;
import java.lang.foreign.Arena;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One matrix product, {@code out[rows, weightRows] = x[rows, cols] · wᵀ}: 1 row is one user's
 * decode step, 8 and 32 are as many users, 256 is half a prompt's chunk. The default matrix fits
 * the caches; {@code -p cols=1536 -p weightRows=151936} is a head that does not.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1) // the Vector API takes seconds to be compiled
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class MatmulBenchmark {
  /** Rows of the weights between two that are checked. */
  private static final int CHECK_STRIDE = 61;

  /**
   * Of the root of the sum of squared products. Activations are rounded to int8 inside of fast
   * tiers: 0.7 % of a standard normal value, six of these deviations, and some room for blocks with
   * an outlier.
   */
  private static final double TOLERANCE = 0.06;

  @Param({"scalar", "vector", "native"})
  String tier;

  @Param({"Q4_0", "Q8_0", "Q4_K"})
  WeightType type;

  @Param({"1", "8", "32", "256"})
  int rows;

  @Param("2048")
  int cols;

  @Param("2048")
  int weightRows;

  @Param("1")
  int threads;

  private final Arena arena = Arena.ofAuto();
  private Kernels kernels;
  private RawMatrix raw;
  private PackedMatrix weights;
  private Tensor x;
  private Tensor out;

  @Setup
  public void open() {
    var random = new Random(1);
    kernels = Tiers.open(tier, threads);
    raw = RandomMatrix.weights(arena, type, weightRows, cols, random);
    long bytes = kernels.packedBytes(type, weightRows, cols);
    weights = kernels.pack(raw, LargeMemory.allocate(arena, bytes));
    x = RandomMatrix.activations(arena, rows, cols, random);
    out = Tensor.allocate(arena, rows, weightRows);
  }

  @Benchmark
  public Tensor matmul() {
    kernels.matmul(out, x, rows, weights);
    return out;
  }

  @TearDown
  public void checkAndClose() {
    try {
      check();
    } finally {
      kernels.close();
    }
  }

  /** Compares what the last call left with sums in double of the dequantised weights. */
  private void check() {
    float[] w = new float[cols];
    for (int n = 0; n < weightRows; n += CHECK_STRIDE) {
      BlockFormats.dequantizeRow(raw, n, w);
      for (int r = 0; r < rows; r++) {
        double sum = 0;
        double squares = 0;
        for (int k = 0; k < cols; k++) {
          double product = (double) x.get(r, k) * w[k];
          sum += product;
          squares += product * product;
        }
        double error = Math.abs(out.get(r, n) - sum);
        if (!(error <= TOLERANCE * Math.sqrt(squares))) {
          throw new IllegalStateException(
              "%s, %s: out[%d, %d] is %s, exactly %s"
                  .formatted(tier, type, r, n, out.get(r, n), sum));
        }
      }
    }
  }
}

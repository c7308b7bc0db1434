package dev.krafla.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every tier's row-wise operations hold to, against double precision. */
abstract class RowOperationsContract {
  /** Relative error of a handful of float32 operations and a fast e^x. */
  private static final double RELATIVE = 2e-6;

  private final Arena arena = Arena.ofAuto();
  private final Random random = new Random(7);

  /** A fresh instance of the tier on a pool of so many threads. */
  abstract Kernels open(int threads);

  private static void assertClose(Tensor actual, int row, int col, double exact, double absolute) {
    assertThat((double) actual.get(row, col))
        .as("row %d column %d", row, col)
        .isCloseTo(exact, within(Math.abs(exact) * RELATIVE + absolute));
  }

  private Tensor random(int rows, int cols) {
    return KvCase.randomTensor(arena, rows, cols, random);
  }

  private Tensor copy(Tensor t) {
    Tensor copy = Tensor.allocate(arena, t.rows(), t.cols());
    copy.data().copyFrom(t.data());
    return copy;
  }

  @ParameterizedTest
  @CsvSource({"1, 576", "3, 1", "2, 7", "5, 8", "70, 640", "9, 1000", "33, 61"})
  void dividesByTheRootMeanSquare(int rows, int cols) {
    try (Kernels kernels = open(2)) {
      Tensor x = random(rows, cols);
      Tensor weight = random(1, cols);
      Tensor out = Tensor.allocate(arena, rows, cols);
      Tensor inPlace = copy(x);
      kernels.rmsNorm(out, x, rows, weight, 1e-5f);
      kernels.rmsNorm(inPlace, inPlace, rows, weight, 1e-5f);
      assertThat(inPlace.data().mismatch(out.data())).as("in place").isEqualTo(-1);
      for (int r = 0; r < rows; r++) {
        double scale = inverseRms(x, r, 0, cols, 1e-5f);
        for (int c = 0; c < cols; c++) {
          assertClose(out, r, c, x.get(r, c) * scale * weight.get(0, c), 0);
        }
      }
    }
  }

  private static double inverseRms(Tensor x, int row, int column, int n, float eps) {
    double sum = 0;
    for (int c = column; c < column + n; c++) {
      sum += (double) x.get(row, c) * x.get(row, c);
    }
    return 1 / Math.sqrt(sum / n + eps);
  }

  @ParameterizedTest
  @CsvSource({"1, 4, 256", "37, 9, 64", "5, 3, 20"})
  void normalisesHeadsAndNothingBesideThem(int rows, int heads, int headDim) {
    try (Kernels kernels = open(2)) {
      int column = 11;
      Tensor x = random(rows, column + heads * headDim + 5);
      Tensor weight = random(1, headDim);
      Tensor out = copy(x);
      kernels.rmsNormHeads(out, rows, column, heads, headDim, weight, 1e-6f);
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < x.cols(); c++) {
          int inHeads = c - column;
          boolean normalised = inHeads >= 0 && inHeads < heads * headDim;
          int start = normalised ? column + inHeads / headDim * headDim : 0;
          double exact =
              normalised
                  ? x.get(r, c)
                      * inverseRms(x, r, start, headDim, 1e-6f)
                      * weight.get(0, inHeads % headDim)
                  : x.get(r, c);
          assertClose(out, r, c, exact, 0);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 9, 64, 64, true",
    "40, 9, 64, 64, false",
    "3, 4, 256, 256, false",
    "2, 2, 20, 12, true",
    "2, 2, 20, 12, false",
    "5, 3, 80, 32, false",
    "300, 1, 6, 6, true"
  })
  void turnsPairsByTheirPosition(
      int rows, int heads, int headDim, int rotaryDim, boolean interleaved) {
    try (Kernels kernels = open(2)) {
      int half = rotaryDim / 2;
      RopeTable table =
          new RopeTable(random(rows + 9, half), random(rows + 9, half), rotaryDim, interleaved);
      int column = 3;
      Tensor x = random(rows, column + heads * headDim + 2);
      BatchLayout layout = new BatchLayout(arena, rows, 1, rows / KvCache.BLOCK_TOKENS + 2);
      layout.addSequence(
          9, rows, new int[rows / KvCache.BLOCK_TOKENS + 2], rows / KvCache.BLOCK_TOKENS + 2);
      Tensor exact = copy(x);
      for (int r = 0; r < rows; r++) {
        for (int h = 0; h < heads; h++) {
          for (int i = 0; i < half; i++) {
            int a = column + h * headDim + (interleaved ? 2 * i : i);
            int b = a + (interleaved ? 1 : half);
            double cos = table.cos().get(r + 9, i);
            double sin = table.sin().get(r + 9, i);
            exact.set(r, a, (float) (x.get(r, a) * cos - x.get(r, b) * sin));
            exact.set(r, b, (float) (x.get(r, a) * sin + x.get(r, b) * cos));
          }
        }
      }
      kernels.rope(x, layout, column, heads, headDim, table);
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < x.cols(); c++) {
          assertClose(x, r, c, exact.get(r, c), 1e-6);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void gatesWithTheActivation(Activation activation) {
    DoubleUnaryOperator exact =
        switch (activation) {
          case SILU -> x -> x / (1 + Math.exp(-x));
          case GELU_TANH ->
              // 0.5·(1 + tanh u) = 1 / (1 + e^−2u), which does not cancel for large negative u
              x -> x / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
        };
    for (int n : new int[] {1, 13, 64, 1536}) {
      for (int rows : new int[] {1, 19}) {
        try (Kernels kernels = open(2)) {
          Tensor gateUp = random(rows, 2 * n);
          for (int c = 0; c < n; c++) {
            gateUp.set(0, c, -30 + 60f * c / n);
          }
          Tensor out = Tensor.allocate(arena, rows, n);
          kernels.gate(out, gateUp, rows, activation);
          for (int r = 0; r < rows; r++) {
            for (int c = 0; c < n; c++) {
              double gate = gateUp.get(r, c);
              // The exponent's own rounding grows with its size; nothing below 1e-6 matters here.
              double expected = exact.applyAsDouble(gate) * gateUp.get(r, n + c);
              assertClose(out, r, c, expected, 1e-6);
            }
          }
        }
      }
    }
  }

  @Test
  void gatesHugeInputsToTheirLimits() {
    try (Kernels kernels = open(1)) {
      Tensor gateUp =
          Tensor.of(arena, -1e30f, -1000, 1000, 1e30f, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
      Tensor out = Tensor.allocate(arena, 1, 8);
      kernels.gate(out, gateUp, 1, Activation.SILU);
      assertClose(out, 0, 0, 0, 1e-6);
      assertClose(out, 0, 1, 0, 1e-6);
      assertClose(out, 0, 2, 1000, 0);
      assertClose(out, 0, 3, 1e30, 0);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 576", "64, 640", "3, 5"})
  void addsRowsAndBiases(int rows, int cols) {
    try (Kernels kernels = open(2)) {
      Tensor x = random(rows, cols);
      Tensor y = random(rows + 1, cols);
      Tensor sum = copy(x);
      kernels.add(sum, y, rows);
      Tensor biased = copy(x);
      Tensor bias = random(1, cols - 2);
      kernels.addBias(biased, rows, 1, bias);
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < cols; c++) {
          assertThat(sum.get(r, c)).isEqualTo(x.get(r, c) + y.get(r, c));
          float b = c >= 1 && c < cols - 1 ? bias.get(0, c - 1) : 0;
          assertThat(biased.get(r, c)).isEqualTo(x.get(r, c) + b);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {1, 30, 50})
  void capsSmoothly(float cap) {
    try (Kernels kernels = open(2)) {
      Tensor x = random(31, 333);
      for (int c = 0; c < 333; c++) {
        x.set(0, c, (c - 166) * cap / 20);
      }
      Tensor out = copy(x);
      kernels.softcap(out, 31, cap);
      for (int r = 0; r < 31; r++) {
        for (int c = 0; c < 333; c++) {
          assertClose(out, r, c, cap * Math.tanh(x.get(r, c) / (double) cap), 5e-7 * cap);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void readsAndScalesRowsOfTheTable(WeightType type) {
    try (Kernels kernels = open(2)) {
      RawMatrix table = RandomWeights.of(type, 9, 256, random, arena);
      int[] ids = new int[70];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = i * 5 % 9;
      }
      Tensor out = Tensor.allocate(arena, ids.length, 256);
      kernels.embed(out, table, ids, ids.length, 1.5f);
      float[] row = new float[256];
      for (int i = 0; i < ids.length; i++) {
        BlockFormats.dequantizeRow(table, ids[i], row);
        for (int c = 0; c < 256; c++) {
          assertThat(out.get(i, c)).isEqualTo(row[c] * 1.5f);
        }
      }
    }
  }

  @Test
  void leavesRowsBeyondTheStepAlone() {
    try (Kernels kernels = open(2)) {
      Tensor x = random(40, 64);
      Tensor before = copy(x);
      kernels.rmsNorm(x, x, 33, random(1, 64), 1e-5f);
      kernels.add(x, random(40, 64), 33);
      kernels.softcap(x, 33, 3);
      MemorySegment tail = x.slice(33, 7).data();
      assertThat(tail.mismatch(before.slice(33, 7).data())).isEqualTo(-1);
    }
  }
}

package dev.krafla.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The tier for machines without the native library: the Vector API where it pays, the scalar tier
 * elsewhere. Weights stay as their file stores them and are decoded row by row to float32;
 * activations are not quantised. Every output has a sum of its own, in an order that depends on the
 * matrix alone, so results are the same bits in every batch and on every thread count.
 */
public final class VectorKernels implements Kernels {
  private static final VectorSpecies<Float> F32 = VectorBlocks.F32;

  /** Weight rows in hand at a time, each with a sum per row of x: hides the latency of an FMA. */
  private static final int TILE = 4;

  private final ComputePool pool;
  private final ScalarKernels scalar;
  private final VectorAttention attention;
  private final float[][][] weights;

  /** Takes over {@code pool}: {@link #close()} ends it. */
  public VectorKernels(ComputePool pool) {
    this.pool = pool;
    this.scalar = new ScalarKernels(pool);
    this.attention = new VectorAttention(pool);
    this.weights = new float[pool.size()][TILE][0];
  }

  @Override
  public String tier() {
    return "vector";
  }

  @Override
  public boolean batchInvariant() {
    return true;
  }

  @Override
  public int threads() {
    return pool.size();
  }

  @Override
  public ComputePool pool() {
    return pool;
  }

  @Override
  public String layout() {
    return scalar.layout();
  }

  @Override
  public long packedBytes(WeightType type, int rows, int cols) {
    return scalar.packedBytes(type, rows, cols);
  }

  @Override
  public PackedMatrix pack(RawMatrix raw, MemorySegment target) {
    return scalar.pack(raw, target);
  }

  @Override
  public PackedMatrix wrap(WeightType type, int rows, int cols, MemorySegment packed) {
    return scalar.wrap(type, rows, cols, packed);
  }

  @Override
  public void matmul(
      Tensor out, Tensor x, int rows, ActivationPrecision precision, PackedMatrix... parts) {
    pool.run((member, members) -> {
      int column = 0;
      for (PackedMatrix part : parts) {
        int from = ComputePool.share(part.rows(), member, members);
        int to = ComputePool.share(part.rows(), member + 1, members);
        multiply(out, column, x, rows, part, from, to, scratch(member, part.cols()));
        column += part.rows();
      }
    });
  }

  /** The member's rows of decoded weights, with whole vectors of room. */
  private float[][] scratch(int member, int cols) {
    int length = F32.loopBound(cols + F32.length() - 1);
    if (weights[member][0].length < length) {
      for (int i = 0; i < TILE; i++) {
        weights[member][i] = new float[length];
      }
    }
    return weights[member];
  }

  /** {@code out[:, column + r] = x · w[r]} for weight rows {@code from … to − 1}. */
  private static void multiply(
      Tensor out, int column, Tensor x, int rows, PackedMatrix w, int from, int to, float[][] my) {
    int cols = w.cols();
    long rowBytes = w.type().bytes(cols);
    for (int r = from; r < to; r += TILE) {
      int count = Math.min(TILE, to - r);
      for (int i = 0; i < count; i++) {
        VectorBlocks.dequantize(w.type(), w.data(), (r + i) * rowBytes, cols, my[i], 0);
      }
      for (int t = 0; t < rows; t++) {
        dotTile(x, t, my, cols, out.data(), (long) t * out.cols() + column + r, count);
      }
    }
  }

  /** Stores the first {@code count} of {@link #TILE} dot products from element {@code at} on. */
  private static void dotTile(
      Tensor x, int row, float[][] w, int n, MemorySegment out, long at, int count) {
    FloatVector s0 = FloatVector.zero(F32);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    long from = (long) row * x.cols() * Float.BYTES;
    int i = 0;
    for (; i < F32.loopBound(n); i += F32.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F32, x.data(), from + 4L * i, LITTLE_ENDIAN);
      s0 = v.fma(FloatVector.fromArray(F32, w[0], i), s0);
      s1 = v.fma(FloatVector.fromArray(F32, w[1], i), s1);
      s2 = v.fma(FloatVector.fromArray(F32, w[2], i), s2);
      s3 = v.fma(FloatVector.fromArray(F32, w[3], i), s3);
    }
    out.setAtIndex(JAVA_FLOAT, at, sum(s0) + tail(x, row, w[0], i, n));
    if (count > 1) {
      out.setAtIndex(JAVA_FLOAT, at + 1, sum(s1) + tail(x, row, w[1], i, n));
    }
    if (count > 2) {
      out.setAtIndex(JAVA_FLOAT, at + 2, sum(s2) + tail(x, row, w[2], i, n));
    }
    if (count > 3) {
      out.setAtIndex(JAVA_FLOAT, at + 3, sum(s3) + tail(x, row, w[3], i, n));
    }
  }

  /**
   * Sum of the lanes in order. Not {@code reduceLanes}: the order of its additions is unspecified,
   * and differs between compiled and interpreted code.
   */
  private static float sum(FloatVector v) {
    float sum = 0;
    for (int lane = 0; lane < F32.length(); lane++) {
      sum += v.lane(lane);
    }
    return sum;
  }

  private static float tail(Tensor x, int row, float[] w, int from, int n) {
    float sum = 0;
    for (int i = from; i < n; i++) {
      sum += x.get(row, i) * w[i];
    }
    return sum;
  }

  @Override
  public void attention(
      Tensor out,
      Tensor qkv,
      int queryColumn,
      int heads,
      KvCache kv,
      int layer,
      BatchLayout layout,
      float scale,
      int window,
      float softcap) {
    attention.run(
        new VectorAttention.Call(
            out, qkv, queryColumn, heads, kv, layer, layout, scale, window, softcap));
  }

  @Override
  public void writeKv(
      KvCache kv, int layer, Tensor qkv, int keyColumn, int valueColumn, BatchLayout layout) {
    scalar.writeKv(kv, layer, qkv, keyColumn, valueColumn, layout);
  }

  @Override
  public void gate(Tensor out, Tensor gateUp, int rows, Activation activation) {
    int n = gateUp.cols() / 2;
    forRows(
        rows,
        r -> {
          long at = (long) r * gateUp.cols() * Float.BYTES;
          long to = (long) r * out.cols() * Float.BYTES;
          int i = 0;
          for (; i < F32.loopBound(n); i += F32.length()) {
            FloatVector gate = load(gateUp, at + 4L * i);
            FloatVector up = load(gateUp, at + 4L * (n + i));
            act(activation, gate).mul(up).intoMemorySegment(out.data(), to + 4L * i, LITTLE_ENDIAN);
          }
          for (; i < n; i++) {
            FloatVector gate = FloatVector.broadcast(F32, gateUp.get(r, i));
            out.set(r, i, act(activation, gate).lane(0) * gateUp.get(r, n + i));
          }
        });
  }

  private static FloatVector load(Tensor t, long at) {
    return FloatVector.fromMemorySegment(F32, t.data(), at, LITTLE_ENDIAN);
  }

  private static FloatVector act(Activation activation, FloatVector x) {
    return switch (activation) {
      case SILU -> x.mul(VectorMath.sigmoid(x));
      // 0.5·(1 + tanh u) = sigmoid(2u)
      case GELU_TANH -> {
        FloatVector cubic = x.mul(x).mul(x.mul(0.044715f));
        yield x.mul(VectorMath.sigmoid(x.add(cubic).mul(1.5957692f)));
      }
    };
  }

  @Override
  public void softcap(Tensor x, int rows, float cap) {
    forRows(
        rows,
        r -> {
          long at = (long) r * x.cols() * Float.BYTES;
          int i = 0;
          for (; i < F32.loopBound(x.cols()); i += F32.length()) {
            VectorMath.softcap(load(x, at + 4L * i), cap)
                .intoMemorySegment(x.data(), at + 4L * i, LITTLE_ENDIAN);
          }
          for (; i < x.cols(); i++) {
            FloatVector v = FloatVector.broadcast(F32, x.get(r, i));
            x.set(r, i, VectorMath.softcap(v, cap).lane(0));
          }
        });
  }

  /** Body of a loop over rows. */
  private interface RowBody {
    void run(int row);
  }

  private void forRows(int rows, RowBody body) {
    pool.run((member, members) -> {
      int to = ComputePool.share(rows, member + 1, members);
      for (int r = ComputePool.share(rows, member, members); r < to; r++) {
        body.run(r);
      }
    });
  }

  @Override
  public void rmsNorm(Tensor out, Tensor x, int rows, Tensor weight, float eps) {
    scalar.rmsNorm(out, x, rows, weight, eps);
  }

  @Override
  public void rmsNormHeads(
      Tensor x, int rows, int column, int heads, int headDim, Tensor weight, float eps) {
    scalar.rmsNormHeads(x, rows, column, heads, headDim, weight, eps);
  }

  @Override
  public void rope(
      Tensor x, BatchLayout layout, int column, int heads, int headDim, RopeTable table) {
    scalar.rope(x, layout, column, heads, headDim, table);
  }

  @Override
  public void add(Tensor x, Tensor y, int rows) {
    scalar.add(x, y, rows);
  }

  @Override
  public void addBias(Tensor x, int rows, int column, Tensor bias) {
    scalar.addBias(x, rows, column, bias);
  }

  @Override
  public void embed(Tensor out, RawMatrix table, int[] ids, int count, float scale) {
    scalar.embed(out, table, ids, count, scale);
  }

  @Override
  public void close() {
    scalar.close();
  }
}

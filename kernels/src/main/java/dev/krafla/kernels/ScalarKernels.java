package dev.krafla.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/**
 * The tier that defines what the others compute: plain loops, weights as their file stores them,
 * float32 activations. Every sum runs in index order and belongs to one output element, so results
 * are the same bits in every batch, on every thread count and on every machine.
 */
public final class ScalarKernels implements Kernels {
  /** Weight rows in hand at a time: that many independent sums hide the latency of an addition. */
  private static final int TILE = 4;

  private final ComputePool pool;
  private final ScalarAttention attention;
  private final Scratch[] scratch;

  /** Takes over {@code pool}: {@link #close()} ends it. */
  public ScalarKernels(ComputePool pool) {
    this.pool = pool;
    this.attention = new ScalarAttention(pool);
    this.scratch = new Scratch[pool.size()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = new Scratch();
    }
  }

  /** One member's decoded weight rows and activation row; grows to the widest matrix seen. */
  private static final class Scratch {
    private float[][] weights = new float[TILE][0];
    private float[] x = new float[0];

    void fit(int cols) {
      if (x.length < cols) {
        x = new float[cols];
        weights = new float[TILE][cols];
      }
    }
  }

  @Override
  public String tier() {
    return "scalar";
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
    return "raw";
  }

  @Override
  public long packedBytes(WeightType type, int rows, int cols) {
    return type.bytes(cols) * rows;
  }

  @Override
  public PackedMatrix pack(RawMatrix raw, MemorySegment target) {
    target.copyFrom(raw.data());
    return wrap(raw.type(), raw.rows(), raw.cols(), target);
  }

  @Override
  public PackedMatrix wrap(WeightType type, int rows, int cols, MemorySegment packed) {
    return new PackedMatrix(
        type, rows, cols, layout(), packed.asSlice(0, packedBytes(type, rows, cols)));
  }

  @Override
  public void matmul(
      Tensor out, Tensor x, int rows, ActivationPrecision precision, PackedMatrix... parts) {
    pool.run((member, members) -> {
      int column = 0;
      for (PackedMatrix part : parts) {
        int from = ComputePool.share(part.rows(), member, members);
        int to = ComputePool.share(part.rows(), member + 1, members);
        multiply(out, column, x, rows, part, from, to, scratch[member]);
        column += part.rows();
      }
    });
  }

  /** {@code out[:, column + r] = x · w[r]} for weight rows {@code from … to − 1}. */
  private static void multiply(
      Tensor out, int column, Tensor x, int rows, PackedMatrix w, int from, int to, Scratch my) {
    int cols = w.cols();
    my.fit(cols);
    long rowBytes = w.type().bytes(cols);
    for (int r = from; r < to; r += TILE) {
      int count = Math.min(TILE, to - r);
      for (int i = 0; i < count; i++) {
        BlockFormats.dequantize(w.type(), w.data(), (r + i) * rowBytes, cols, my.weights[i], 0);
      }
      for (int t = 0; t < rows; t++) {
        x.copyRow(t, my.x);
        long at = (long) t * out.cols() + column + r;
        dotTile(my.x, my.weights, cols, out.data(), at, count);
      }
    }
  }

  /** Stores the first {@code count} of {@link #TILE} dot products from element {@code at} on. */
  private static void dotTile(
      float[] x, float[][] w, int n, MemorySegment out, long at, int count) {
    float[] w0 = w[0];
    float[] w1 = w[1];
    float[] w2 = w[2];
    float[] w3 = w[3];
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    for (int i = 0; i < n; i++) {
      float xi = x[i];
      s0 += xi * w0[i];
      s1 += xi * w1[i];
      s2 += xi * w2[i];
      s3 += xi * w3[i];
    }
    out.setAtIndex(JAVA_FLOAT, at, s0);
    if (count > 1) {
      out.setAtIndex(JAVA_FLOAT, at + 1, s1);
    }
    if (count > 2) {
      out.setAtIndex(JAVA_FLOAT, at + 2, s2);
    }
    if (count > 3) {
      out.setAtIndex(JAVA_FLOAT, at + 3, s3);
    }
  }

  @Override
  public void rmsNorm(Tensor out, Tensor x, int rows, Tensor weight, float eps) {
    forRows(rows, r -> normalise(out, x, (long) r * x.cols(), x.cols(), weight, eps));
  }

  @Override
  public void rmsNormHeads(
      Tensor x, int rows, int column, int heads, int headDim, Tensor weight, float eps) {
    forRows(
        rows,
        r -> {
          for (int h = 0; h < heads; h++) {
            long at = (long) r * x.cols() + column + (long) h * headDim;
            normalise(x, x, at, headDim, weight, eps);
          }
        });
  }

  /** RMSNorm (Zhang and Sennrich 2019) of {@code n} elements; squares are summed in double. */
  private static void normalise(Tensor out, Tensor x, long at, int n, Tensor weight, float eps) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double v = x.data().getAtIndex(JAVA_FLOAT, at + i);
      sum += v * v;
    }
    float scale = (float) (1 / Math.sqrt(sum / n + eps));
    for (int i = 0; i < n; i++) {
      float v = x.data().getAtIndex(JAVA_FLOAT, at + i);
      float w = weight.data().getAtIndex(JAVA_FLOAT, i);
      out.data().setAtIndex(JAVA_FLOAT, at + i, v * scale * w);
    }
  }

  @Override
  public void rope(
      Tensor x, BatchLayout layout, int column, int heads, int headDim, RopeTable table) {
    forRows(
        layout.rows(),
        r -> {
          for (int h = 0; h < heads; h++) {
            long at = (long) r * x.cols() + column + (long) h * headDim;
            rotate(x.data(), at, layout.position(r), table);
          }
        });
  }

  private static void rotate(MemorySegment x, long at, int position, RopeTable table) {
    int half = table.rotaryDim() / 2;
    int step = table.interleaved() ? 2 : 1;
    int distance = table.interleaved() ? 1 : half;
    for (int i = 0; i < half; i++) {
      float cos = table.cos().get(position, i);
      float sin = table.sin().get(position, i);
      long first = at + (long) i * step;
      float a = x.getAtIndex(JAVA_FLOAT, first);
      float b = x.getAtIndex(JAVA_FLOAT, first + distance);
      x.setAtIndex(JAVA_FLOAT, first, a * cos - b * sin);
      x.setAtIndex(JAVA_FLOAT, first + distance, a * sin + b * cos);
    }
  }

  @Override
  public void writeKv(
      KvCache kv, int layer, Tensor qkv, int keyColumn, int valueColumn, BatchLayout layout) {
    int headDim = kv.shape().headDim();
    forRows(
        layout.rows(),
        r -> {
          long row = (long) r * qkv.cols();
          int slot = layout.slot(r);
          for (int h = 0; h < kv.shape().kvHeads(); h++) {
            long key = (row + keyColumn + (long) h * headDim) * Float.BYTES;
            long value = (row + valueColumn + (long) h * headDim) * Float.BYTES;
            KvVectors.writeKey(kv, layer, slot, h, qkv.data(), key);
            KvVectors.writeValue(kv, layer, slot, h, qkv.data(), value);
          }
        });
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
    attention.run(out, qkv, queryColumn, heads, kv, layer, layout, scale, window, softcap);
  }

  @Override
  public void gate(Tensor out, Tensor gateUp, int rows, Activation activation) {
    int n = gateUp.cols() / 2;
    forRows(
        rows,
        r -> {
          long at = (long) r * gateUp.cols();
          for (int i = 0; i < n; i++) {
            float gate = gateUp.data().getAtIndex(JAVA_FLOAT, at + i);
            float up = gateUp.data().getAtIndex(JAVA_FLOAT, at + n + i);
            out.data()
                .setAtIndex(JAVA_FLOAT, (long) r * out.cols() + i, act(activation, gate) * up);
          }
        });
  }

  private static float act(Activation activation, float x) {
    return switch (activation) {
      case SILU -> (float) (x / (1 + Math.exp(-x)));
      case GELU_TANH -> {
        double inner = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
        yield (float) (0.5 * x * (1 + Math.tanh(inner)));
      }
    };
  }

  @Override
  public void add(Tensor x, Tensor y, int rows) {
    forRows(rows, r -> addRow(x, (long) r * x.cols(), y, (long) r * y.cols(), x.cols()));
  }

  @Override
  public void addBias(Tensor x, int rows, int column, Tensor bias) {
    forRows(rows, r -> addRow(x, (long) r * x.cols() + column, bias, 0, bias.cols()));
  }

  private static void addRow(Tensor x, long at, Tensor y, long from, int n) {
    for (int i = 0; i < n; i++) {
      float sum =
          x.data().getAtIndex(JAVA_FLOAT, at + i) + y.data().getAtIndex(JAVA_FLOAT, from + i);
      x.data().setAtIndex(JAVA_FLOAT, at + i, sum);
    }
  }

  @Override
  public void softcap(Tensor x, int rows, float cap) {
    forRows(
        rows,
        r -> {
          long at = (long) r * x.cols();
          for (int i = 0; i < x.cols(); i++) {
            float v = x.data().getAtIndex(JAVA_FLOAT, at + i);
            x.data().setAtIndex(JAVA_FLOAT, at + i, cap * (float) Math.tanh(v / cap));
          }
        });
  }

  @Override
  public void embed(Tensor out, RawMatrix table, int[] ids, int count, float scale) {
    pool.run((member, members) -> {
      Scratch my = scratch[member];
      my.fit(table.cols());
      int to = ComputePool.share(count, member + 1, members);
      for (int t = ComputePool.share(count, member, members); t < to; t++) {
        BlockFormats.dequantizeRow(table, ids[t], my.x);
        for (int i = 0; i < table.cols(); i++) {
          out.set(t, i, my.x[i] * scale);
        }
      }
    });
  }

  /** Body of a loop over rows. */
  private interface RowBody {
    void run(int row);
  }

  private void forRows(int rows, RowBody body) {
    if (rows == 1) {
      body.run(0);
      return;
    }
    pool.run((member, members) -> {
      int to = ComputePool.share(rows, member + 1, members);
      for (int r = ComputePool.share(rows, member, members); r < to; r++) {
        body.run(r);
      }
    });
  }

  @Override
  public void close() {
    pool.close();
  }
}

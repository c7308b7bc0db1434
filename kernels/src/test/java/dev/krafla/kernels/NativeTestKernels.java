package dev.krafla.kernels;

import static org.junit.jupiter.api.Assumptions.abort;

import java.lang.foreign.MemorySegment;

/** The native attention and element-wise operations; everything else is the scalar tier's. */
final class NativeTestKernels implements Kernels {
  private final ComputePool pool;
  private final ScalarKernels scalar;
  private final NativeAttention attention;
  private final NativeElementwise elementwise;

  private NativeTestKernels(NativeLibrary library, int threads) {
    this.pool = new SpinPool(threads);
    this.scalar = new ScalarKernels(pool);
    this.attention = new NativeAttention(library, "avx2", pool);
    this.elementwise = new NativeElementwise(library, "avx2", pool);
  }

  static Kernels open(int threads) {
    return switch (NativeLibrary.load()) {
      case NativeLibrary.Outcome.Loaded(var library)
          when (library.cpuFeatures() & NativeLibrary.AVX2) != 0 ->
          new NativeTestKernels(library, threads);
      case NativeLibrary.Outcome.Loaded _ -> abort("this CPU has no AVX2");
      case NativeLibrary.Outcome.Absent(String reason) -> abort(reason);
    };
  }

  @Override
  public String tier() {
    return "native-test";
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
  public void matmul(Tensor out, Tensor x, int rows, PackedMatrix... parts) {
    scalar.matmul(out, x, rows, parts);
  }

  @Override
  public void rmsNorm(Tensor out, Tensor x, int rows, Tensor weight, float eps) {
    elementwise.rmsNorm(out, x, rows, weight, eps);
  }

  @Override
  public void rmsNormHeads(
      Tensor x, int rows, int column, int heads, int headDim, Tensor weight, float eps) {
    elementwise.rmsNormHeads(x, rows, column, heads, headDim, weight, eps);
  }

  @Override
  public void rope(
      Tensor x, BatchLayout layout, int column, int heads, int headDim, RopeTable table) {
    elementwise.rope(x, layout, column, heads, headDim, table);
  }

  @Override
  public void writeKv(
      KvCache kv, int layer, Tensor qkv, int keyColumn, int valueColumn, BatchLayout layout) {
    attention.writeKv(kv, layer, qkv, keyColumn, valueColumn, layout);
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
    attention.attention(out, qkv, queryColumn, heads, kv, layer, layout, scale, window, softcap);
  }

  @Override
  public void gate(Tensor out, Tensor gateUp, int rows, Activation activation) {
    elementwise.gate(out, gateUp, rows, activation);
  }

  @Override
  public void add(Tensor x, Tensor y, int rows) {
    elementwise.add(x, y, rows);
  }

  @Override
  public void addBias(Tensor x, int rows, int column, Tensor bias) {
    elementwise.addBias(x, rows, column, bias);
  }

  @Override
  public void softcap(Tensor x, int rows, float cap) {
    elementwise.softcap(x, rows, cap);
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

package dev.krafla.kernels;

import java.lang.foreign.MemorySegment;

/**
 * The tier whose inner loops are C (src/main/c). Java deals the work to the pool; C computes ranges
 * of it. Matrix products with quantised weights round activations as {@link ActivationPrecision}
 * says, and have the same bits on every instruction set.
 *
 * <p>With AMX, {@code native-amx} rounds weights and activations of {@link NativeMatmul#BF16_ROWS}
 * rows and more to bfloat16 instead (0.22 %): faster, but less exact and not the bits that fewer
 * rows get, so this tier is not batch-invariant. {@code native-amx-int8} never does.
 */
public final class NativeKernels implements Kernels {
  private final String isa;
  private final ComputePool pool;
  private final NativeMatmul matmul;
  private final NativeAttention attention;
  private final NativeElementwise elementwise;
  private final ScalarKernels scalar;

  /** The kernels of instruction set {@code isa}, e.g. {@code avx2}. Takes over {@code pool}. */
  NativeKernels(NativeLibrary library, String isa, ComputePool pool) {
    this.isa = isa;
    this.pool = pool;
    String vectors = isa.startsWith("amx") ? "avx512" : isa; // tiles are for matrix products alone
    this.matmul = new NativeMatmul(library, isa, pool);
    this.attention = new NativeAttention(library, vectors, pool);
    this.elementwise = new NativeElementwise(library, vectors, pool);
    this.scalar = new ScalarKernels(pool);
  }

  @Override
  public String tier() {
    return "native-" + isa;
  }

  @Override
  public boolean batchInvariant() {
    return matmul.batchInvariant();
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
    return matmul.layout();
  }

  @Override
  public long packedBytes(WeightType type, int rows, int cols) {
    return matmul.packedBytes(type, rows, cols);
  }

  @Override
  public PackedMatrix pack(RawMatrix raw, MemorySegment target) {
    return matmul.pack(raw, target);
  }

  @Override
  public PackedMatrix wrap(WeightType type, int rows, int cols, MemorySegment packed) {
    return matmul.wrap(type, rows, cols, packed);
  }

  @Override
  public void matmul(
      Tensor out, Tensor x, int rows, ActivationPrecision precision, PackedMatrix... parts) {
    matmul.matmul(out, x, rows, precision, parts);
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
    pool.close();
  }
}

package dev.krafla.kernels;

import java.lang.foreign.MemorySegment;

/**
 * The operations of a transformer's forward pass. Every tier computes the same function; the scalar
 * tier defines it. Calls come from one thread at a time (the engine's), and fan out over the tier's
 * own {@link ComputePool}; nothing is allocated on the Java heap per call.
 *
 * <p><b>Batch invariance.</b> A row's result does not depend on which other rows share the call, so
 * that a sequence gets the same tokens alone and in a batch. Tiers that cannot promise this say so
 * in {@link #batchInvariant()}.
 *
 * <p>Weight matrices are quantised or float; activations are float32 at this border. Native and
 * vector tiers may round activations inside {@link #matmul} as {@link ActivationPrecision} says (16
 * bits: relative RMS error about 1e-4), or weights and activations to bfloat16 (0.22 %).
 */
public interface Kernels extends AutoCloseable {

  /**
   * Name of the tier for logs and metrics, e.g. {@code scalar}, {@code vector}, {@code
   * native-avx2}.
   */
  String tier();

  /** Whether the same row gives the same bits in every batch. */
  boolean batchInvariant();

  /** Threads that take part in a call, the caller's included. */
  int threads();

  /** The threads themselves, for other work between two calls. */
  ComputePool pool();

  /**
   * Names the packed weight layout; two tiers with the same name can read each other's matrices.
   */
  String layout();

  /** Bytes that {@link #pack} needs for such a matrix. */
  long packedBytes(WeightType type, int rows, int cols);

  /**
   * Repacks {@code raw} into {@code target} (of {@link #packedBytes} bytes, 64-byte aligned).
   * Thread-safe.
   */
  PackedMatrix pack(RawMatrix raw, MemorySegment target);

  /** Takes bytes that an earlier {@link #pack} of the same {@link #layout()} filled. */
  PackedMatrix wrap(WeightType type, int rows, int cols, MemorySegment packed);

  /**
   * {@code out[r, :] = concat over parts of x[r, :] · partᵀ} for the first {@code rows} rows. All
   * parts have {@code x.cols()} columns; {@code out.cols()} is the sum of their rows. Activations
   * are quantised once for all parts, at least as finely as {@code precision} says. {@code out} and
   * {@code x} do not overlap.
   */
  void matmul(Tensor out, Tensor x, int rows, ActivationPrecision precision, PackedMatrix... parts);

  /** The same in full precision. */
  default void matmul(Tensor out, Tensor x, int rows, PackedMatrix... parts) {
    matmul(out, x, rows, ActivationPrecision.FINE, parts);
  }

  /**
   * {@code out = x / rms(x) * weight} per row, rms over {@code x.cols()}. {@code out} may be {@code
   * x}.
   */
  void rmsNorm(Tensor out, Tensor x, int rows, Tensor weight, float eps);

  /**
   * {@link #rmsNorm} in place on each of {@code heads} vectors of {@code headDim} from column
   * {@code column} on.
   */
  void rmsNormHeads(
      Tensor x, int rows, int column, int heads, int headDim, Tensor weight, float eps);

  /**
   * Rotates each of {@code heads} vectors of {@code headDim} from column {@code column} on, by its
   * row's position.
   */
  void rope(Tensor x, BatchLayout layout, int column, int heads, int headDim, RopeTable table);

  /**
   * Stores keys and values of all rows (kvHeads·headDim columns from each start column) at their
   * slots.
   */
  void writeKv(
      KvCache kv, int layer, Tensor qkv, int keyColumn, int valueColumn, BatchLayout layout);

  /**
   * Causal attention of every row over its sequence's cached tokens, its own included ({@link
   * #writeKv} came first). Head {@code h} reads kv head {@code h / (heads / kvHeads)}. {@code out}
   * is {@code [rows, heads·headDim]}.
   *
   * @param queryColumn first column of the queries in {@code qkv}
   * @param scale factor on the scores, usually 1/√headDim
   * @param window tokens a row may look back on, its own included; 0 for all
   * @param softcap scores become {@code softcap·tanh(score/softcap)}; 0 for none
   */
  void attention(
      Tensor out,
      Tensor qkv,
      int queryColumn,
      int heads,
      KvCache kv,
      int layer,
      BatchLayout layout,
      float scale,
      int window,
      float softcap);

  /** {@code out = activation(gate) * up}, where a row of {@code gateUp} is gate then up. */
  void gate(Tensor out, Tensor gateUp, int rows, Activation activation);

  /** {@code x += y}. */
  void add(Tensor x, Tensor y, int rows);

  /** {@code x[r, :] += bias} from column {@code column} on, for {@code bias.cols()} columns. */
  void addBias(Tensor x, int rows, int column, Tensor bias);

  /** {@code x = cap·tanh(x/cap)}. */
  void softcap(Tensor x, int rows, float cap);

  /**
   * Reads rows {@code ids} of a matrix as stored and writes them, times {@code scale}, to {@code
   * out}.
   */
  void embed(Tensor out, RawMatrix table, int[] ids, int count, float scale);

  /** Ends the compute threads. */
  @Override
  void close();
}

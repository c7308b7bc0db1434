package dev.krafla.models;

import dev.krafla.kernels.ComputePool;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvShape;
import dev.krafla.kernels.Tensor;

/** A decoder-only language model with its weights. Calls come from one thread at a time. */
public interface CausalLm extends AutoCloseable {
  /** Shape and limits. */
  ModelInfo info();

  /** Shape of the KV cache it reads and writes. */
  KvShape kvShape();

  /**
   * Names how results are rounded, whatever the machine: KV that another worker computed may go on
   * here where this is the same, though its last bits may be of another instruction set.
   */
  default String arithmetic() {
    return "";
  }

  /** Names what, beside the weights, the bits of a result depend on; part of every cache key. */
  default String exactArithmetic() {
    return arithmetic();
  }

  /**
   * Runs one step: writes keys and values of every row to {@code kv}, and row {@code i} of {@code
   * logits} ({@code [≥ logitCount, vocabSize]}) for batch row {@code logitRows[i]}. A step holds at
   * most {@code maxBatchRows} rows.
   */
  void forward(Batch batch, KvCache kv, Tensor logits);

  /**
   * Like {@link #forward}, but gives the final-norm hidden states of the wanted rows ({@code [≥
   * logitCount, hiddenSize]}).
   */
  void hidden(Batch batch, KvCache kv, Tensor out);

  /** The threads that compute a step; free between two steps, when others may use them. */
  default ComputePool pool() {
    return ComputePool.single();
  }

  @Override
  void close();
}

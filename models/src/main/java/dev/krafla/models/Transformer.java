package dev.krafla.models;

import dev.krafla.kernels.ComputePool;
import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvShape;
import dev.krafla.kernels.PackedMatrix;
import dev.krafla.kernels.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A {@link CausalLm}: one {@link Architecture}'s layers under an output head. */
final class Transformer implements CausalLm {
  /** Another name whenever results change: caches on disk depend on it. */
  private static final String ARITHMETIC = "activations16-gate8";

  private final ModelConfig config;
  private final ModelInfo info;
  private final Kernels kernels;
  private final Architecture layers;
  private final PackedMatrix head; // (vocab, hidden)
  private final Arena arena;
  private final ModelSource source;

  /** Takes over {@code arena} and {@code source}: both are closed with the model. */
  Transformer(
      ModelConfig config,
      ModelInfo info,
      Weights weights,
      Architecture layers,
      Arena arena,
      ModelSource source) {
    this.config = config;
    this.info = info;
    this.kernels = weights.kernels();
    this.layers = layers;
    this.head = weights.head();
    this.arena = arena;
    this.source = source;
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public KvShape kvShape() {
    return new KvShape(config.layers(), config.kvHeads(), config.headDim());
  }

  @Override
  public String arithmetic() {
    return ARITHMETIC;
  }

  @Override
  public String exactArithmetic() {
    return ARITHMETIC + "/" + kernels.tier() + "/" + kernels.layout();
  }

  @Override
  public void forward(Batch batch, KvCache kv, Tensor logits) {
    Tensor states = run(batch, kv);
    int wanted = batch.logitCount();
    if (wanted == 0) {
      return;
    }
    kernels.matmul(logits, states, wanted, head);
    if (config.logitSoftcap() > 0) {
      kernels.softcap(logits, wanted, config.logitSoftcap());
    }
  }

  @Override
  public void hidden(Batch batch, KvCache kv, Tensor out) {
    Tensor states = run(batch, kv);
    long bytes = (long) batch.logitCount() * config.hiddenSize() * Float.BYTES;
    MemorySegment.copy(states.data(), 0, out.data(), 0, bytes);
  }

  private Tensor run(Batch batch, KvCache kv) {
    int rows = batch.layout().rows();
    if (rows < 1 || rows > info.maxBatchRows()) {
      throw new IllegalArgumentException(
          "a step of %d rows; this model was loaded for 1 to %d"
              .formatted(rows, info.maxBatchRows()));
    }
    return layers.run(batch, kv);
  }

  @Override
  public ComputePool pool() {
    return kernels.pool();
  }

  @Override
  public void close() {
    arena.close();
    source.close();
  }
}

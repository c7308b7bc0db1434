package dev.krafla.serving.simulate;

import dev.krafla.kernels.ComputePool;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvShape;
import dev.krafla.kernels.Tensor;
import dev.krafla.models.Batch;
import dev.krafla.models.CausalLm;
import dev.krafla.models.ModelInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Another model, with a note of how long each of its forward passes took. Closing it leaves the
 * other one open.
 */
public final class TimedLm implements CausalLm {
  private final CausalLm lm;
  private final LongSupplier clock;
  private final List<StepSample> samples = new ArrayList<>(); // guarded by itself

  /**
   * @param clock nanoseconds, read on the thread that computes
   */
  public TimedLm(CausalLm lm, LongSupplier clock) {
    this.lm = lm;
    this.clock = clock;
  }

  /** What was measured so far; callable from any thread. */
  public List<StepSample> samples() {
    synchronized (samples) {
      return List.copyOf(samples);
    }
  }

  /** Forgets what was measured; callable from any thread. */
  public void forget() {
    synchronized (samples) {
      samples.clear();
    }
  }

  @Override
  public ModelInfo info() {
    return lm.info();
  }

  @Override
  public KvShape kvShape() {
    return lm.kvShape();
  }

  @Override
  public void forward(Batch batch, KvCache kv, Tensor logits) {
    long start = clock.getAsLong();
    lm.forward(batch, kv, logits);
    StepSample sample = StepSample.of(batch, clock.getAsLong() - start);
    synchronized (samples) {
      samples.add(sample);
    }
  }

  @Override
  public void hidden(Batch batch, KvCache kv, Tensor out) {
    lm.hidden(batch, kv, out);
  }

  @Override
  public ComputePool pool() {
    return lm.pool();
  }

  @Override
  public void close() {}
}

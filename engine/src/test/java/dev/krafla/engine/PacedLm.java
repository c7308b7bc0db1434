package dev.krafla.engine;

import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvShape;
import dev.krafla.kernels.Tensor;
import dev.krafla.models.Batch;
import dev.krafla.models.CausalLm;
import dev.krafla.models.ModelInfo;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A model that moves a test's clock by what its passes are to take; it can err about one token in
 * {@code oneWrongIn}, by a hash of the token before, and fail.
 */
final class PacedLm implements CausalLm {
  private final CausalLm lm;
  private final AtomicLong now;
  private final long passNanos;
  private final long rowNanos;
  private final int oneWrongIn;
  private boolean fails;
  long passes;

  PacedLm(CausalLm lm, AtomicLong now, long passNanos, long rowNanos, int oneWrongIn) {
    this.lm = lm;
    this.now = now;
    this.passNanos = passNanos;
    this.rowNanos = rowNanos;
    this.oneWrongIn = oneWrongIn;
  }

  void failFromNowOn() {
    fails = true;
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
    if (fails) {
      throw new IllegalStateException("the draft model was told to fail");
    }
    passes++;
    now.addAndGet(passNanos + rowNanos * batch.layout().rows());
    lm.forward(batch, kv, logits);
    for (int i = 0; oneWrongIn > 0 && i < batch.logitCount(); i++) {
      int token = batch.tokens()[batch.logitRows()[i]];
      if (token * 7919 % oneWrongIn == 0) {
        logits.set(i, token * 31 % FakeLm.VOCAB, 20);
      }
    }
  }

  @Override
  public void hidden(Batch batch, KvCache kv, Tensor out) {
    lm.hidden(batch, kv, out);
  }

  @Override
  public void close() {
    lm.close();
  }
}

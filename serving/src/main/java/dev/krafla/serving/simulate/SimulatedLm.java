package dev.krafla.serving.simulate;

import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvShape;
import dev.krafla.kernels.Tensor;
import dev.krafla.models.Batch;
import dev.krafla.models.CausalLm;
import dev.krafla.models.ModelInfo;
import dev.krafla.models.Tokenizer;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * A model that computes nothing: a step only takes the time that {@link StepCost} says. Every token
 * that it draws is the first of its vocabulary.
 */
final class SimulatedLm implements CausalLm {
  /** Tokens that it knows; few, because the logits of every answer are memory. */
  static final int VOCABULARY = 512;

  private static final KvShape SHAPE = new KvShape(1, 1, 1);

  private final ModelInfo info;
  private final StepCost cost;
  private final LongConsumer passTime;

  /**
   * @param passTime is told how many nanoseconds a step took
   */
  SimulatedLm(int contextLength, int maxBatchRows, StepCost cost, LongConsumer passTime) {
    this.info =
        new ModelInfo(
            "simulated",
            "simulated",
            "00",
            VOCABULARY,
            1,
            1,
            contextLength,
            maxBatchRows,
            ModelInfo.Pooling.NONE);
    this.cost = cost;
    this.passTime = passTime;
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public KvShape kvShape() {
    return SHAPE;
  }

  @Override
  public void forward(Batch batch, KvCache kv, Tensor logits) {
    passTime.accept(cost.nanos(StepSample.of(batch, 0)));
  }

  @Override
  public void hidden(Batch batch, KvCache kv, Tensor out) {
    throw new UnsupportedOperationException("a simulated model has no embeddings");
  }

  @Override
  public void close() {}

  /** Tokens of one letter each. */
  static final class Letters implements Tokenizer {
    @Override
    public int vocabSize() {
      return VOCABULARY;
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
      return text.chars().map(c -> c % VOCABULARY).toArray();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecial) {
      return "a".repeat(ids.length);
    }

    @Override
    public byte[] tokenBytes(int id, boolean skipSpecial) {
      return new byte[] {'a'};
    }

    @Override
    public boolean isSpecial(int id) {
      return false;
    }

    @Override
    public OptionalInt specialId(String text) {
      return OptionalInt.empty();
    }

    @Override
    public OptionalInt bos() {
      return OptionalInt.empty();
    }

    @Override
    public Set<Integer> endTokens() {
      return Set.of();
    }
  }
}

package dev.krafla.engine;

import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * How the next token is drawn, in the field's usual terms and order: penalties and bias, then
 * temperature, top-k, typical, top-p, min-p.
 *
 * @param temperature 0 is greedy
 * @param topK keep the k most likely; 0 keeps all
 * @param topP keep the smallest set whose probability reaches p; 1 keeps all
 * @param minP keep tokens at least this share as likely as the likeliest; 0 keeps all
 * @param typicalP locally typical sampling (Meister et al. 2022); 1 is off
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens in prompt or
 *     output (Keskar et al. 2019); 1 is off
 * @param frequencyPenalty subtracted per occurrence in the output
 * @param presencePenalty subtracted once for a token in the output
 * @param logitBias token id to a number added to its logit
 * @param seed equal seeds give equal answers, whatever else is in the batch; absent: random
 */
public record SamplingParams(
    float temperature,
    int topK,
    float topP,
    float minP,
    float typicalP,
    float repetitionPenalty,
    float frequencyPenalty,
    float presencePenalty,
    Map<Integer, Float> logitBias,
    OptionalLong seed) {

  /** Always the likeliest token. */
  public static final SamplingParams GREEDY =
      new SamplingParams(0, 0, 1, 0, 1, 1, 0, 0, Map.of(), OptionalLong.empty());

  public SamplingParams {
    require(temperature >= 0 && temperature <= 100, "temperature", temperature, "0 to 100");
    require(topK >= 0, "top_k", topK, "0 or more");
    require(topP > 0 && topP <= 1, "top_p", topP, "above 0, up to 1");
    require(minP >= 0 && minP <= 1, "min_p", minP, "0 to 1");
    require(typicalP > 0 && typicalP <= 1, "typical_p", typicalP, "above 0, up to 1");
    require(repetitionPenalty > 0, "repetition_penalty", repetitionPenalty, "above 0");
    require(Math.abs(frequencyPenalty) <= 2, "frequency_penalty", frequencyPenalty, "-2 to 2");
    require(Math.abs(presencePenalty) <= 2, "presence_penalty", presencePenalty, "-2 to 2");
    logitBias = Map.copyOf(logitBias);
  }

  /** Greedy as {@link #GREEDY}, but drawn at {@code temperature}. */
  public static SamplingParams temperature(float temperature) {
    return new SamplingParams(temperature, 0, 1, 0, 1, 1, 0, 0, Map.of(), OptionalLong.empty());
  }

  public SamplingParams withTemperature(float temperature) {
    return with(c -> c.temperature = temperature);
  }

  public SamplingParams withTopK(int topK) {
    return with(c -> c.topK = topK);
  }

  public SamplingParams withTopP(float topP) {
    return with(c -> c.topP = topP);
  }

  public SamplingParams withMinP(float minP) {
    return with(c -> c.minP = minP);
  }

  public SamplingParams withTypicalP(float typicalP) {
    return with(c -> c.typicalP = typicalP);
  }

  public SamplingParams withRepetitionPenalty(float repetitionPenalty) {
    return with(c -> c.repetitionPenalty = repetitionPenalty);
  }

  public SamplingParams withFrequencyPenalty(float frequencyPenalty) {
    return with(c -> c.frequencyPenalty = frequencyPenalty);
  }

  public SamplingParams withPresencePenalty(float presencePenalty) {
    return with(c -> c.presencePenalty = presencePenalty);
  }

  public SamplingParams withLogitBias(Map<Integer, Float> logitBias) {
    return with(c -> c.logitBias = logitBias);
  }

  public SamplingParams withSeed(long seed) {
    return with(c -> c.seed = OptionalLong.of(seed));
  }

  private static void require(boolean holds, String name, Number value, String range) {
    if (!holds) {
      throw new InvalidRequest(name, "%s is %s; it must be %s".formatted(name, value, range));
    }
  }

  private SamplingParams with(Consumer<Draft> change) {
    var draft = new Draft(this);
    change.accept(draft);
    return draft.made();
  }

  /** The components, to be changed one at a time. */
  private static final class Draft {
    float temperature;
    int topK;
    float topP;
    float minP;
    float typicalP;
    float repetitionPenalty;
    float frequencyPenalty;
    float presencePenalty;
    Map<Integer, Float> logitBias;
    OptionalLong seed;

    Draft(SamplingParams from) {
      temperature = from.temperature;
      topK = from.topK;
      topP = from.topP;
      minP = from.minP;
      typicalP = from.typicalP;
      repetitionPenalty = from.repetitionPenalty;
      frequencyPenalty = from.frequencyPenalty;
      presencePenalty = from.presencePenalty;
      logitBias = from.logitBias;
      seed = from.seed;
    }

    SamplingParams made() {
      return new SamplingParams(
          temperature,
          topK,
          topP,
          minP,
          typicalP,
          repetitionPenalty,
          frequencyPenalty,
          presencePenalty,
          logitBias,
          seed);
    }
  }
}

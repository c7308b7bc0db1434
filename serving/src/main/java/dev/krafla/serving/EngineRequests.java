package dev.krafla.serving;

import dev.krafla.engine.Constraint;
import dev.krafla.engine.Request;
import dev.krafla.engine.SamplingParams;
import dev.krafla.wire.GenerationOptions;
import dev.krafla.wire.OutputFormat;
import java.util.Optional;
import java.util.OptionalInt;

/** The wire's options in the engine's terms, with OpenAI's defaults. The engine checks ranges. */
final class EngineRequests {
  private EngineRequests() {}

  /**
   * @param defaultMaxTokens where the client sets no limit
   * @param topLogprobs as in {@link Request}
   */
  static Request of(
      int[] prompt,
      GenerationOptions options,
      int defaultMaxTokens,
      OptionalInt topLogprobs,
      Optional<Constraint> constraint) {
    // Where another worker goes on, one token says that the prompt is computed.
    int maxTokens = HandOffRequests.lends(options) ? 1 : Math.max(1, defaultMaxTokens);
    Request request =
        Request.of(prompt, options.maxTokens().orElse(maxTokens))
            .withSampling(sampling(options))
            .withStop(options.stop())
            .withChoices(options.choices())
            .withIgnoreEndTokens(options.ignoreEos())
            .withCacheSalt(options.cacheSalt());
    if (topLogprobs.isPresent()) {
      request = request.withTopLogprobs(topLogprobs.getAsInt());
    }
    request = HandOffRequests.with(request, options);
    return constraint.isPresent() ? request.withConstraint(constraint.get()) : request;
  }

  private static SamplingParams sampling(GenerationOptions options) {
    return new SamplingParams(
        options.temperature().orElse(1.0).floatValue(),
        options.topK().orElse(0),
        options.topP().orElse(1.0).floatValue(),
        options.minP().orElse(0.0).floatValue(),
        options.typicalP().orElse(1.0).floatValue(),
        options.repetitionPenalty().orElse(1.0).floatValue(),
        options.frequencyPenalty().orElse(0.0).floatValue(),
        options.presencePenalty().orElse(0.0).floatValue(),
        options.logitBias(),
        options.seed());
  }

  static Optional<Constraint> constraint(OutputFormat format) {
    return switch (format) {
      case OutputFormat.Text _ -> Optional.empty();
      case OutputFormat.JsonObject _ -> Optional.of(new Constraint.AnyJson());
      case OutputFormat.JsonSchema(String _, String schema) ->
          Optional.of(new Constraint.JsonSchema(schema));
      case OutputFormat.Regex(String pattern) -> Optional.of(new Constraint.Regex(pattern));
      case OutputFormat.Choice(var choices) -> Optional.of(new Constraint.Choice(choices));
    };
  }
}

package dev.krafla.gateway.provider;

/**
 * Where a provider's OpenAI wire is not OpenAI's.
 *
 * @param streamUsage when a stream tells its usage
 * @param maxTokens the field that limits an answer's length
 * @param reasoning the field that asks for more or less thought
 */
public record Quirks(StreamUsage streamUsage, String maxTokens, ReasoningField reasoning) {
  /** When a stream ends with the usage. */
  public enum StreamUsage {
    /** When {@code stream_options.include_usage} asks for it. */
    ON_REQUEST,
    /** Always; {@code stream_options} need not be sent, or must not. */
    ALWAYS
  }

  /** How thought is asked for. */
  public enum ReasoningField {
    /** {@code reasoning_effort: low}. */
    REASONING_EFFORT,
    /** {@code reasoning: {effort: low}}. */
    REASONING_OBJECT,
    /** {@code thinking: {type: enabled}}. */
    THINKING_TYPE,
    /** {@code enable_thinking: true}. */
    ENABLE_THINKING
  }

  static final Quirks USUAL =
      new Quirks(StreamUsage.ON_REQUEST, "max_tokens", ReasoningField.REASONING_EFFORT);

  Quirks withMaxTokens(String field) {
    return new Quirks(streamUsage, field, reasoning);
  }

  Quirks withReasoning(ReasoningField field) {
    return new Quirks(streamUsage, maxTokens, field);
  }

  Quirks usageAlways() {
    return new Quirks(StreamUsage.ALWAYS, maxTokens, reasoning);
  }
}

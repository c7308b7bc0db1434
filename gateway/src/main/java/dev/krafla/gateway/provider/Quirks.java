package dev.krafla.gateway.provider;

import dev.krafla.wire.openai.ChatDialect;

/**
 * Where a provider's OpenAI wire is not OpenAI's.
 *
 * @param streamUsage when a stream tells its usage
 * @param dialect how requests of another wire are said in its chat completions
 */
public record Quirks(StreamUsage streamUsage, ChatDialect dialect) {
  /** When a stream ends with the usage. */
  public enum StreamUsage {
    /** When {@code stream_options.include_usage} asks for it. */
    ON_REQUEST,
    /** Always; {@code stream_options} need not be sent, or must not. */
    ALWAYS
  }

  static Quirks of(ChatDialect dialect) {
    return new Quirks(StreamUsage.ON_REQUEST, dialect);
  }

  Quirks usageAlways() {
    return new Quirks(StreamUsage.ALWAYS, dialect);
  }
}

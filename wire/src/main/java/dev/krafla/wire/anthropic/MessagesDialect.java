package dev.krafla.wire.anthropic;

/**
 * How a provider's models are told what this wire leaves open.
 *
 * @param defaultMaxTokens the limit of an answer where the client sets none: this wire wants one
 * @param adaptive whether effort is said as {@code thinking: {type: adaptive}} with {@code
 *     output_config.effort}; else as a budget of tokens, for models before Opus 4.6
 * @param systemTurns whether system messages may stand within a conversation
 */
public record MessagesDialect(int defaultMaxTokens, boolean adaptive, boolean systemTurns) {
  /** Anthropic's current models. */
  public static final MessagesDialect ANTHROPIC = new MessagesDialect(16_384, true, true);

  /** Its models before Opus 4.6, and servers that copied the wire from them. */
  public static final MessagesDialect BUDGET = new MessagesDialect(8_192, false, false);
}

package dev.krafla.wire.generation;

import java.util.Optional;

/**
 * How much a model thinks before it answers: the one field for OpenAI's {@code reasoning_effort}
 * and {@code reasoning}, Anthropic's {@code thinking} and {@code output_config.effort}, and the
 * {@code thinking}, {@code enable_thinking} and {@code thinking_budget} of others.
 *
 * @param show what the client gets to see of it: {@code auto}, {@code concise} or {@code detailed}
 *     summaries, or {@code omitted}; absent: as the server likes
 */
public record Reasoning(Amount amount, Optional<String> show) {
  /** Nothing said. */
  public static final Reasoning UNSAID = new Reasoning(new Unsaid(), Optional.empty());

  /** How much. */
  public sealed interface Amount {}

  /** The server's default. */
  public record Unsaid() implements Amount {}

  /** Not at all. */
  public record Off() implements Amount {}

  /** As much as the model finds right. */
  public record Auto() implements Amount {}

  /** As much as a word says. */
  public record Effort(Level level) implements Amount {}

  /** At most so many tokens. */
  public record Budget(int tokens) implements Amount {}

  /** The words for effort, with the thinking tokens that each stands for where a wire counts. */
  public enum Level {
    MINIMAL(1_024),
    LOW(2_048),
    MEDIUM(8_192),
    HIGH(16_384),
    XHIGH(32_768),
    MAX(65_536);

    private final int tokens;

    Level(int tokens) {
      this.tokens = tokens;
    }

    /** The budget that stands for this word. */
    public int tokens() {
      return tokens;
    }

    /** The smallest word whose budget is at least {@code tokens}. */
    public static Level of(int tokens) {
      for (Level level : values()) {
        if (tokens <= level.tokens) {
          return level;
        }
      }
      return MAX;
    }

    /** As wires write it. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}

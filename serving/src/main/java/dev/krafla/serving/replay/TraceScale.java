package dev.krafla.serving.replay;

/**
 * Makes a trace as small as the machine that replays it: every block of {@value
 * TraceReader#BLOCK_TOKENS} tokens becomes one of {@code blockTokens}, and all lengths shrink
 * alike.
 */
public record TraceScale(int blockTokens) {
  public TraceScale {
    if (blockTokens < 1 || blockTokens > TraceReader.BLOCK_TOKENS) {
      throw new IllegalArgumentException("blockTokens is " + blockTokens);
    }
  }

  /**
   * The scale nearest to {@code factor} that leaves whole blocks.
   *
   * @throws InvalidTrace when it is not above 0 and up to 1, or leaves less than a token of a block
   */
  public static TraceScale of(double factor) {
    if (!(factor > 0 && factor <= 1)) {
      throw new InvalidTrace("the scale is %s; it must be above 0, up to 1".formatted(factor));
    }
    long tokens = Math.round(factor * TraceReader.BLOCK_TOKENS);
    if (tokens == 0) {
      throw new InvalidTrace(
          "the scale %s leaves nothing of a block of %d tokens; the least is %s"
              .formatted(factor, TraceReader.BLOCK_TOKENS, 1.0 / TraceReader.BLOCK_TOKENS));
    }
    return new TraceScale((int) tokens);
  }

  /** The factor that lengths are multiplied by. */
  public double factor() {
    return (double) blockTokens / TraceReader.BLOCK_TOKENS;
  }

  /** {@code tokens} of the trace, scaled and rounded up: nothing becomes empty. */
  public int length(int tokens) {
    return (int) Math.ceilDiv((long) tokens * blockTokens, TraceReader.BLOCK_TOKENS);
  }
}

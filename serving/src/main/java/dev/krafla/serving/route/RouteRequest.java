package dev.krafla.serving.route;

/**
 * What a router knows of a request.
 *
 * @param keys of its reusable blocks, as {@link BlockKeys#reusable} gives them; not changed by
 *     anyone
 */
public record RouteRequest(long[] keys, int promptTokens, RequestClass urgency) {
  /** A request of ordinary urgency with {@code prompt}. */
  public static RouteRequest of(int[] prompt, int blockTokens) {
    return new RouteRequest(
        BlockKeys.reusable(prompt, blockTokens), prompt.length, RequestClass.NORMAL);
  }
}

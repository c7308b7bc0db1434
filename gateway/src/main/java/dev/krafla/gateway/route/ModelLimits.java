package dev.krafla.gateway.route;

/**
 * What a model can take and give at most, for reservations.
 *
 * @param contextTokens prompt and answer together; what a stored conversation may bring along
 * @param maxOutputTokens of an answer whose request sets no limit
 * @param mediaTokens that one picture, sound or file of a request may count for
 */
public record ModelLimits(long contextTokens, long maxOutputTokens, long mediaTokens) {
  public static final ModelLimits DEFAULTS = new ModelLimits(131_072, 16_384, 6_000);

  public ModelLimits {
    if (contextTokens < 1 || maxOutputTokens < 1 || mediaTokens < 0) {
      throw new IllegalArgumentException(
          "limits are context %d, output %d, media %d; the first two must be positive"
              .formatted(contextTokens, maxOutputTokens, mediaTokens));
    }
  }
}

package dev.krafla.engine.transfer;

import java.util.Optional;

/**
 * All that two workers must have in common, or one's KV means nothing to the other.
 *
 * @param model digest of the weights
 * @param arithmetic how they are rounded; the kernels may differ, as unlike machines have them
 * @param kvType how keys and values are stored
 * @param layout version of a block's layout
 * @param blockBytes of a block over all layers
 * @param logitsBytes of a row of logits
 */
public record KvIdentity(
    String model, String arithmetic, String kvType, int layout, long blockBytes, int logitsBytes) {

  /** Longest text in it. */
  static final int MAX_TEXT = 512;

  public KvIdentity {
    if (model.length() > MAX_TEXT || arithmetic.length() > MAX_TEXT || kvType.length() > MAX_TEXT) {
      throw new IllegalArgumentException(
          "a text of the identity is longer than %d characters".formatted(MAX_TEXT));
    }
  }

  /** The first thing in which {@code other} differs; empty where nothing does. */
  Optional<String> difference(KvIdentity other) {
    if (!model.equals(other.model)) {
      return differs("model", model, other.model);
    }
    if (!kvType.equals(other.kvType)) {
      return differs("KV type", kvType, other.kvType);
    }
    if (!arithmetic.equals(other.arithmetic)) {
      return differs("arithmetic", arithmetic, other.arithmetic);
    }
    if (layout != other.layout) {
      return differs("block layout", layout, other.layout);
    }
    if (blockBytes != other.blockBytes) {
      return differs("block size", blockBytes, other.blockBytes);
    }
    return logitsBytes == other.logitsBytes
        ? Optional.empty()
        : differs("size of logits", logitsBytes, other.logitsBytes);
  }

  private static Optional<String> differs(String what, Object here, Object there) {
    return Optional.of("the %s is %s here and %s there".formatted(what, here, there));
  }
}

package dev.krafla.serving;

import dev.krafla.engine.Usage;
import dev.krafla.wire.TokenUsage;
import java.util.List;

/** The engine's account of a request in the wire's form. */
final class Usages {
  private Usages() {}

  static TokenUsage toWire(Usage usage) {
    return toWire(List.of(usage));
  }

  /** Several prompts of one request together. */
  static TokenUsage toWire(List<Usage> usages) {
    return new TokenUsage(
        usages.stream().mapToInt(Usage::promptTokens).sum(),
        usages.stream().mapToInt(Usage::outputTokens).sum(),
        usages.stream().mapToInt(Usage::cachedTokens).sum());
  }
}

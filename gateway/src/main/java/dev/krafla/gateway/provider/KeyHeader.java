package dev.krafla.gateway.provider;

/** How a provider wants its key. */
public enum KeyHeader {
  /** {@code Authorization: Bearer KEY}. */
  BEARER("Authorization: Bearer "),
  /** {@code x-api-key: KEY}, as Anthropic has it. */
  X_API_KEY("x-api-key: "),
  /** {@code api-key: KEY}, as Azure has it. */
  API_KEY("api-key: ");

  private final String before;

  KeyHeader(String before) {
    this.before = before;
  }

  /** The header's line, with its end. */
  String line(Secret key) {
    return before + key.value() + "\r\n";
  }
}

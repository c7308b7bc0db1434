package dev.krafla.engine;

/** A request can never fit: its prompt exceeds the context or the whole KV cache. */
public final class RequestTooLarge extends EngineException {
  private static final long serialVersionUID = 1;
  private final int promptTokens;
  private final int limit;

  RequestTooLarge(int promptTokens, int limit, String message) {
    super(message);
    this.promptTokens = promptTokens;
    this.limit = limit;
  }

  public int promptTokens() {
    return promptTokens;
  }

  /** Most tokens that a sequence may have here. */
  public int limit() {
    return limit;
  }

  @Override
  public boolean retriable() {
    return false;
  }
}

package dev.krafla.engine;

/** The engine could not compute an answer, by a fault of its own: the cause says which. */
public final class GenerationFailed extends EngineException {
  private static final long serialVersionUID = 1;

  GenerationFailed(String message, Throwable cause) {
    super(message, cause);
  }

  GenerationFailed(String message) {
    super(message);
  }

  @Override
  public boolean retriable() {
    return true;
  }
}

package dev.krafla.engine;

/** The engine is draining or closed and takes no new requests. */
public final class EngineClosed extends EngineException {
  private static final long serialVersionUID = 1;

  EngineClosed(String message) {
    super(message);
  }

  @Override
  public boolean retriable() {
    return true;
  }
}

package dev.krafla.wire.generation;

/** A provider's answer with a status of success says that it has failed. */
public final class FailedAnswer extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final transient WireError error;

  public FailedAnswer(WireError error) {
    super(error.message());
    this.error = error;
  }

  public WireError error() {
    return error;
  }
}

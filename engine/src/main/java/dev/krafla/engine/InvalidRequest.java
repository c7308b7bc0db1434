package dev.krafla.engine;

/** A parameter of a request is out of its range. */
public final class InvalidRequest extends EngineException {
  private static final long serialVersionUID = 1;
  private final String parameter;

  public InvalidRequest(String parameter, String message) {
    super(message);
    this.parameter = parameter;
  }

  /** The parameter's name as on the OpenAI wire. */
  public String parameter() {
    return parameter;
  }

  @Override
  public boolean retriable() {
    return false;
  }
}

package dev.krafla.wire;

/**
 * A request asks for what the wire of the server that would answer it has no words for. It is
 * refused by name instead of being sent on without it, since the answer would be another one.
 */
public final class Unsupported extends WireException {
  private static final long serialVersionUID = 1;
  private final String param;

  /**
   * @param param the field as the client's wire writes it
   * @param wire that cannot say it
   * @param remedy what to do instead
   */
  public Unsupported(String param, String wire, String remedy) {
    super(
        "'%s' cannot be passed to this model, which is spoken to by the %s wire; %s"
            .formatted(param, wire, remedy));
    this.param = param;
  }

  /** The field at fault. */
  public String param() {
    return param;
  }

  @Override
  public boolean retriable() {
    return false;
  }
}

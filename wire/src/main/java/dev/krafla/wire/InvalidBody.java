package dev.krafla.wire;

/** A JSON body is malformed, or one of its fields is; the message names the field by its path. */
public final class InvalidBody extends WireException {
  private static final long serialVersionUID = 1;
  private final String param;

  /**
   * @param param path of the field as OpenAI writes it ({@code messages[0].content}); empty when
   *     the body as a whole is wrong
   */
  public InvalidBody(String param, String message) {
    super(message);
    this.param = param;
  }

  public String param() {
    return param;
  }

  @Override
  public boolean retriable() {
    return false;
  }
}

package dev.krafla.models;

/** A chat template is invalid or refuses the conversation. */
public final class ChatTemplateException extends ModelException {
  private static final long serialVersionUID = 1;

  public ChatTemplateException(String message) {
    super(message);
  }

  public ChatTemplateException(String message, Throwable cause) {
    super(message, cause);
  }
}

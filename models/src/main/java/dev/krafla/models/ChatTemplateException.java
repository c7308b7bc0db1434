package dev.krafla.models;

/** A chat template is invalid or refuses the conversation. */
public final class ChatTemplateException extends ModelException {
  private static final long serialVersionUID = 1;
  private final boolean raised;

  public ChatTemplateException(String message) {
    super(message);
    raised = false;
  }

  public ChatTemplateException(String message, Throwable cause) {
    super(message, cause);
    raised = false;
  }

  private ChatTemplateException(String message, boolean raised) {
    super(message);
    this.raised = raised;
  }

  /** The template itself refuses the conversation, in its own words. */
  public static ChatTemplateException raised(String message) {
    return new ChatTemplateException(message, true);
  }

  /** Whether the template refused the conversation, rather than failed: the sender is at fault. */
  public boolean raised() {
    return raised;
  }
}

package dev.krafla.models;

/**
 * A model or its files cannot be used; the message says what, where and what to do. A message is
 * readable whatever bytes of the file it quotes: control characters are replaced, and what is
 * longer than some lines loses its middle.
 */
public sealed class ModelException extends RuntimeException
    permits ModelFormatException, UnsupportedModelException, ChatTemplateException {
  private static final long serialVersionUID = 1;
  private static final int MAX_HEAD = 1000;
  private static final int MAX_TAIL = 400; // the remedy stands at the end

  ModelException(String message) {
    super(readable(message));
  }

  ModelException(String message, Throwable cause) {
    super(readable(message), cause);
  }

  private static String readable(String message) {
    String shown = message;
    if (message.length() > MAX_HEAD + MAX_TAIL) {
      String tail = message.substring(message.length() - MAX_TAIL);
      shown = message.substring(0, MAX_HEAD) + " … " + tail;
    }
    var out = new StringBuilder(shown.length());
    shown
        .codePoints()
        .map(c -> Character.isISOControl(c) && c != '\n' && c != '\t' ? '\uFFFD' : c)
        .forEach(out::appendCodePoint);
    return out.toString();
  }
}

package dev.krafla.image;

/** A scene document is malformed or beyond a limit; the message names the field by its path. */
public final class InvalidScene extends ImageException {
  private static final long serialVersionUID = 1;
  private final String path;

  /**
   * @param path of the field, as {@code root.kids[2].text}; empty when the whole is wrong
   */
  public InvalidScene(String path, String message) {
    super(path.isEmpty() ? "scene: " + message : "scene: '%s' %s".formatted(path, message));
    this.path = path;
  }

  /** As above, with the failure behind it. */
  public InvalidScene(String path, String message, Throwable cause) {
    super(path.isEmpty() ? "scene: " + message : "scene: '%s' %s".formatted(path, message), cause);
    this.path = path;
  }

  public String path() {
    return path;
  }
}

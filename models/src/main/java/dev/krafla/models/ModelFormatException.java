package dev.krafla.models;

/** A model file is damaged or is not what it says it is. */
public final class ModelFormatException extends ModelException {
  private static final long serialVersionUID = 1;

  public ModelFormatException(String message) {
    super(message);
  }

  public ModelFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}

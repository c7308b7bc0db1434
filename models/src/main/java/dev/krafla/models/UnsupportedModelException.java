package dev.krafla.models;

/** A model is well-formed but of a kind that this version cannot run. */
public final class UnsupportedModelException extends ModelException {
  private static final long serialVersionUID = 1;

  public UnsupportedModelException(String message) {
    super(message);
  }
}

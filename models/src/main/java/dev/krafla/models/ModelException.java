package dev.krafla.models;

/** A model or its files cannot be used; the message says what, where and what to do. */
public sealed class ModelException extends RuntimeException
    permits ModelFormatException, UnsupportedModelException, ChatTemplateException {
  private static final long serialVersionUID = 1;

  ModelException(String message) {
    super(message);
  }

  ModelException(String message, Throwable cause) {
    super(message, cause);
  }
}

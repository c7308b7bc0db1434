package dev.krafla.engine.kvstore.remote;

import java.io.IOException;

/** A server that refuses a command, or does not speak the protocol. */
sealed class RespException extends IOException {
  private static final long serialVersionUID = 1L;

  private RespException(String message) {
    super(message);
  }

  /** The server has refused a command; the connection can be used on. */
  static final class Refused extends RespException {
    private static final long serialVersionUID = 1L;

    private final String code;

    /**
     * @param code first word of the server's text; the rest may repeat a password that was sent
     */
    Refused(String command, String code) {
      super("the server answers %s with %s".formatted(command, code));
      this.code = code;
    }

    String code() {
      return code;
    }
  }

  /** What came is no answer; the connection cannot be used on. */
  static final class Malformed extends RespException {
    private static final long serialVersionUID = 1L;

    Malformed(String what) {
      super(what + "; is it a Redis or Valkey server?");
    }
  }
}

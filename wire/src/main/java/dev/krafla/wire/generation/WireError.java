package dev.krafla.wire.generation;

import dev.krafla.wire.ErrorBody;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Unsupported;
import java.util.Optional;

/**
 * An error in no wire's own shape.
 *
 * @param message what, the value, the limit and the remedy; never a secret
 * @param param the field at fault
 * @param code for programs, such as {@code model_not_found}
 */
public record WireError(Kind kind, String message, Optional<String> param, Optional<String> code) {
  /** What sort of error, with the HTTP status that stands for it. */
  public enum Kind {
    INVALID_REQUEST(400),
    AUTHENTICATION(401),
    BILLING(402),
    PERMISSION(403),
    NOT_FOUND(404),
    TOO_LARGE(413),
    RATE_LIMIT(429),
    SERVER(500),
    UNAVAILABLE(503),
    TIMEOUT(504),
    /** The provider has no room for anybody; Anthropic's own status. */
    OVERLOADED(529);

    private final int status;

    Kind(int status) {
      this.status = status;
    }

    public int status() {
      return status;
    }

    /** The kind that an HTTP status stands for. */
    public static Kind of(int status) {
      for (Kind kind : values()) {
        if (kind.status == status) {
          return kind;
        }
      }
      return switch (status) {
        case 408 -> TIMEOUT;
        case 502 -> UNAVAILABLE;
        default -> status >= 500 ? SERVER : INVALID_REQUEST;
      };
    }
  }

  public WireError(Kind kind, String message) {
    this(kind, message, Optional.empty(), Optional.empty());
  }

  /** An error that a server of ours refuses with. */
  public static WireError of(int status, ErrorBody body) {
    return new WireError(Kind.of(status), body.message(), body.param(), body.code());
  }

  /** A body that its wire does not allow. */
  public static WireError of(InvalidBody e) {
    return new WireError(
        Kind.INVALID_REQUEST,
        String.valueOf(e.getMessage()),
        Optional.of(e.param()).filter(p -> !p.isEmpty()),
        Optional.empty());
  }

  /** A request that the backend's wire cannot say. */
  public static WireError of(Unsupported e) {
    return new WireError(
        Kind.INVALID_REQUEST,
        String.valueOf(e.getMessage()),
        Optional.of(e.param()),
        Optional.of("unsupported_parameter"));
  }
}

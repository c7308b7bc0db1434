package dev.krafla.engine.transfer;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Why KV did not come from one worker to another. Whoever wanted it computes instead. */
public final class TransferException extends Exception {
  private static final long serialVersionUID = 1;

  /** Kinds of failure, as metrics count them and the wire numbers them. */
  public enum Reason {
    /** No connection could be made, or the two did not agree in time. */
    UNREACHABLE(1),
    /** The other has not the same secret. */
    UNAUTHORIZED(2),
    /** Another model, KV type, arithmetic, layout or version of the wire. */
    MISMATCH(3),
    /** No such lease: it has ended, or never was. */
    NO_LEASE(4),
    /** The lease is for another prompt, tenant or salt. */
    OTHER_PROMPT(5),
    /** What came does not fit its checksum. */
    DAMAGED(6),
    /** The connection ended before all had come. */
    BROKEN(7),
    /** Nothing moved for too long. */
    STALLED(8),
    /** What came is not of this protocol, or in the wrong place. */
    PROTOCOL(9),
    /** The lender has as many connections as it takes. */
    BUSY(10),
    /** Nobody wants it any more. */
    CANCELLED(11);

    private final int code;

    Reason(int code) {
      this.code = code;
    }

    /** By which the wire knows it. */
    int code() {
      return code;
    }

    static Optional<Reason> of(int code) {
      return Arrays.stream(values()).filter(r -> r.code == code).findFirst();
    }

    /** As metrics write it: {@code no_lease}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Reason reason;

  TransferException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  TransferException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  static TransferException protocol(String message) {
    return new TransferException(Reason.PROTOCOL, message);
  }

  public Reason reason() {
    return reason;
  }
}

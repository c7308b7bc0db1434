package dev.krafla.gateway.route;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Why a target gave no answer. */
public enum FailureKind {
  /** No connection, or it broke before anything of an answer. */
  UNREACHABLE,
  /** Nothing came within the time to the first byte. */
  TIMEOUT,
  /** 429: it has no room now. */
  RATE_LIMIT,
  /** 5xx, or something that is not HTTP. */
  SERVER_ERROR,
  /** 401, 402 or 403: it does not accept the gateway's own key. */
  KEY_REFUSED,
  /** 404: it does not know the model. */
  MODEL_NOT_FOUND,
  /** 400: the prompt does not fit into this model. */
  CONTEXT_LENGTH,
  /** The caller's budget does not cover it. */
  BUDGET;

  /** After which another target is asked, unless a route says otherwise. */
  public static final Set<FailureKind> USUAL =
      Set.copyOf(EnumSet.complementOf(EnumSet.of(CONTEXT_LENGTH, BUDGET)));

  /** As in files and metrics. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The kind with this word. */
  public static Optional<FailureKind> of(String word) {
    return Arrays.stream(values()).filter(k -> k.word().equals(word)).findFirst();
  }
}

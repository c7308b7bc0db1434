package dev.krafla.engine;

import java.util.Locale;

/**
 * How urgent a request is. Higher classes go first; every class has a {@link ServiceLevel} that
 * says what it may expect all the same.
 */
public enum ServiceClass {
  /** Somebody waits at a screen. */
  INTERACTIVE,
  /** What a request is that says nothing. */
  NORMAL,
  /** Takes what the others leave. */
  BATCH;

  /** As options, headers, metrics and the ledger write it: {@code interactive}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The class one higher; the highest stays. */
  ServiceClass raised() {
    return this == BATCH ? NORMAL : INTERACTIVE;
  }
}

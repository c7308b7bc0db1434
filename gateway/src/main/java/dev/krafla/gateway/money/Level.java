package dev.krafla.gateway.money;

import java.util.Locale;

/** Who can have budgets and limits, from the widest to the narrowest. */
public enum Level {
  ORGANISATION,
  TEAM,
  USER,
  APP,
  KEY;

  /** As in tables and on the wire. */
  public String lowerCase() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package dev.krafla.screen;

import java.util.Locale;

/** The fourteen actions by name; {@link Action} has their forms. */
public enum ActionKind {
  CLICK,
  TYPE,
  KEY,
  SELECT,
  SET,
  SCROLL,
  DRAG,
  HOVER,
  UPLOAD,
  OPEN,
  BACK,
  SWITCH,
  WAIT,
  READ;

  /** Lower-case, as models read and write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package dev.krafla.screen;

import java.util.Locale;

/** What can be true of a node. */
public enum State {
  ENABLED,
  FOCUSED,
  CHECKED,
  /** Neither checked nor unchecked. */
  MIXED,
  SELECTED,
  EXPANDED,
  /** Can be expanded, and is not. */
  COLLAPSED,
  REQUIRED,
  INVALID,
  READONLY,
  BUSY,
  /** Outside of what is shown now; scrolling brings it in. */
  OFFSCREEN,
  /** On the screen, under something else. */
  OBSCURED,
  /** Holds a secret; its value is never read. */
  PROTECTED,
  /** Its content can be scrolled. */
  SCROLLABLE;

  /** Lower-case, as models read it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

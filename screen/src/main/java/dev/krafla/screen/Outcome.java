package dev.krafla.screen;

/** What became of an action, beside that it was done. A loop or a spent budget is a failure. */
public enum Outcome {
  /** The node is gone, or is no longer what it was. */
  STALE_REF,
  NOT_FOUND,
  /** Several nodes are as good. */
  AMBIGUOUS,
  /** Something else lies on top of it. */
  OBSCURED,
  DISABLED,
  /** It cannot be brought into view. */
  OFFSCREEN,
  /** A dialog must be answered first, or has just opened. */
  DIALOG_OPEN,
  /** Another page is shown now. */
  NAVIGATED,
  /** It was done, and nothing that can be seen has changed. */
  NO_EFFECT,
  TIMEOUT,
  /** The browser, the tab or the connection is gone. */
  SURFACE_LOST,
  /** A captcha, a login, a second factor. */
  NEEDS_HUMAN,
  DENIED,
  NEEDS_APPROVAL,
  /** It may or may not have been done. */
  UNKNOWN_OUTCOME,
  LOOP,
  BUDGET
}

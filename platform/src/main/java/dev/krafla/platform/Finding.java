package dev.krafla.platform;

/**
 * One thing that the doctor looked at.
 *
 * @param name what it is, one word or two
 * @param state whether it will do
 * @param text what was found, and where something is missing, what to do
 */
record Finding(String name, State state, String text) {
  /** How much a finding matters. */
  enum State {
    /** It will do. */
    GOOD,
    /** Things work without it, but slower or fewer. */
    LACKING,
    /** Nothing works without it. */
    MISSING
  }

  static Finding good(String name, String text) {
    return new Finding(name, State.GOOD, text);
  }

  static Finding lacking(String name, String text) {
    return new Finding(name, State.LACKING, text);
  }

  static Finding missing(String name, String text) {
    return new Finding(name, State.MISSING, text);
  }
}

package dev.krafla.models.output;

/**
 * Reads the tool calls that follow an opening marker, character by character, and gives them to its
 * {@link OutputEvents}. One place in one answer each; not thread-safe.
 */
interface CallReader {
  /** What became of a character. */
  enum Verdict {
    /** Taken; it may yet turn out to be text. */
    HELD,
    /** Taken; it and all that was held before belong to calls. */
    SETTLED,
    /** Not taken: it follows the calls, and what was held is text. The reader is done. */
    REFUSED
  }

  Verdict accept(char c);

  /** The answer has ended: gives out what of begun arguments still waits. */
  default void finish() {}
}

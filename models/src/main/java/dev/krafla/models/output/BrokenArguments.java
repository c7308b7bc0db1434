package dev.krafla.models.output;

import java.util.List;

/**
 * Arguments that are no JSON after all, after they had begun to go out: the rest follows as the
 * model wrote it, up to a closing marker. Not thread-safe.
 */
final class BrokenArguments {
  private final MarkerSearch search;
  private final OutputEvents out;
  private final StringBuilder passed = new StringBuilder();

  /**
   * @param closing empty for none: all that follows are arguments
   */
  BrokenArguments(String closing, OutputEvents out) {
    this.search = new MarkerSearch(closing.isEmpty() ? List.of() : List.of(closing));
    this.out = out;
  }

  /** Takes the next character; true when the closing marker is complete. */
  boolean accept(char c) {
    boolean closed = search.accept(c, passed).isPresent();
    giveOut();
    return closed;
  }

  void finish() {
    search.flush(passed);
    giveOut();
  }

  private void giveOut() {
    if (!passed.isEmpty()) {
      out.arguments(passed);
      passed.setLength(0);
    }
  }
}

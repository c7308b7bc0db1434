package dev.krafla.models.output;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Finds the first of some markers in text that comes character by character. What can still become
 * a marker waits. No marker may be the beginning of another. Not thread-safe.
 */
final class MarkerSearch {
  private final List<String> markers;
  private final String firsts;
  private final StringBuilder waiting = new StringBuilder();

  MarkerSearch(List<String> markers) {
    this.markers = List.copyOf(markers);
    this.firsts = markers.stream().map(m -> m.substring(0, 1)).collect(Collectors.joining());
  }

  /**
   * Takes the next character.
   *
   * @param out gets what turned out not to be part of a marker
   * @return the marker that is now complete; it has not been given to {@code out}
   */
  Optional<String> accept(char c, StringBuilder out) {
    if (waiting.isEmpty() && firsts.indexOf(c) < 0) { // nearly always
      out.append(c);
      return Optional.empty();
    }
    waiting.append(c);
    while (!waiting.isEmpty() && markers.stream().noneMatch(this::mayBecome)) {
      out.append(waiting.charAt(0));
      waiting.deleteCharAt(0);
    }
    Optional<String> found = markers.stream().filter(m -> m.contentEquals(waiting)).findFirst();
    if (found.isPresent()) {
      waiting.setLength(0);
    }
    return found;
  }

  private boolean mayBecome(String marker) {
    return waiting.length() <= marker.length() && marker.startsWith(waiting.toString());
  }

  /** Gives what still waits to {@code out}. */
  void flush(StringBuilder out) {
    out.append(waiting);
    waiting.setLength(0);
  }
}

package dev.krafla.engine.sample;

import java.util.List;

/**
 * Finds stop strings in text that comes in pieces. Text is passed on as soon as it cannot be part
 * of a stop string any more. The stop string that is complete first wins, of several that end
 * together the longest, however the text was cut.
 */
public final class StopMatcher {
  private final List<String> stops;
  private final StringBuilder held = new StringBuilder(); // could still become a stop string
  private boolean stopped;

  public StopMatcher(List<String> stops) {
    this.stops = stops;
  }

  /** Takes {@code piece}; gives the text that may be shown now, up to a stop string. */
  public String add(String piece) {
    if (stops.isEmpty()) {
      return piece;
    }
    if (stopped) {
      return "";
    }
    for (int i = 0; i < piece.length(); i++) {
      held.append(piece.charAt(i));
      int length = completeStop();
      if (length > 0) {
        stopped = true;
        String shown = held.substring(0, held.length() - length);
        held.setLength(0);
        return shown;
      }
    }
    int keep = longestBeginning();
    String shown = held.substring(0, held.length() - keep);
    held.delete(0, held.length() - keep);
    return shown;
  }

  /** Whether a stop string was found. */
  public boolean stopped() {
    return stopped;
  }

  /** The text still held back, as no more comes. */
  public String finish() {
    String rest = held.toString();
    held.setLength(0);
    return rest;
  }

  /** Length of the longest stop string at the end of {@link #held}; 0 for none. */
  private int completeStop() {
    int longest = 0;
    for (String stop : stops) {
      if (stop.length() > longest && endsWith(stop, stop.length())) {
        longest = stop.length();
      }
    }
    return longest;
  }

  /** Length of the longest end of {@link #held} that begins a stop string. */
  private int longestBeginning() {
    int longest = 0;
    for (String stop : stops) {
      for (int n = Math.min(stop.length() - 1, held.length()); n > longest; n--) {
        if (endsWith(stop, n)) {
          longest = n;
        }
      }
    }
    return longest;
  }

  private boolean endsWith(String stop, int length) {
    int start = held.length() - length;
    if (start < 0) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (held.charAt(start + i) != stop.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}

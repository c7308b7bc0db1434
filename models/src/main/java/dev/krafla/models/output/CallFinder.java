package dev.krafla.models.output;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Text with tool calls in it: text passes until an opening marker, then a {@link CallReader} takes
 * over until the calls end. White space between text and calls comes out only where more text
 * follows; what touches nothing but calls is dropped with their markers. Not thread-safe.
 */
final class CallFinder implements OutputParser {
  /**
   * A marker that opens calls.
   *
   * @param first whether it opens them only where no text came before it
   * @param body whether the reader reads the marker too
   */
  record Opening(String marker, boolean first, boolean body, Supplier<CallReader> reader) {
    /** A marker that opens calls wherever it stands. */
    static Opening anywhere(String marker, Supplier<CallReader> reader) {
      return new Opening(marker, false, false, reader);
    }

    /** A marker that opens calls where the answer begins, or after other calls. */
    static Opening first(String marker, Supplier<CallReader> reader) {
      return new Opening(marker, true, false, reader);
    }

    /** Calls without a marker, where the answer begins: how their JSON begins. */
    static Opening bare(String beginning, Supplier<CallReader> reader) {
      return new Opening(beginning, true, true, reader);
    }
  }

  private final OutputEvents out;
  private final List<Opening> openings;
  private final MarkerSearch search;
  private final StringBuilder passed = new StringBuilder();
  private final StringBuilder blank = new StringBuilder(); // white space that waits for text
  private final StringBuilder held = new StringBuilder();
  private @Nullable CallReader reader;
  private boolean settled; // whether the reader has found a call
  private boolean hasText;

  /**
   * @param openings no marker the beginning of another
   * @param out what the openings' readers give their calls to
   */
  CallFinder(List<Opening> openings, OutputEvents out) {
    this.openings = openings;
    this.out = out;
    this.search = new MarkerSearch(openings.stream().map(Opening::marker).toList());
  }

  @Override
  public List<OutputEvent> add(String text) {
    for (int i = 0; i < text.length(); i++) {
      accept(text.charAt(i));
    }
    return out.drain();
  }

  private void accept(char c) {
    while (reader != null) {
      if (read(reader, c)) {
        return;
      }
    }
    Optional<String> marker = search.accept(c, passed);
    text(passed);
    marker.ifPresent(this::open);
  }

  /** Whether the reader took {@code c}. */
  private boolean read(CallReader current, char c) {
    return switch (current.accept(c)) {
      case HELD -> {
        held.append(c);
        yield true;
      }
      case SETTLED -> {
        held.setLength(0);
        settled = true;
        yield true;
      }
      case REFUSED -> {
        reader = null;
        release();
        yield false;
      }
    };
  }

  /** What was held is text. Behind calls it may hold the marker of others. */
  private void release() {
    if (!settled) {
      text(held);
      return;
    }
    String again = held.toString();
    held.setLength(0);
    again.chars().forEach(c -> accept((char) c));
  }

  private void open(String marker) {
    Optional<Opening> found =
        openings.stream()
            .filter(o -> o.marker().equals(marker) && !(o.first() && hasText))
            .findFirst();
    held.append(marker);
    if (found.isEmpty()) {
      text(held);
      return;
    }
    CallReader opened = found.get().reader().get();
    if (found.get().body()) {
      marker.chars().forEach(c -> opened.accept((char) c));
    }
    reader = opened;
    settled = false;
  }

  /** Gives {@code text} out and empties it. */
  private void text(StringBuilder text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (JsonScan.isSpace(c)) {
        blank.append(c);
        continue;
      }
      if (hasText || out.calls() == 0) {
        out.text(blank);
      }
      blank.setLength(0);
      out.text(String.valueOf(c));
      hasText = true;
    }
    text.setLength(0);
  }

  @Override
  public List<OutputEvent> finish() {
    if (reader != null) {
      reader.finish();
      reader = null;
    }
    search.flush(passed);
    held.append(passed);
    text(held);
    if (out.calls() == 0) {
      out.text(blank);
    }
    return out.drain();
  }
}

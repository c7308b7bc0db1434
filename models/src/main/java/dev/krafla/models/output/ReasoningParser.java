package dev.krafla.models.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reasoning before an answer: {@code <think>…</think>} as its beginning, opened by the model or by
 * the prompt. White space at both ends of the reasoning and behind it belongs to the markers. What
 * follows goes to the format's own parser; inside the reasoning nothing is a tool call. A marker
 * anywhere else is text. Not thread-safe.
 */
final class ReasoningParser implements OutputParser {
  /** What opens and closes reasoning. */
  record Markers(String open, String close) {}

  /** The markers of most models. */
  static final Markers THINK = new Markers("<think>", "</think>");

  /** Mistral's. */
  static final Markers MISTRAL_THINK = new Markers("[THINK]", "[/THINK]");

  private enum Place {
    /** Nothing but white space so far. */
    BEFORE,
    /** The prompt has opened it; some models write the marker once more. */
    OPENED,
    INSIDE,
    /** Behind it, before the answer's first character. */
    CLOSED,
    ANSWER
  }

  private final List<Markers> markers;
  private final OutputParser answer;
  private final OutputEvents out = new OutputEvents();
  private final StringBuilder waiting = new StringBuilder(); // while a marker may open
  private final StringBuilder passed = new StringBuilder();
  private final StringBuilder blank = new StringBuilder(); // white space that waits for reasoning
  private MarkerSearch end;
  private Place place;
  private boolean hasReasoning;

  /**
   * @param markers the first are those that a prompt opens
   * @param opened whether the prompt has opened the reasoning
   * @param answer parses what follows
   */
  ReasoningParser(List<Markers> markers, boolean opened, OutputParser answer) {
    this.markers = List.copyOf(markers);
    this.answer = answer;
    this.place = opened ? Place.OPENED : Place.BEFORE;
    this.end = new MarkerSearch(List.of(markers.getFirst().close()));
  }

  @Override
  public List<OutputEvent> add(String text) {
    int i = 0;
    while (i < text.length() && place != Place.ANSWER) {
      accept(text.charAt(i));
      i++;
    }
    if (place != Place.ANSWER) {
      return out.drain();
    }
    String rest = waiting + text.substring(i);
    waiting.setLength(0);
    List<OutputEvent> events = new ArrayList<>(out.drain());
    events.addAll(answer.add(rest));
    return events;
  }

  private void accept(char c) {
    switch (place) {
      case BEFORE, OPENED -> opening(c);
      case INSIDE -> inside(c);
      case CLOSED, ANSWER -> {
        if (!JsonScan.isSpace(c)) {
          place = Place.ANSWER;
          waiting.append(c);
        }
      }
    }
  }

  private void opening(char c) {
    waiting.append(c);
    String begun = waiting.toString().stripLeading();
    Optional<Markers> opened = markers.stream().filter(m -> m.open().equals(begun)).findFirst();
    if (opened.isPresent()) {
      waiting.setLength(0);
      end = new MarkerSearch(List.of(opened.get().close()));
      place = Place.INSIDE;
    } else if (markers.stream().noneMatch(m -> m.open().startsWith(begun))) {
      if (place == Place.BEFORE) {
        place = Place.ANSWER;
        return;
      }
      place = Place.INSIDE;
      String all = waiting.toString();
      waiting.setLength(0);
      all.chars().forEach(each -> inside((char) each));
    }
  }

  private void inside(char c) {
    boolean closed = end.accept(c, passed).isPresent();
    reasoning();
    place = closed ? Place.CLOSED : place;
  }

  private void reasoning() {
    for (int i = 0; i < passed.length(); i++) {
      char c = passed.charAt(i);
      if (JsonScan.isSpace(c)) {
        blank.append(c);
        continue;
      }
      if (hasReasoning) {
        out.reasoning(blank);
      }
      blank.setLength(0);
      out.reasoning(String.valueOf(c));
      hasReasoning = true;
    }
    passed.setLength(0);
  }

  @Override
  public List<OutputEvent> finish() {
    List<OutputEvent> events = new ArrayList<>();
    if (place == Place.BEFORE) {
      events.addAll(answer.add(waiting.toString()));
    } else {
      passed.append(waiting);
      end.flush(passed);
      reasoning();
      events.addAll(out.drain());
    }
    events.addAll(answer.finish());
    return events;
  }
}

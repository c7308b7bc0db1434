package dev.krafla.models.output;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects what a parser finds until it is fetched; pieces of one kind that follow each other
 * become one event. One answer each; not thread-safe.
 */
final class OutputEvents {
  private enum Kind {
    TEXT,
    REASONING,
    ARGUMENTS
  }

  private final List<OutputEvent> events = new ArrayList<>();
  private final StringBuilder piece = new StringBuilder();
  private Kind kind = Kind.TEXT;
  private int calls;

  void text(CharSequence text) {
    add(Kind.TEXT, text);
  }

  void reasoning(CharSequence text) {
    add(Kind.REASONING, text);
  }

  /** A call begins; the arguments that follow are its own. */
  void start(String name) {
    flush();
    events.add(new OutputEvent.ToolCallStart(calls, name));
    calls++;
  }

  /** More of the last call's arguments. */
  void arguments(CharSequence json) {
    add(Kind.ARGUMENTS, json);
  }

  /** The last call is complete. */
  void end() {
    flush();
    events.add(new OutputEvent.ToolCallEnd(calls - 1));
  }

  /** How many calls have begun. */
  int calls() {
    return calls;
  }

  /** All since the last time. */
  List<OutputEvent> drain() {
    flush();
    List<OutputEvent> all = List.copyOf(events);
    events.clear();
    return all;
  }

  private void add(Kind of, CharSequence text) {
    if (kind != of) {
      flush();
      kind = of;
    }
    piece.append(text);
  }

  private void flush() {
    if (piece.isEmpty()) {
      return;
    }
    String delta = piece.toString();
    piece.setLength(0);
    events.add(
        switch (kind) {
          case TEXT -> new OutputEvent.Text(delta);
          case REASONING -> new OutputEvent.Reasoning(delta);
          case ARGUMENTS -> new OutputEvent.ToolArguments(calls - 1, delta);
        });
  }
}

package dev.krafla.models.output;

import java.util.ArrayList;
import java.util.List;

/**
 * Events in words, pieces joined: {@code say …}, {@code think …}, {@code call NAME ARGUMENTS}, and
 * {@code open NAME ARGUMENTS} for a call that has no end. Fails where events come out of order.
 */
final class Parsed {
  private final List<String> words = new ArrayList<>();
  private int calls;

  /** What {@code parser} makes of an answer that comes in these pieces. */
  static List<String> of(OutputParser parser, List<String> pieces) {
    var parsed = new Parsed();
    for (String piece : pieces) {
      parser.add(piece).forEach(parsed::take);
    }
    parser.finish().forEach(parsed::take);
    return parsed.words;
  }

  private void take(OutputEvent event) {
    switch (event) {
      case OutputEvent.Text(String delta) -> join("say ", delta);
      case OutputEvent.Reasoning(String delta) -> join("think ", delta);
      case OutputEvent.ToolCallStart(int index, String name) -> {
        require(index == calls, event);
        calls++;
        words.add("open " + name + " ");
      }
      case OutputEvent.ToolArguments(int index, String delta) -> {
        require(index == calls - 1 && last().startsWith("open "), event);
        join("open ", delta);
      }
      case OutputEvent.ToolCallEnd(int index) -> {
        require(index == calls - 1 && last().startsWith("open "), event);
        words.set(words.size() - 1, "call " + words.getLast().substring("open ".length()));
      }
    }
  }

  private String last() {
    return words.isEmpty() ? "" : words.getLast();
  }

  private void join(String kind, String delta) {
    require(!delta.isEmpty(), kind + "nothing");
    if (last().startsWith(kind)) {
      words.set(words.size() - 1, words.getLast() + delta);
    } else {
      words.add(kind + delta);
    }
  }

  private void require(boolean condition, Object event) {
    if (!condition) {
      throw new AssertionError("%s must not come after %s".formatted(event, words));
    }
  }
}

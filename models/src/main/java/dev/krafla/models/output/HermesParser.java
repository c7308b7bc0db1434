package dev.krafla.models.output;

import java.util.List;
import java.util.Set;

/**
 * {@code <tool_call>{"name": …, "arguments": {…}}</tool_call>}, as Hermes, Qwen 2.5, Qwen 3 and
 * Granite 4 write it. Small models forget the tags: JSON as the beginning of an answer, fenced or
 * not, is a call too.
 */
final class HermesParser {
  static final String OPEN = "<tool_call>";
  private static final String CLOSE = "</tool_call>";

  private HermesParser() {}

  static OutputParser create(Set<String> tools) {
    var out = new OutputEvents();
    return new CallFinder(
        List.of(
            CallFinder.Opening.anywhere(OPEN, () -> new CallList(tools, CLOSE, out)),
            CallFinder.Opening.first(FencedCalls.FENCE, () -> new FencedCalls(tools, out)),
            CallFinder.Opening.bare("{", () -> new CallList(tools, "", out)),
            CallFinder.Opening.bare("[", () -> new CallList(tools, "", out))),
        out);
  }
}

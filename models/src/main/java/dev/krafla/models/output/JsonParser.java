package dev.krafla.models.output;

import java.util.List;
import java.util.Set;

/**
 * {@code {"name": …, "arguments": {…}}} as the beginning of an answer, or in a Markdown fence
 * anywhere in it: models without markers of their own, like Gemma.
 */
final class JsonParser {
  private JsonParser() {}

  static OutputParser create(Set<String> tools) {
    var out = new OutputEvents();
    return new CallFinder(
        List.of(
            CallFinder.Opening.anywhere(FencedCalls.FENCE, () -> new FencedCalls(tools, out)),
            CallFinder.Opening.bare("{", () -> new CallList(tools, "", out)),
            CallFinder.Opening.bare("[", () -> new CallList(tools, "", out))),
        out);
  }
}

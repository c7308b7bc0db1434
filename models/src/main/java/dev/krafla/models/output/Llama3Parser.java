package dev.krafla.models.output;

import java.util.List;
import java.util.Set;

/**
 * {@code {"name": …, "parameters": {…}}} as the beginning of an answer, or after {@code
 * <|python_tag|>}; several are parted by semicolons. Llama 3.1 and later.
 */
final class Llama3Parser {
  static final String TAG = "<|python_tag|>";

  private Llama3Parser() {}

  static OutputParser create(Set<String> tools) {
    var out = new OutputEvents();
    return new CallFinder(
        List.of(
            CallFinder.Opening.anywhere(TAG, () -> new CallList(tools, "", out)),
            CallFinder.Opening.bare("{", () -> new CallList(tools, "", out)),
            CallFinder.Opening.bare("[", () -> new CallList(tools, "", out))),
        out);
  }
}

package dev.krafla.models.output;

import java.util.List;
import java.util.Set;

/**
 * {@code [TOOL_CALLS][{"name": …, "arguments": {…}}]} and the newer {@code
 * [TOOL_CALLS]name[ARGS]{…}}: Mistral. The older models forget the marker at times: an array of
 * calls as the beginning of an answer is read too.
 */
final class MistralParser {
  private MistralParser() {}

  static OutputParser create(Set<String> tools) {
    var out = new OutputEvents();
    return new CallFinder(
        List.of(
            CallFinder.Opening.anywhere(MistralCalls.OPEN, () -> new MistralCalls(tools, out)),
            CallFinder.Opening.bare("{", () -> new CallList(tools, "", out)),
            CallFinder.Opening.bare("[{", () -> new CallList(tools, "", out))),
        out);
  }
}

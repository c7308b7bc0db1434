package dev.krafla.models.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * {@code <｜tool▁calls▁begin｜>…<｜tool▁calls▁end｜>}, see {@link DeepSeekCalls}. The distilled models
 * write the first marker in other ways too, leave it out, or forget all markers: JSON as the
 * beginning of an answer, fenced or not, is a call as well.
 */
final class DeepSeekParser {
  static final String OPEN = "<｜tool▁calls▁begin｜>";
  private static final List<String> OPENINGS =
      List.of(OPEN, "<｜tool_calls_begin｜>", "<｜tool calls begin｜>", "<｜tool▁calls｜>");

  private DeepSeekParser() {}

  static OutputParser create(Set<String> tools) {
    var out = new OutputEvents();
    List<CallFinder.Opening> openings = new ArrayList<>();
    for (String open : OPENINGS) {
      openings.add(CallFinder.Opening.anywhere(open, () -> new DeepSeekCalls(false, tools, out)));
    }
    openings.add(
        CallFinder.Opening.anywhere(
            DeepSeekCalls.CALL_BEGIN, () -> new DeepSeekCalls(true, tools, out)));
    openings.add(CallFinder.Opening.first(FencedCalls.FENCE, () -> new FencedCalls(tools, out)));
    openings.add(CallFinder.Opening.bare("{", () -> new CallList(tools, "", out)));
    openings.add(CallFinder.Opening.bare("[", () -> new CallList(tools, "", out)));
    return new CallFinder(openings, out);
  }
}

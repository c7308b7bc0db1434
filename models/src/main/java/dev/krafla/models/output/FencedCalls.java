package dev.krafla.models.output;

import java.util.Set;

/** Reads calls in a Markdown fence, from behind its three backquotes. Not thread-safe. */
final class FencedCalls implements CallReader {
  static final String FENCE = "```";
  private static final Set<String> LANGUAGES =
      Set.of("", "json", "tool_call", "tool_calls", "tool_code");
  private static final int MAX_LANGUAGE = 10;

  private final CallList calls;
  private final StringBuilder language = new StringBuilder();
  private boolean inside;

  FencedCalls(Set<String> tools, OutputEvents out) {
    this.calls = new CallList(tools, FENCE, out);
  }

  @Override
  public Verdict accept(char c) {
    if (inside) {
      return calls.accept(c);
    }
    if ((Character.isLetter(c) || c == '_') && language.length() < MAX_LANGUAGE) {
      language.append(c);
      return Verdict.HELD;
    }
    inside = LANGUAGES.contains(language.toString());
    return inside ? calls.accept(c) : Verdict.REFUSED;
  }

  @Override
  public void finish() {
    calls.finish();
  }
}

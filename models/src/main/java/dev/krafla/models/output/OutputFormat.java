package dev.krafla.models.output;

import java.util.Set;

/** How a family of models writes tool calls. */
public enum OutputFormat {
  /** No tool calls known: all is text. */
  PLAIN,
  /** {@code <tool_call>{"name": …, "arguments": {…}}</tool_call>}: Hermes, Qwen 2.5 and 3. */
  HERMES,
  /** A whole answer of {@code {"name": …, "parameters": {…}}}, or after {@code <|python_tag|>}. */
  LLAMA3,
  /** {@code [TOOL_CALLS][{"name": …, "arguments": {…}}]}: Mistral. */
  MISTRAL,
  /** {@code <｜tool▁calls▁begin｜>…}: DeepSeek V3 and R1. */
  DEEPSEEK,
  /** A whole answer of JSON, fenced or not: models without markers of their own (Gemma). */
  JSON;

  /**
   * The format of a model, from what its chat template writes before a call; {@code architecture}
   * decides where the template does not know tools.
   *
   * @param template source of the chat template; empty for none
   */
  public static OutputFormat detect(String architecture, String template) {
    return template.contains("<tool_call>") || architecture.startsWith("qwen") ? HERMES : PLAIN;
  }

  /** Whether the markers are control tokens, so that text must be made with them written out. */
  public boolean needsSpecialTokens() {
    return this == LLAMA3 || this == MISTRAL || this == DEEPSEEK;
  }

  /**
   * A parser for one answer.
   *
   * @param tools names of the tools offered; with none, nothing is read as a call
   * @param reasoning whether the prompt already opened {@code <think>}: the answer begins inside it
   */
  public OutputParser parser(Set<String> tools, boolean reasoning) {
    if (this == PLAIN || (tools.isEmpty() && !reasoning)) {
      return new PlainParser();
    }
    throw new UnsupportedOperationException(
        "%s: not built in yet (%s, %s)".formatted(this, tools, reasoning));
  }
}

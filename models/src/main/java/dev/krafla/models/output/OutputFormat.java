package dev.krafla.models.output;

import dev.krafla.models.Tokenizer;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

  private static final Pattern COMMENT = Pattern.compile("\\{#.*?#}", Pattern.DOTALL);
  private static final Pattern TOOLS = Pattern.compile("\\btools\\b");
  private static final Pattern ARGUMENTS = Pattern.compile("\\\\?\"arguments\\\\?\"");
  private static final Pattern PARAMETERS = Pattern.compile("\\\\?\"parameters\\\\?\": ");

  /**
   * The format of a model, from what its chat template writes before a call; {@code architecture}
   * decides where the template does not know tools. {@link #PLAIN} for a template that writes calls
   * in a form that no parser here reads.
   *
   * @param template source of the chat template; empty for none
   */
  public static OutputFormat detect(String architecture, String template) {
    if (template.contains(DeepSeekParser.OPEN)) {
      return DEEPSEEK;
    }
    if (template.contains(MistralCalls.OPEN)) {
      return MISTRAL;
    }
    if (template.contains(HermesParser.OPEN) && ARGUMENTS.matcher(template).find()) {
      return HERMES; // else the tag holds XML: Qwen3-Coder, GLM
    }
    if (template.contains("<|start_header_id|>") && PARAMETERS.matcher(template).find()) {
      return LLAMA3;
    }
    if (describesTools(template)) {
      return PLAIN;
    }
    return architecture.startsWith("qwen")
        ? HERMES
        : architecture.startsWith("gemma") ? JSON : PLAIN;
  }

  /** Whether a chat template tells the model which tools there are. */
  public static boolean describesTools(String template) {
    return TOOLS.matcher(COMMENT.matcher(template).replaceAll("")).find();
  }

  /**
   * Whether a marker is a control token of {@code tokenizer}, so that text must be made with
   * control tokens written out.
   *
   * @param tools whether tools are offered
   */
  public boolean needsSpecialTokens(Tokenizer tokenizer, boolean tools) {
    Stream<String> reasoning = reasoning().stream().map(ReasoningParser.Markers::open);
    Stream<String> calls =
        switch (this) {
          case PLAIN, JSON -> Stream.of();
          case HERMES -> Stream.of(HermesParser.OPEN);
          case LLAMA3 -> Stream.of(Llama3Parser.TAG);
          case MISTRAL -> Stream.of(MistralCalls.OPEN, MistralCalls.ARGUMENTS);
          case DEEPSEEK -> Stream.of(DeepSeekParser.OPEN, DeepSeekCalls.CALL_BEGIN);
        };
    return Stream.concat(reasoning, tools ? calls : Stream.of())
        .map(tokenizer::specialId)
        .filter(OptionalInt::isPresent)
        .anyMatch(id -> tokenizer.isSpecial(id.getAsInt()));
  }

  /**
   * A parser for one answer.
   *
   * @param tools names of the tools offered; with none, nothing is read as a call
   * @param reasoning whether the prompt already opened {@code <think>}: the answer begins inside it
   */
  public OutputParser parser(Set<String> tools, boolean reasoning) {
    OutputParser answer =
        tools.isEmpty()
            ? new PlainParser()
            : switch (this) {
              case PLAIN -> new PlainParser();
              case HERMES -> HermesParser.create(tools);
              case LLAMA3 -> Llama3Parser.create(tools);
              case MISTRAL -> MistralParser.create(tools);
              case DEEPSEEK -> DeepSeekParser.create(tools);
              case JSON -> JsonParser.create(tools);
            };
    return new ReasoningParser(reasoning(), reasoning, answer);
  }

  private List<ReasoningParser.Markers> reasoning() {
    return this == MISTRAL
        ? List.of(ReasoningParser.THINK, ReasoningParser.MISTRAL_THINK)
        : List.of(ReasoningParser.THINK);
  }
}

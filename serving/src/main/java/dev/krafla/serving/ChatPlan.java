package dev.krafla.serving;

import dev.krafla.engine.Constraint;
import dev.krafla.engine.Request;
import dev.krafla.models.output.OutputFormat;
import dev.krafla.models.output.OutputParser;
import dev.krafla.wire.ChatRequest;
import dev.krafla.wire.Tool;
import dev.krafla.wire.ToolChoice;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What a chat request asks of the engine, and how its answers are to be read.
 *
 * @param parsers gives a new parser for each answer
 */
record ChatPlan(Request request, Supplier<OutputParser> parsers, boolean forcedTool) {
  /** Makes plans for one model. Stateless. */
  static final class Planner {
    private final ChatPrompt prompt;
    private final OutputFormat format;

    Planner(ServedModel served) {
      this.prompt = new ChatPrompt(served);
      String template = served.model().chatTemplate().map(t -> t.source()).orElse("");
      this.format =
          prompt.knowsTools()
              ? OutputFormat.detect(served.info().architecture(), template)
              : OutputFormat.HERMES; // the words of ToolsInWords
    }

    /** How the model writes tool calls. */
    OutputFormat format() {
      return format;
    }

    /**
     * @param maxSequenceTokens most tokens that prompt and answer may have together
     */
    ChatPlan plan(ChatRequest chat, int maxSequenceTokens) {
      String rendered = prompt.render(chat);
      int[] tokens = prompt.tokenize(rendered);
      Optional<List<Tool>> forced = forcedTools(chat);
      Optional<Constraint> constraint =
          forced.isPresent()
              ? Optional.of(ForcedToolCall.constraint(forced.get()))
              : EngineRequests.constraint(chat.format());
      Request request =
          EngineRequests.of(
              tokens,
              chat.options(),
              maxSequenceTokens - tokens.length,
              chat.topLogprobs(),
              constraint);
      if (forced.isPresent()) {
        return new ChatPlan(request, ForcedToolCall::new, true);
      }
      if (constraint.isPresent()) { // held to a form from its first character: nothing to find
        return new ChatPlan(request, () -> OutputFormat.PLAIN.parser(Set.of(), false), false);
      }
      Set<String> tools = callable(chat);
      boolean thinking = rendered.stripTrailing().endsWith("<think>");
      boolean markers = !tools.isEmpty() && format.needsSpecialTokens();
      return new ChatPlan(
          request.withShowSpecial(markers), () -> format.parser(tools, thinking), false);
    }

    /** Ids of the prompt alone. */
    int[] tokenize(ChatRequest chat) {
      return prompt.tokenize(prompt.render(chat));
    }

    private static Optional<List<Tool>> forcedTools(ChatRequest chat) {
      return switch (chat.toolChoice()) {
        case ToolChoice.Auto _, ToolChoice.None _ -> Optional.empty();
        case ToolChoice.Required _ -> Optional.of(chat.tools());
        case ToolChoice.Named(String name) ->
            Optional.of(chat.tools().stream().filter(t -> t.name().equals(name)).toList());
      };
    }

    private static Set<String> callable(ChatRequest chat) {
      return chat.toolChoice() instanceof ToolChoice.None
          ? Set.of()
          : chat.tools().stream().map(Tool::name).collect(Collectors.toUnmodifiableSet());
    }
  }
}

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
record ChatPlan(Request request, Supplier<OutputParser> parsers) {
  /** Makes plans for one model. Stateless. */
  static final class Planner {
    private static final String THINK = "<think>";
    private static final String NO_THOUGHTS = "\n</think>\n\n";

    private final ServedModel served;
    private final ChatPrompt prompt;

    Planner(ServedModel served) {
      this.served = served;
      this.prompt = new ChatPrompt(served);
    }

    /** How the model writes tool calls. */
    OutputFormat format() {
      return prompt.format();
    }

    /**
     * @param maxSequenceTokens most tokens that prompt and answer may have together
     */
    ChatPlan plan(ChatRequest chat, int maxSequenceTokens) {
      Optional<List<Tool>> forced = forcedTools(chat);
      Optional<Constraint> constraint =
          forced.isPresent()
              ? Optional.of(ForcedToolCall.constraint(forced.get()))
              : EngineRequests.constraint(chat.format());
      String rendered = prompt.render(chat);
      boolean thinking = rendered.stripTrailing().endsWith(THINK);
      if (thinking && constraint.isPresent()) {
        // The answer is held to its form from the first character, so there is no room to think.
        rendered = rendered.stripTrailing() + NO_THOUGHTS;
      }
      int[] tokens = prompt.tokenize(rendered);
      Request request =
          EngineRequests.of(
              tokens,
              chat.options(),
              maxSequenceTokens - tokens.length,
              chat.topLogprobs(),
              constraint);
      if (forced.isPresent()) {
        Set<String> tools = names(forced.get());
        return new ChatPlan(request, () -> OutputFormat.JSON.parser(tools, false));
      }
      if (constraint.isPresent()) {
        return new ChatPlan(request, OutputParser::plain);
      }
      Set<String> tools =
          chat.toolChoice() instanceof ToolChoice.None ? Set.of() : names(chat.tools());
      boolean markers = format().needsSpecialTokens(served.tokenizer(), !tools.isEmpty());
      return new ChatPlan(request.withShowSpecial(markers), () -> format().parser(tools, thinking));
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

    private static Set<String> names(List<Tool> tools) {
      return tools.stream().map(Tool::name).collect(Collectors.toUnmodifiableSet());
    }
  }
}

package dev.krafla.serving;

import dev.krafla.engine.FinishReason;
import dev.krafla.engine.TokenEvent;
import dev.krafla.models.output.OutputEvent;
import dev.krafla.models.output.OutputParser;
import dev.krafla.wire.ChatChunk;
import dev.krafla.wire.ChatChunk.Delta;
import dev.krafla.wire.ChatChunk.ToolCallDelta;
import dev.krafla.wire.ChatCompletion;
import dev.krafla.wire.ChatLogprob;
import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** One of a request's answers as it grows: tokens in, pieces of a message out. Not thread-safe. */
final class ChatAnswer {
  private final int index;
  private final OutputParser parser;
  private final Supplier<String> callIds;
  private final int maxCalls;
  private final boolean withLogprobs;

  private final StringBuilder content = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private final List<Call> calls = new ArrayList<>();
  private final List<ChatLogprob> logprobs = new ArrayList<>();
  private int sentLogprobs;
  private boolean opened;
  private String finishReason = "";

  /** A tool call as it grows. */
  private record Call(String id, String name, StringBuilder arguments) {}

  /**
   * @param callIds gives an id for each tool call
   * @param maxCalls calls after so many are left out
   */
  ChatAnswer(
      int index,
      OutputParser parser,
      Supplier<String> callIds,
      int maxCalls,
      boolean withLogprobs) {
    this.index = index;
    this.parser = parser;
    this.callIds = callIds;
    this.maxCalls = maxCalls;
    this.withLogprobs = withLogprobs;
  }

  /** Takes one token and gives what it adds to the stream; often nothing. */
  List<ChatChunk.Choice> add(TokenEvent event, Optional<ChatLogprob> logprob) {
    logprob.ifPresent(logprobs::add);
    List<Delta> deltas = new ArrayList<>();
    if (!opened) {
      opened = true;
      deltas.add(Delta.opening());
    }
    if (!event.text().isEmpty()) {
      parser.add(event.text()).forEach(e -> take(e).ifPresent(deltas::add));
    }
    if (event.finish().isPresent()) {
      parser.finish().forEach(e -> take(e).ifPresent(deltas::add));
      finishReason = reason(event.finish().get());
    }
    List<ChatChunk.Choice> choices = new ArrayList<>(deltas.size() + 1);
    for (Delta delta : deltas) {
      choices.add(choice(delta, Optional.empty()));
    }
    if (!finishReason.isEmpty()) {
      choices.add(choice(Delta.EMPTY, Optional.of(finishReason)));
    }
    return choices;
  }

  /** Log probabilities go out with the first piece that follows their tokens, not its opening. */
  private ChatChunk.Choice choice(Delta delta, Optional<String> finish) {
    Optional<List<ChatLogprob>> fresh = Optional.empty();
    if (withLogprobs && delta.role().isEmpty() && sentLogprobs < logprobs.size()) {
      fresh = Optional.of(List.copyOf(logprobs.subList(sentLogprobs, logprobs.size())));
      sentLogprobs = logprobs.size();
    }
    return new ChatChunk.Choice(index, delta, finish, fresh);
  }

  private Optional<Delta> take(OutputEvent event) {
    return switch (event) {
      case OutputEvent.Text(String delta) -> {
        content.append(delta);
        yield Optional.of(Delta.text(delta));
      }
      case OutputEvent.Reasoning(String delta) -> {
        reasoning.append(delta);
        yield Optional.of(Delta.reasoning(delta));
      }
      case OutputEvent.ToolCallStart(int call, String _) when call >= maxCalls -> Optional.empty();
      case OutputEvent.ToolArguments(int call, String _) when call >= maxCalls -> Optional.empty();
      case OutputEvent.ToolCallStart(int call, String name) -> {
        String id = callIds.get();
        calls.add(new Call(id, name, new StringBuilder()));
        yield Optional.of(
            Delta.toolCall(new ToolCallDelta(call, Optional.of(id), Optional.of(name), "")));
      }
      case OutputEvent.ToolArguments(int call, String delta) -> {
        calls.get(call).arguments.append(delta);
        yield Optional.of(
            Delta.toolCall(new ToolCallDelta(call, Optional.empty(), Optional.empty(), delta)));
      }
      case OutputEvent.ToolCallEnd _ -> Optional.empty();
    };
  }

  private String reason(FinishReason finish) {
    return switch (finish) {
      case STOP -> calls.isEmpty() ? "stop" : "tool_calls";
      case LENGTH -> "length";
      case ABORTED -> "abort";
    };
  }

  /** The finished answer as a whole. */
  ChatCompletion.Choice whole() {
    List<ToolCall> toolCalls =
        calls.stream().map(c -> new ToolCall(c.id, c.name, c.arguments.toString())).toList();
    boolean callsOnly = !toolCalls.isEmpty() && content.toString().isBlank();
    var message =
        new ChatMessage(
            "assistant",
            callsOnly ? Optional.empty() : Optional.of(content.toString()),
            reasoning.isEmpty() ? Optional.empty() : Optional.of(reasoning.toString()),
            toolCalls,
            Optional.empty(),
            Optional.empty());
    return new ChatCompletion.Choice(
        index,
        message,
        finishReason,
        withLogprobs ? Optional.of(List.copyOf(logprobs)) : Optional.empty());
  }
}

package dev.krafla.wire.openai;

import dev.krafla.wire.Fields;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.Sse;
import dev.krafla.wire.generation.EventReader;
import dev.krafla.wire.generation.FinishReason;
import dev.krafla.wire.generation.GenerationEvent;
import dev.krafla.wire.generation.Seal;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** Chunks of chat completions as events. The usage comes after the finish, which waits for it. */
final class ChatStreamDecoder extends EventReader {
  private boolean begun;
  private boolean thinking;
  private Optional<Seal> seal = Optional.empty();
  private final Map<Integer, Integer> calls = new HashMap<>(); // the wire's index -> ours
  private Optional<GenerationEvent.Finish> finish = Optional.empty();

  @Override
  protected void event(String name, String data, Consumer<GenerationEvent> events) {
    if (data.strip().equals(Sse.DONE)) {
      complete(events);
      return;
    }
    ObjectNode json = Json.parseObject(data);
    if (json.hasNonNull("error")) {
      fail(OpenAiErrors.read(200, json), events);
      return;
    }
    Fields chunk = Fields.of(json);
    if (!begun) {
      begun = true;
      events.accept(
          new GenerationEvent.Begin(
              chunk.string("id").orElse(""),
              chunk.string("model").orElse(""),
              chunk.longInteger("created").orElse(0)));
    }
    for (Fields choice : chunk.objects("choices")) {
      if (choice.integer("index").orElse(0) == 0) {
        choice(choice, events);
      }
    }
    chunk
        .object("usage")
        .ifPresent(u -> events.accept(new GenerationEvent.UsageReport(ChatUsage.read(u.node()))));
  }

  private void choice(Fields choice, Consumer<GenerationEvent> events) {
    choice.object("delta").ifPresent(delta -> delta(delta, events));
    choice
        .string("finish_reason")
        .ifPresent(reason ->
            finish =
                Optional.of(
                    new GenerationEvent.Finish(reason(reason), ChatResults.stopSequence(choice))));
  }

  /** Some servers say {@code stop} after tool calls. */
  private FinishReason reason(String word) {
    FinishReason reason = ChatResults.finish(word);
    return reason == FinishReason.STOP && !calls.isEmpty() ? FinishReason.TOOL_CALLS : reason;
  }

  private void delta(Fields delta, Consumer<GenerationEvent> events) {
    Optional<String> thought =
        delta
            .string("reasoning_content")
            .or(() -> delta.string("reasoning"))
            .filter(t -> !t.isEmpty());
    thought.ifPresent(t -> {
      thinking = true;
      events.accept(new GenerationEvent.ReasoningDelta(t));
    });
    for (Fields detail : delta.objects("reasoning_details")) {
      Optional<Seal> found = ChatMessages.seal(detail);
      if (found.isPresent()) {
        thinking = true;
        seal = found;
        endThought(events);
      }
    }
    delta
        .string("content")
        .filter(t -> !t.isEmpty())
        .ifPresent(t -> {
          endThought(events);
          events.accept(new GenerationEvent.TextDelta(t));
        });
    delta
        .string("refusal")
        .filter(t -> !t.isEmpty())
        .ifPresent(t -> {
          endThought(events);
          events.accept(new GenerationEvent.RefusalDelta(t));
        });
    delta.objects("tool_calls").forEach(call -> call(call, events));
  }

  private void endThought(Consumer<GenerationEvent> events) {
    if (thinking) {
      events.accept(new GenerationEvent.ReasoningEnd(seal));
      thinking = false;
      seal = Optional.empty();
    }
  }

  private void call(Fields call, Consumer<GenerationEvent> events) {
    endThought(events);
    int index = call.integer("index").orElse(0);
    Optional<Fields> function = call.object("function");
    Integer ours = calls.get(index);
    if (ours == null) {
      String name =
          function
              .flatMap(f -> f.string("name"))
              .orElseThrow(
                  () -> new InvalidBody("tool_calls", "a tool call begins without a name"));
      ours = calls.size();
      calls.put(index, ours);
      events.accept(
          new GenerationEvent.ToolCallBegin(ours, call.string("id").orElse("call_" + index), name));
    }
    int begunCall = ours;
    function
        .flatMap(f -> f.string("arguments"))
        .filter(a -> !a.isEmpty())
        .ifPresent(a -> events.accept(new GenerationEvent.ToolCallDelta(begunCall, a)));
  }

  /** The finish, once all has come that may follow it. */
  private void complete(Consumer<GenerationEvent> events) {
    if (finish.isEmpty()) {
      fail(cut(), events);
      return;
    }
    endThought(events);
    finished();
    events.accept(finish.get());
  }

  /** Some servers close the connection after the finish reason, without a last line. */
  @Override
  protected void ended(Consumer<GenerationEvent> events) {
    complete(events);
  }
}

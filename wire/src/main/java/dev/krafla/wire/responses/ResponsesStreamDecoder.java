package dev.krafla.wire.responses;

import dev.krafla.wire.Fields;
import dev.krafla.wire.Json;
import dev.krafla.wire.generation.EventReader;
import dev.krafla.wire.generation.GenerationEvent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** Events of responses as ours. */
final class ResponsesStreamDecoder extends EventReader {
  private final Map<Integer, Integer> calls = new HashMap<>(); // output index -> call
  private final Set<Integer> spoken = new HashSet<>(); // outputs that came in pieces
  private boolean begun;

  @Override
  protected void event(String name, String data, Consumer<GenerationEvent> events) {
    ObjectNode json = Json.parseObject(data);
    Fields event = Fields.of(json);
    int output = event.integer("output_index").orElse(0);
    switch (event.string("type").orElse(name)) {
      case "response.created", "response.in_progress" -> begin(event, events);
      case "response.output_item.added" -> added(output, event.requireObject("item"), events);
      case "response.output_text.delta" ->
          piece(output, event, t -> events.accept(new GenerationEvent.TextDelta(t)));
      case "response.refusal.delta" ->
          piece(output, event, t -> events.accept(new GenerationEvent.RefusalDelta(t)));
      case "response.reasoning_summary_part.added" -> summaryPart(event, events);
      case "response.reasoning_summary_text.delta", "response.reasoning_text.delta" ->
          piece(output, event, t -> events.accept(new GenerationEvent.ReasoningDelta(t)));
      case "response.function_call_arguments.delta" -> {
        Integer call = calls.get(output);
        if (call != null) {
          piece(output, event, t -> events.accept(new GenerationEvent.ToolCallDelta(call, t)));
        }
      }
      case "response.output_item.done" -> done(output, event.requireObject("item"), events);
      case "response.completed", "response.incomplete" ->
          complete(event.requireObject("response"), events);
      case "response.failed" -> fail(ResponsesResults.failure(json.path("response")), events);
      case "error" -> fail(ResponsesResults.errorEvent(json), events);
      default -> {} // the ends of parts, tools that the provider runs, and what is added later
    }
  }

  private void begin(Fields event, Consumer<GenerationEvent> events) {
    if (begun) {
      return;
    }
    begun = true;
    Fields response = event.requireObject("response");
    events.accept(
        new GenerationEvent.Begin(
            response.string("id").orElse(""),
            response.string("model").orElse(""),
            response.number("created_at").map(Double::longValue).orElse(0L)));
  }

  private void piece(int output, Fields event, Consumer<String> text) {
    String delta = event.string("delta").orElse("");
    if (!delta.isEmpty()) {
      spoken.add(output);
      text.accept(delta);
    }
  }

  private void added(int output, Fields item, Consumer<GenerationEvent> events) {
    if (item.requireString("type").equals("function_call")) {
      int call = calls.size();
      calls.put(output, call);
      events.accept(
          new GenerationEvent.ToolCallBegin(
              call, item.requireString("call_id"), item.requireString("name")));
    }
  }

  /** Parts of a summary are paragraphs of one thought. */
  private void summaryPart(Fields event, Consumer<GenerationEvent> events) {
    if (event.integer("summary_index").orElse(0) > 0) {
      events.accept(new GenerationEvent.ReasoningDelta("\n\n"));
    }
  }

  /** What did not come in pieces comes now. */
  private void done(int output, Fields item, Consumer<GenerationEvent> events) {
    switch (item.requireString("type")) {
      case "reasoning" ->
          events.accept(new GenerationEvent.ReasoningEnd(ResponsesItems.seal(item)));
      case "function_call" -> {
        Integer call = calls.get(output);
        Optional<String> arguments = item.string("arguments").filter(a -> !a.isEmpty());
        if (call != null && !spoken.contains(output)) {
          arguments.ifPresent(a -> events.accept(new GenerationEvent.ToolCallDelta(call, a)));
        }
      }
      default -> {}
    }
  }

  private void complete(Fields response, Consumer<GenerationEvent> events) {
    finished();
    response
        .object("usage")
        .ifPresent(
            u -> events.accept(new GenerationEvent.UsageReport(ResponsesUsage.read(u.node()))));
    events.accept(
        new GenerationEvent.Finish(
            ResponsesResults.finish(response.node(), !calls.isEmpty()), Optional.empty()));
  }

  @Override
  protected void ended(Consumer<GenerationEvent> events) {
    fail(cut(), events);
  }
}

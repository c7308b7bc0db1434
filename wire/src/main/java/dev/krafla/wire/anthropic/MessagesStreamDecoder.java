package dev.krafla.wire.anthropic;

import dev.krafla.wire.Fields;
import dev.krafla.wire.Json;
import dev.krafla.wire.generation.EventReader;
import dev.krafla.wire.generation.GenerationEvent;
import dev.krafla.wire.generation.Seal;
import dev.krafla.wire.generation.Usage;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** Events of messages as ours: a block that starts, its deltas, its stop. */
final class MessagesStreamDecoder extends EventReader {
  private final Map<Integer, Block> blocks = new HashMap<>();
  private int calls;
  private Usage usage = Usage.NONE;
  private Optional<GenerationEvent.Finish> finish = Optional.empty();

  /** A content block under way. */
  private static final class Block {
    private final String type;
    private final int call;
    private String whole = ""; // a call's input that came with its start
    private boolean pieces;
    private Optional<Seal> seal = Optional.empty();

    Block(String type, int call) {
      this.type = type;
      this.call = call;
    }
  }

  @Override
  protected void event(String name, String data, Consumer<GenerationEvent> events) {
    ObjectNode json = Json.parseObject(data);
    Fields event = Fields.of(json);
    switch (event.string("type").orElse(name)) {
      case "message_start" -> start(event.requireObject("message"), events);
      case "content_block_start" ->
          blockStart(index(event), event.requireObject("content_block"), events);
      case "content_block_delta" -> delta(index(event), event.requireObject("delta"), events);
      case "content_block_stop" -> blockStop(index(event), events);
      case "message_delta" -> messageDelta(event, events);
      case "message_stop" -> stop(events);
      case "error" -> fail(AnthropicErrors.read(json), events);
      default -> {} // ping, and what the wire adds later
    }
  }

  private static int index(Fields event) {
    return event.integer("index").orElse(0);
  }

  private void start(Fields message, Consumer<GenerationEvent> events) {
    events.accept(
        new GenerationEvent.Begin(
            message.string("id").orElse(""), message.string("model").orElse(""), 0));
    message.object("usage").ifPresent(u -> report(u, events));
  }

  private void report(Fields report, Consumer<GenerationEvent> events) {
    usage = MessagesUsage.merge(usage, report.node());
    events.accept(new GenerationEvent.UsageReport(usage));
  }

  private void blockStart(int index, Fields start, Consumer<GenerationEvent> events) {
    String type = start.requireString("type");
    Block block = new Block(type, type.equals("tool_use") ? calls++ : -1);
    blocks.put(index, block);
    switch (type) {
      case "text" -> text(start.string("text"), events);
      case "thinking" -> {
        thought(start.string("thinking"), events);
        block.seal =
            start.string("signature").filter(s -> !s.isEmpty()).map(MessagesBlocks::signature);
      }
      case "redacted_thinking" -> block.seal = start.string("data").map(MessagesBlocks::redacted);
      case "tool_use" -> {
        events.accept(
            new GenerationEvent.ToolCallBegin(
                block.call, start.requireString("id"), start.requireString("name")));
        block.whole =
            start
                .object("input")
                .filter(i -> !i.node().isEmpty())
                .map(i -> Json.write(i.node()))
                .orElse("");
      }
      default -> {} // a block of a tool that the provider runs
    }
  }

  private static void text(Optional<String> text, Consumer<GenerationEvent> events) {
    text.filter(t -> !t.isEmpty()).ifPresent(t -> events.accept(new GenerationEvent.TextDelta(t)));
  }

  private static void thought(Optional<String> text, Consumer<GenerationEvent> events) {
    text.filter(t -> !t.isEmpty())
        .ifPresent(t -> events.accept(new GenerationEvent.ReasoningDelta(t)));
  }

  private void delta(int index, Fields delta, Consumer<GenerationEvent> events) {
    Block block = blocks.get(index);
    if (block == null) {
      throw delta.invalid("type", "comes before its block has started");
    }
    switch (delta.requireString("type")) {
      case "text_delta" -> text(delta.string("text"), events);
      case "thinking_delta" -> thought(delta.string("thinking"), events);
      case "signature_delta" ->
          block.seal = delta.string("signature").map(MessagesBlocks::signature);
      case "input_json_delta" -> {
        String json = delta.string("partial_json").orElse("");
        if (block.call >= 0 && !json.isEmpty()) {
          block.pieces = true;
          events.accept(new GenerationEvent.ToolCallDelta(block.call, json));
        }
      }
      default -> {} // citations, and what the wire adds later
    }
  }

  private void blockStop(int index, Consumer<GenerationEvent> events) {
    Block block = blocks.remove(index);
    if (block == null) {
      return;
    }
    if (block.type.equals("thinking") || block.type.equals("redacted_thinking")) {
      events.accept(new GenerationEvent.ReasoningEnd(block.seal));
    } else if (block.call >= 0 && !block.pieces) {
      String arguments = block.whole.isEmpty() ? "{}" : block.whole;
      events.accept(new GenerationEvent.ToolCallDelta(block.call, arguments));
    }
  }

  private void messageDelta(Fields event, Consumer<GenerationEvent> events) {
    event.object("usage").ifPresent(u -> report(u, events));
    Optional<Fields> delta = event.object("delta");
    delta
        .flatMap(d -> d.string("stop_reason"))
        .ifPresent(reason ->
            finish =
                Optional.of(
                    new GenerationEvent.Finish(
                        MessagesResults.finish(reason),
                        delta.flatMap(d -> d.string("stop_sequence")))));
  }

  private void stop(Consumer<GenerationEvent> events) {
    if (finish.isEmpty()) {
      fail(cut(), events);
      return;
    }
    finished();
    events.accept(finish.get());
  }

  @Override
  protected void ended(Consumer<GenerationEvent> events) {
    stop(events); // all was said if the stop reason has come
  }
}

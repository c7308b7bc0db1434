package dev.krafla.wire.anthropic;

import dev.krafla.wire.Json;
import dev.krafla.wire.Sse;
import dev.krafla.wire.generation.GenerationEvent;
import dev.krafla.wire.generation.Seal;
import dev.krafla.wire.generation.StreamEncoder;
import dev.krafla.wire.generation.Usage;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Events as those of messages. A block opens with the first piece of its kind and closes with the
 * first of another; the stop reason waits for {@link #end}, since its event carries the usage.
 */
final class MessagesStreamEncoder implements StreamEncoder {
  private enum Kind {
    NONE,
    TEXT,
    THINKING,
    TOOL
  }

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Map<Integer, Integer> toolBlocks = new HashMap<>(); // call -> block
  private Kind open = Kind.NONE;
  private int blocks;
  private Usage usage = Usage.NONE;
  private Optional<GenerationEvent.Finish> finish = Optional.empty();

  @Override
  public byte[] encode(GenerationEvent event) {
    switch (event) {
      case GenerationEvent.Begin begin -> {
        ObjectNode message = MessagesResults.opening(begin.id(), begin.model());
        message.set("usage", MessagesUsage.write(usage));
        send(event("message_start").set("message", message));
      }
      case GenerationEvent.TextDelta(String text) -> text(text);
      case GenerationEvent.RefusalDelta(String text) -> text(text);
      case GenerationEvent.ReasoningDelta(String text) -> {
        openThought();
        delta(blocks - 1, Json.object().put("type", "thinking_delta").put("thinking", text));
      }
      case GenerationEvent.ReasoningEnd(Optional<Seal> seal) -> endThought(seal);
      case GenerationEvent.ToolCallBegin begin -> {
        ObjectNode block = Json.object();
        block
            .put("type", "tool_use")
            .put("id", begin.id())
            .put("name", begin.name())
            .putObject("input");
        open(Kind.TOOL, block);
        toolBlocks.put(begin.index(), blocks - 1);
      }
      case GenerationEvent.ToolCallDelta(int index, String arguments) ->
          delta(
              toolBlocks.getOrDefault(index, blocks - 1),
              Json.object().put("type", "input_json_delta").put("partial_json", arguments));
      case GenerationEvent.UsageReport(Usage report) -> usage = report;
      case GenerationEvent.Finish f -> {
        close();
        finish = Optional.of(f);
      }
      case GenerationEvent.Failure failure -> send(AnthropicErrors.write(failure.error()));
    }
    return take();
  }

  private void text(String text) {
    if (open != Kind.TEXT) {
      open(Kind.TEXT, Json.object().put("type", "text").put("text", ""));
    }
    delta(blocks - 1, Json.object().put("type", "text_delta").put("text", text));
  }

  private void openThought() {
    if (open != Kind.THINKING) {
      open(
          Kind.THINKING,
          Json.object().put("type", "thinking").put("thinking", "").put("signature", ""));
    }
  }

  private void endThought(Optional<Seal> seal) {
    boolean redacted =
        seal.filter(s -> s.wire().equals(AnthropicWire.NAME) && s.kind().equals("redacted"))
            .isPresent();
    if (redacted) {
      open(
          Kind.THINKING,
          Json.object()
              .put("type", "redacted_thinking")
              .put("data", seal.map(Seal::data).orElse("")));
    } else if (seal.isPresent()) {
      openThought();
      String signature = seal.map(MessagesStreamEncoder::signature).orElse("");
      delta(blocks - 1, Json.object().put("type", "signature_delta").put("signature", signature));
    }
    close();
  }

  private static String signature(Seal seal) {
    return seal.wire().equals(AnthropicWire.NAME) ? seal.data() : seal.wrapped();
  }

  private void open(Kind kind, ObjectNode block) {
    close();
    open = kind;
    send(event("content_block_start").put("index", blocks).set("content_block", block));
    blocks++;
  }

  private void close() {
    if (open != Kind.NONE) {
      send(event("content_block_stop").put("index", blocks - 1));
      open = Kind.NONE;
    }
  }

  private void delta(int index, ObjectNode delta) {
    send(event("content_block_delta").put("index", index).set("delta", delta));
  }

  private static ObjectNode event(String type) {
    return Json.object().put("type", type);
  }

  private void send(ObjectNode event) {
    out.writeBytes(Sse.event(event.path("type").asString(), event));
  }

  private byte[] take() {
    byte[] bytes = out.toByteArray();
    out.reset();
    return bytes;
  }

  @Override
  public byte[] end() {
    if (finish.isPresent()) {
      GenerationEvent.Finish f = finish.get();
      ObjectNode delta = Json.object();
      delta.put("stop_reason", MessagesResults.word(f.reason(), f.stopSequence()));
      Json.putOrNull(delta, "stop_sequence", f.stopSequence());
      ObjectNode event = event("message_delta");
      event.set("delta", delta);
      event.set("usage", MessagesUsage.write(usage));
      send(event);
      send(event("message_stop"));
    }
    return take();
  }

  @Override
  public byte[] heartbeat() {
    return Sse.event("ping", event("ping"));
  }
}

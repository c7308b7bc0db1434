package dev.krafla.wire.responses;

import dev.krafla.wire.Json;
import dev.krafla.wire.Sse;
import dev.krafla.wire.generation.FinishReason;
import dev.krafla.wire.generation.GenerationEvent;
import dev.krafla.wire.generation.GenerationRequest;
import dev.krafla.wire.generation.Seal;
import dev.krafla.wire.generation.StreamEncoder;
import dev.krafla.wire.generation.Usage;
import dev.krafla.wire.generation.WireError;
import dev.krafla.wire.openai.OpenAiErrors;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Events as those of responses: items that are added, parts, deltas, and each one's whole at its
 * end, numbered in sequence. The last event holds the whole answer and waits for the usage.
 */
final class ResponsesStreamEncoder implements StreamEncoder {
  private static final byte[] HEARTBEAT = ": still here\n\n".getBytes(StandardCharsets.US_ASCII);

  private final GenerationRequest asked;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ArrayNode output = Json.array();
  private ObjectNode response = Json.object();
  private ItemIds ids = new ItemIds("");
  private int sequence;
  private Optional<OpenItem> open = Optional.empty();
  private Usage usage = Usage.NONE;
  private Optional<FinishReason> finish = Optional.empty();

  ResponsesStreamEncoder(GenerationRequest asked) {
    this.asked = asked;
  }

  @Override
  public byte[] encode(GenerationEvent event) {
    switch (event) {
      case GenerationEvent.Begin begin -> begin(begin);
      case GenerationEvent.TextDelta(String text) ->
          message(OpenItem.Kind.TEXT).delta(text, this::send);
      case GenerationEvent.RefusalDelta(String text) ->
          message(OpenItem.Kind.REFUSAL).delta(text, this::send);
      case GenerationEvent.ReasoningDelta(String text) ->
          item(OpenItem.Kind.REASONING, "rs", "", "").delta(text, this::send);
      case GenerationEvent.ReasoningEnd(Optional<Seal> seal) -> endThought(seal);
      case GenerationEvent.ToolCallBegin call -> {
        close(Optional.empty());
        item(OpenItem.Kind.CALL, "fc", call.id(), call.name());
      }
      case GenerationEvent.ToolCallDelta(int index, String arguments) ->
          open.filter(i -> i.kind() == OpenItem.Kind.CALL)
              .ifPresent(i -> i.delta(arguments, this::send));
      case GenerationEvent.UsageReport(Usage report) -> usage = report;
      case GenerationEvent.Finish(FinishReason reason, Optional<String> stop) -> {
        close(Optional.empty());
        finish = Optional.of(reason);
      }
      case GenerationEvent.Failure(WireError error) -> fail(error);
    }
    return take();
  }

  private void begin(GenerationEvent.Begin begin) {
    response = ResponsesShape.opening(begin.id(), begin.created(), begin.model(), asked);
    ids = new ItemIds(begin.id());
    whole("response.created");
    whole("response.in_progress");
  }

  private OpenItem message(OpenItem.Kind kind) {
    return item(kind, "msg", "", "");
  }

  private OpenItem item(OpenItem.Kind kind, String prefix, String callId, String name) {
    if (open.isPresent() && open.get().kind() == kind) {
      return open.get();
    }
    close(Optional.empty());
    OpenItem item = new OpenItem(kind, ids.next(prefix), output.size(), callId, name);
    open = Optional.of(item);
    item.begin(this::send);
    return item;
  }

  private void endThought(Optional<Seal> seal) {
    boolean thinking = open.isPresent() && open.get().kind() == OpenItem.Kind.REASONING;
    if (!thinking && seal.isEmpty()) {
      return;
    }
    item(OpenItem.Kind.REASONING, "rs", "", "");
    close(seal);
  }

  private void close(Optional<Seal> seal) {
    if (open.isPresent()) {
      output.add(open.get().end(seal, this::send));
      open = Optional.empty();
    }
  }

  private void fail(WireError error) {
    send(
        Json.object()
            .put("type", "error")
            .put("code", error.code().orElseGet(() -> OpenAiErrors.type(error.kind())))
            .put("message", error.message())
            .put("param", error.param().orElse(null)));
    ResponsesShape.fail(response, error);
    whole("response.failed");
  }

  private void whole(String type) {
    response.set("output", output.deepCopy());
    send(Json.object().put("type", type).set("response", response));
  }

  private void send(ObjectNode event) {
    event.put("sequence_number", sequence++);
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
      ResponsesShape.end(response, finish.get());
      response.set("usage", ResponsesUsage.write(usage));
      whole("response." + response.path("status").asString());
    }
    return take();
  }

  @Override
  public byte[] heartbeat() {
    return HEARTBEAT.clone();
  }
}

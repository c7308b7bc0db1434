package dev.krafla.wire.openai;

import dev.krafla.wire.Json;
import dev.krafla.wire.Sse;
import dev.krafla.wire.generation.GenerationEvent;
import dev.krafla.wire.generation.Seal;
import dev.krafla.wire.generation.StreamEncoder;
import dev.krafla.wire.generation.Usage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Events as chunks of chat completions. */
final class ChatStreamEncoder implements StreamEncoder {
  private static final byte[] HEARTBEAT = ": still here\n\n".getBytes(StandardCharsets.US_ASCII);

  private final boolean withUsage;
  private String id = ChatResults.id("");
  private String model = "";
  private long created;
  private Optional<Usage> usage = Optional.empty();
  private boolean finished;

  /**
   * @param withUsage whether the client asked for a last chunk with the usage
   */
  ChatStreamEncoder(boolean withUsage) {
    this.withUsage = withUsage;
  }

  @Override
  public byte[] encode(GenerationEvent event) {
    return switch (event) {
      case GenerationEvent.Begin begin -> {
        id = ChatResults.id(begin.id());
        model = begin.model();
        created = begin.created();
        yield delta(Json.object().put("role", "assistant").put("content", ""));
      }
      case GenerationEvent.TextDelta(String text) -> delta(Json.object().put("content", text));
      case GenerationEvent.RefusalDelta(String text) -> delta(Json.object().put("refusal", text));
      case GenerationEvent.ReasoningDelta(String text) ->
          delta(Json.object().put("reasoning_content", text).put("reasoning", text));
      case GenerationEvent.ReasoningEnd(Optional<Seal> seal) ->
          seal.map(ChatStreamEncoder::sealed).map(this::delta).orElse(new byte[0]);
      case GenerationEvent.ToolCallBegin begin -> delta(begin(begin));
      case GenerationEvent.ToolCallDelta(int index, String arguments) ->
          delta(call(index, Json.object().put("arguments", arguments)));
      case GenerationEvent.UsageReport(Usage report) -> {
        usage = Optional.of(report);
        yield new byte[0];
      }
      case GenerationEvent.Finish finish -> {
        finished = true;
        ObjectNode chunk = chunk();
        ObjectNode choice = choice(chunk, Json.object());
        choice.put("finish_reason", ChatResults.word(finish.reason()));
        finish.stopSequence().ifPresent(s -> choice.put("stop_reason", s));
        yield Sse.event(chunk);
      }
      case GenerationEvent.Failure failure -> Sse.event(OpenAiErrors.write(failure.error()));
    };
  }

  private static ObjectNode sealed(Seal seal) {
    ObjectNode delta = Json.object();
    delta.putArray("reasoning_details").add(ChatResults.detail("", seal));
    return delta;
  }

  private static ObjectNode begin(GenerationEvent.ToolCallBegin begin) {
    ObjectNode delta =
        call(begin.index(), Json.object().put("name", begin.name()).put("arguments", ""));
    ((ObjectNode) delta.path("tool_calls").get(0)).put("id", begin.id()).put("type", "function");
    return delta;
  }

  private static ObjectNode call(int index, ObjectNode function) {
    ObjectNode delta = Json.object();
    delta.putArray("tool_calls").addObject().put("index", index).set("function", function);
    return delta;
  }

  private byte[] delta(ObjectNode delta) {
    ObjectNode chunk = chunk();
    choice(chunk, delta);
    return Sse.event(chunk);
  }

  private ObjectNode chunk() {
    ObjectNode chunk = Json.object();
    chunk
        .put("id", id)
        .put("object", "chat.completion.chunk")
        .put("created", created)
        .put("model", model);
    return chunk;
  }

  private ObjectNode choice(ObjectNode chunk, ObjectNode delta) {
    ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
    choice.set("delta", delta);
    choice.putNull("logprobs").putNull("finish_reason");
    if (withUsage) {
      chunk.putNull("usage");
    }
    return choice;
  }

  @Override
  public byte[] end() {
    if (!finished) {
      return new byte[0]; // after a failure there is no end
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (withUsage) {
      ObjectNode chunk = chunk();
      chunk.putArray("choices");
      chunk.set("usage", ChatUsage.write(usage.orElse(Usage.NONE)));
      out.writeBytes(Sse.event(chunk));
    }
    out.writeBytes(Sse.event(Sse.DONE));
    return out.toByteArray();
  }

  @Override
  public byte[] heartbeat() {
    return HEARTBEAT.clone();
  }
}

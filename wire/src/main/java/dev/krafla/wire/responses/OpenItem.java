package dev.krafla.wire.responses;

import dev.krafla.wire.Json;
import dev.krafla.wire.generation.Seal;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** An item of a streamed response that is under way, and the events that tell of it. */
final class OpenItem {
  /** What it is; a message with a refusal has other events than one with text. */
  enum Kind {
    TEXT,
    REFUSAL,
    REASONING,
    CALL
  }

  private final Kind kind;
  private final String id;
  private final int index;
  private final String callId;
  private final String name;
  private final StringBuilder text = new StringBuilder();

  OpenItem(Kind kind, String id, int index, String callId, String name) {
    this.kind = kind;
    this.id = id;
    this.index = index;
    this.callId = callId;
    this.name = name;
  }

  Kind kind() {
    return kind;
  }

  void begin(Consumer<ObjectNode> send) {
    ObjectNode item =
        switch (kind) {
          case TEXT, REFUSAL -> ResponsesShape.message(id, "in_progress");
          case REASONING -> ResponsesShape.reasoning(id, "", Optional.empty());
          case CALL -> ResponsesShape.call(id, callId, name, "", "in_progress");
        };
    send.accept(
        Json.object()
            .put("type", "response.output_item.added")
            .put("output_index", index)
            .set("item", item));
    switch (kind) {
      case TEXT, REFUSAL -> send.accept(part("response.content_part.added", content()));
      case REASONING -> send.accept(part("response.reasoning_summary_part.added", summary()));
      case CALL -> {}
    }
  }

  void delta(String piece, Consumer<ObjectNode> send) {
    text.append(piece);
    ObjectNode event = event(stem() + ".delta").put("delta", piece);
    if (kind == Kind.TEXT) {
      event.putArray("logprobs");
    }
    send.accept(event);
  }

  /** Tells of the end, and gives the whole item. */
  ObjectNode end(Optional<Seal> seal, Consumer<ObjectNode> send) {
    String whole = text.toString();
    ObjectNode done = event(stem() + ".done");
    switch (kind) {
      case TEXT -> done.put("text", whole).putArray("logprobs");
      case REFUSAL -> done.put("refusal", whole);
      case REASONING -> done.put("text", whole);
      case CALL -> done.put("arguments", whole).put("name", name);
    }
    send.accept(done);
    switch (kind) {
      case TEXT, REFUSAL -> send.accept(part("response.content_part.done", content()));
      case REASONING -> send.accept(part("response.reasoning_summary_part.done", summary()));
      case CALL -> {}
    }
    ObjectNode item = whole(whole, seal);
    send.accept(
        Json.object()
            .put("type", "response.output_item.done")
            .put("output_index", index)
            .set("item", item));
    return item;
  }

  private ObjectNode whole(String all, Optional<Seal> seal) {
    return switch (kind) {
      case TEXT, REFUSAL -> {
        ObjectNode message = ResponsesShape.message(id, "completed");
        ((ArrayNode) message.path("content")).add(content());
        yield message;
      }
      case REASONING -> ResponsesShape.reasoning(id, all, seal);
      case CALL -> ResponsesShape.call(id, callId, name, all, "completed");
    };
  }

  /** The beginning of the names of its deltas' events. */
  private String stem() {
    return switch (kind) {
      case TEXT -> "response.output_text";
      case REFUSAL -> "response.refusal";
      case REASONING -> "response.reasoning_summary_text";
      case CALL -> "response.function_call_arguments";
    };
  }

  private ObjectNode event(String type) {
    ObjectNode event =
        Json.object().put("type", type).put("item_id", id).put("output_index", index);
    switch (kind) {
      case TEXT, REFUSAL -> event.put("content_index", 0);
      case REASONING -> event.put("summary_index", 0);
      case CALL -> {}
    }
    return event;
  }

  private ObjectNode part(String type, ObjectNode part) {
    return event(type).set("part", part);
  }

  private ObjectNode content() {
    return kind == Kind.REFUSAL
        ? ResponsesShape.refusal(text.toString())
        : ResponsesShape.text(text.toString());
  }

  private ObjectNode summary() {
    return Json.object().put("type", "summary_text").put("text", text.toString());
  }
}

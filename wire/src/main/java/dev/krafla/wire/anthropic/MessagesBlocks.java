package dev.krafla.wire.anthropic;

import dev.krafla.wire.Fields;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.Unsupported;
import dev.krafla.wire.generation.Media;
import dev.krafla.wire.generation.Omissions;
import dev.krafla.wire.generation.Part;
import dev.krafla.wire.generation.Seal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Content blocks of messages as parts, and back. */
final class MessagesBlocks {
  private static final String PLAIN = "text/plain";
  private static final String SIGNATURE = "signature";
  private static final String REDACTED = "redacted";

  private MessagesBlocks() {}

  // ---- reading --------------------------------------------------------------------------------

  /** A string or an array of blocks; nothing when absent or an empty string. */
  static List<Part> read(Fields owner, String name) {
    if (!(owner.get(name) instanceof ArrayNode)) {
      return owner
          .string(name)
          .filter(t -> !t.isEmpty())
          .<List<Part>>map(t -> List.of(new Part.Text(t)))
          .orElse(List.of());
    }
    List<Part> parts = new ArrayList<>();
    for (Fields block : owner.objects(name)) {
      parts.add(block(block));
      block.object("cache_control").ifPresent(c -> parts.add(cachePoint(c)));
    }
    return parts;
  }

  static Part.CachePoint cachePoint(Fields control) {
    return new Part.CachePoint(control.string("ttl"));
  }

  static Part block(Fields block) {
    String type = block.requireString("type");
    return switch (type) {
      case "text" -> new Part.Text(block.requireString("text"));
      case "image" -> new Part.Image(media(block.requireObject("source")), Optional.empty());
      case "document" -> document(block);
      case "tool_use" -> toolUse(block);
      case "tool_result" ->
          new Part.ToolResult(
              block.requireString("tool_use_id"), read(block, "content"), block.bool("is_error"));
      case "thinking" ->
          new Part.Thought(
              block.requireString("thinking"),
              block.string("signature").filter(s -> !s.isEmpty()).map(s -> seal(SIGNATURE, s)));
      case "redacted_thinking" ->
          new Part.Thought("", Optional.of(seal(REDACTED, block.requireString("data"))));
      default -> foreign(block, type);
    };
  }

  private static Part foreign(Fields block, String type) {
    return new Part.Foreign(AnthropicWire.NAME, type, block.node());
  }

  /** A provider's proof, or another wire's that travelled in its place. */
  static Seal seal(String kind, String data) {
    return Seal.unwrap(data).orElseGet(() -> new Seal(AnthropicWire.NAME, kind, "", data));
  }

  static Seal signature(String data) {
    return seal(SIGNATURE, data);
  }

  static Seal redacted(String data) {
    return seal(REDACTED, data);
  }

  private static Part toolUse(Fields block) {
    return new Part.ToolCall(
        block.requireString("id"),
        block.requireString("name"),
        block.object("input").map(i -> Json.write(i.node())).orElse("{}"));
  }

  private static Part document(Fields block) {
    boolean cited = block.object("citations").flatMap(c -> c.bool("enabled")).orElse(false);
    Fields source = block.requireObject("source");
    if (cited || block.has("context") || source.string("type").orElse("").equals("content")) {
      return foreign(block, "a document with citations, context or content of its own");
    }
    return new Part.File(media(source), block.string("title"));
  }

  private static Media media(Fields source) {
    String type = source.requireString("type");
    return switch (type) {
      case "base64" ->
          new Media.Inline(source.requireString("media_type"), source.requireString("data"));
      case "text" ->
          new Media.Inline(
              PLAIN,
              Base64.getEncoder()
                  .encodeToString(source.requireString("data").getBytes(StandardCharsets.UTF_8)));
      case "url" -> new Media.Url(source.requireString("url"));
      case "file" -> new Media.Uploaded("anthropic", source.requireString("file_id"));
      default ->
          throw source.invalid(
              "type", "is \"%s\"; it must be base64, text, url or file".formatted(type));
    };
  }

  // ---- writing --------------------------------------------------------------------------------

  /**
   * Adds the blocks of {@code parts}.
   *
   * @param at their place, for errors
   */
  static void write(ArrayNode blocks, List<Part> parts, String at, Omissions left) {
    for (Part part : parts) {
      if (part instanceof Part.CachePoint point) {
        cache(blocks, point, left);
      } else {
        block(part, at, left).ifPresent(blocks::add);
      }
    }
  }

  private static void cache(ArrayNode blocks, Part.CachePoint point, Omissions left) {
    if (blocks.isEmpty()) {
      left.add("cache_control"); // there is nothing before it
      return;
    }
    ObjectNode last = (ObjectNode) blocks.get(blocks.size() - 1);
    last.set("cache_control", control(point));
  }

  static ObjectNode control(Part.CachePoint point) {
    ObjectNode control = Json.object().put("type", "ephemeral");
    point.ttl().ifPresent(t -> control.put("ttl", t));
    return control;
  }

  private static Optional<ObjectNode> block(Part part, String at, Omissions left) {
    ObjectNode json = Json.object();
    switch (part) {
      case Part.Text(String text) -> {
        if (text.isEmpty()) {
          return Optional.empty(); // this wire refuses empty text, which says nothing
        }
        json.put("type", "text").put("text", text);
      }
      case Part.Refusal(String text) -> json.put("type", "text").put("text", text);
      case Part.Image(Media media, Optional<String> detail) -> {
        left.addIf("detail", detail.filter(d -> !d.equals("auto")));
        json.put("type", "image").set("source", source(media, at));
      }
      case Part.File file -> {
        json.put("type", "document").set("source", document(file, at));
        file.name().ifPresent(n -> json.put("title", n));
      }
      case Part.ToolCall call -> {
        return Optional.of(toolUse(call, at));
      }
      case Part.ToolResult result -> {
        json.put("type", "tool_result").put("tool_use_id", result.callId());
        write(json.putArray("content"), result.content(), at, left);
        result.isError().ifPresent(e -> json.put("is_error", e));
      }
      case Part.Thought thought -> {
        return thought(thought, at, left);
      }
      case Part.Foreign f when f.wire().equals(AnthropicWire.NAME) -> {
        return Optional.of(f.json().deepCopy());
      }
      case Part.Foreign _, Part.CachePoint _ ->
          throw new Unsupported(
              at + ": " + part.kind(), AnthropicWire.NAME, "leave it out, or choose another model");
    }
    return Optional.of(json);
  }

  /** A thought comes back to who had it, with its proof; to others it means nothing. */
  private static Optional<ObjectNode> thought(Part.Thought thought, String at, Omissions left) {
    Optional<Seal> own = thought.seal().filter(s -> s.wire().equals(AnthropicWire.NAME));
    if (own.isEmpty()) {
      left.add(at + ": reasoning of another model");
      return Optional.empty();
    }
    return Optional.of(sealed(thought.text(), own.get()));
  }

  private static ObjectNode sealed(String text, Seal seal) {
    return seal.kind().equals(REDACTED)
        ? Json.object().put("type", "redacted_thinking").put("data", seal.data())
        : Json.object().put("type", "thinking").put("thinking", text).put("signature", seal.data());
  }

  /** A thought for a client, whoever had it. */
  static ObjectNode shown(Part.Thought thought) {
    Optional<Seal> own = thought.seal().filter(s -> s.wire().equals(AnthropicWire.NAME));
    return own.map(s -> sealed(thought.text(), s))
        .orElseGet(() ->
            Json.object()
                .put("type", "thinking")
                .put("thinking", thought.text())
                .put("signature", thought.seal().map(Seal::wrapped).orElse("")));
  }

  /**
   * @throws InvalidBody when the arguments are no JSON object, which this wire cannot carry
   */
  static ObjectNode toolUse(Part.ToolCall call, String at) {
    ObjectNode json = Json.object();
    json.put("type", "tool_use").put("id", call.id()).put("name", call.name());
    json.set("input", input(call, at));
    return json;
  }

  private static JsonNode input(Part.ToolCall call, String at) {
    if (call.arguments().isBlank()) {
      return Json.object();
    }
    try {
      return Json.parseObject(call.arguments());
    } catch (InvalidBody e) {
      throw new InvalidBody(
          at,
          "the arguments of the call '%s' of '%s' are no JSON object; the messages wire has no other form"
              .formatted(call.id(), call.name()));
    }
  }

  private static ObjectNode source(Media media, String at) {
    ObjectNode json = Json.object();
    return switch (media) {
      case Media.Inline(String type, String base64) ->
          json.put("type", "base64").put("media_type", type).put("data", base64);
      case Media.Url(String url) -> json.put("type", "url").put("url", url);
      case Media.Uploaded(String vendor, String id) when vendor.equals("anthropic") ->
          json.put("type", "file").put("file_id", id);
      case Media.Uploaded _ ->
          throw new Unsupported(
              at + ": a file uploaded to another provider",
              AnthropicWire.NAME,
              "send the file itself");
    };
  }

  private static ObjectNode document(Part.File file, String at) {
    if (file.media() instanceof Media.Inline(String type, String base64)) {
      if (type.startsWith("text/")) {
        return Json.object()
            .put("type", "text")
            .put("media_type", PLAIN)
            .put("data", text(base64, at));
      }
      if (!type.equals("application/pdf")) {
        throw new Unsupported(
            at + ": a file of type " + type, AnthropicWire.NAME, "send PDF or text");
      }
    }
    return source(file.media(), at);
  }

  private static String text(String base64, String at) {
    try {
      return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new InvalidBody(at, "the file's data is not base64: " + e.getMessage());
    }
  }
}

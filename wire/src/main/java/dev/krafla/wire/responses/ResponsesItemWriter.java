package dev.krafla.wire.responses;

import dev.krafla.wire.Json;
import dev.krafla.wire.Unsupported;
import dev.krafla.wire.generation.Media;
import dev.krafla.wire.generation.Message;
import dev.krafla.wire.generation.Message.Role;
import dev.krafla.wire.generation.Omissions;
import dev.krafla.wire.generation.Part;
import dev.krafla.wire.generation.Seal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns as input items of responses. */
final class ResponsesItemWriter {
  private static final String SOUND = "audio/";
  private static final String FAILED = "Error: ";

  private final Omissions left;

  ResponsesItemWriter(Omissions left) {
    this.left = left;
  }

  /**
   * Adds one turn: calls, results and thoughts are items of their own, what is said between them
   * one message each time.
   *
   * @param at its place, for errors
   */
  void write(ArrayNode items, Message message, String at) {
    left.addIf(at + ".name", message.name());
    ArrayNode said = Json.array();
    for (Part part : message.parts()) {
      Optional<ObjectNode> item = item(part, at);
      if (item.isPresent()) {
        flush(items, message.role(), said);
        items.add(item.get());
      } else if (part instanceof Part.CachePoint) {
        left.add("cache_control");
      } else if (part instanceof Part.Thought) {
        left.add(at + ": reasoning of another model");
      } else {
        said.add(content(part, message.role() == Role.ASSISTANT, at));
      }
    }
    flush(items, message.role(), said);
  }

  private static void flush(ArrayNode items, Role role, ArrayNode said) {
    if (said.isEmpty()) {
      return;
    }
    items
        .addObject()
        .put("type", "message")
        .put("role", role.name().toLowerCase(Locale.ROOT))
        .set("content", said.deepCopy());
    said.removeAll();
  }

  /** Empty for what is content of a message, and for what stays behind. */
  private Optional<ObjectNode> item(Part part, String at) {
    return switch (part) {
      case Part.ToolCall call ->
          Optional.of(
              Json.object()
                  .put("type", "function_call")
                  .put("call_id", call.id())
                  .put("name", call.name())
                  .put("arguments", call.arguments()));
      case Part.ToolResult result -> Optional.of(result(result, at));
      case Part.Thought thought -> thought(thought);
      case Part.Foreign f when f.wire().equals(ResponsesWire.NAME) && !isContent(f) ->
          Optional.of(f.json());
      case Part.Text _,
          Part.Refusal _,
          Part.Image _,
          Part.File _,
          Part.CachePoint _,
          Part.Foreign _ ->
          Optional.empty();
    };
  }

  private static boolean isContent(Part.Foreign part) {
    return part.kind().startsWith("input_") || part.kind().startsWith("output_");
  }

  /** A thought comes back to who had it, with its proof; to others it means nothing. */
  private static Optional<ObjectNode> thought(Part.Thought thought) {
    Optional<Seal> own = thought.seal().filter(s -> s.wire().equals(ResponsesWire.NAME));
    return own.map(s -> {
      ObjectNode item = Json.object().put("type", "reasoning");
      if (!s.id().isEmpty()) {
        item.put("id", s.id());
      }
      summary(item, thought.text());
      return item.put("encrypted_content", s.data());
    });
  }

  static void summary(ObjectNode item, String text) {
    ArrayNode summary = item.putArray("summary");
    if (!text.isEmpty()) {
      summary.addObject().put("type", "summary_text").put("text", text);
    }
  }

  private ObjectNode result(Part.ToolResult result, String at) {
    ObjectNode item =
        Json.object().put("type", "function_call_output").put("call_id", result.callId());
    boolean failed = result.isError().orElse(false);
    List<Part> content =
        result.content().stream().filter(p -> !(p instanceof Part.CachePoint)).toList();
    if (content.size() < result.content().size()) {
      left.add("cache_control");
    }
    boolean textOnly = content.stream().allMatch(Part.Text.class::isInstance);
    if (textOnly && content.size() <= 1) {
      String text =
          content.isEmpty() || !(content.getFirst() instanceof Part.Text(String t)) ? "" : t;
      boolean says = text.toLowerCase(Locale.ROOT).startsWith("error");
      return item.put("output", failed && !says ? FAILED + text : text);
    }
    ArrayNode output = item.putArray("output");
    if (failed) {
      output.addObject().put("type", "input_text").put("text", FAILED.strip());
    }
    content.forEach(p -> output.add(content(p, false, at)));
    return item;
  }

  private static ObjectNode content(Part part, boolean assistant, String at) {
    ObjectNode json = Json.object();
    return switch (part) {
      case Part.Text(String text) -> {
        json.put("type", assistant ? "output_text" : "input_text").put("text", text);
        if (assistant) {
          json.putArray("annotations");
        }
        yield json;
      }
      case Part.Refusal(String text) -> json.put("type", "refusal").put("refusal", text);
      case Part.Image image -> image(json, image, at);
      case Part.File file -> file(json, file, at);
      case Part.Foreign f when f.wire().equals(ResponsesWire.NAME) -> f.json();
      case Part.ToolCall _, Part.ToolResult _, Part.Thought _, Part.CachePoint _, Part.Foreign _ ->
          throw new Unsupported(
              at + ": " + part.kind(), ResponsesWire.NAME, "leave it out, or choose another model");
    };
  }

  private static ObjectNode image(ObjectNode json, Part.Image image, String at) {
    json.put("type", "input_image").put("detail", image.detail().orElse("auto"));
    return switch (image.media()) {
      case Media.Inline inline -> json.put("image_url", inline.dataUrl());
      case Media.Url(String url) -> json.put("image_url", url);
      case Media.Uploaded(String vendor, String id) when vendor.equals("openai") ->
          json.put("file_id", id);
      case Media.Uploaded _ -> throw foreignUpload(at);
    };
  }

  private static ObjectNode file(ObjectNode json, Part.File file, String at) {
    if (file.media() instanceof Media.Inline(String type, String base64)
        && type.startsWith(SOUND)) {
      json.put("type", "input_audio")
          .putObject("input_audio")
          .put("data", base64)
          .put("format", type.substring(SOUND.length()));
      return json;
    }
    json.put("type", "input_file");
    file.name().ifPresent(n -> json.put("filename", n));
    return switch (file.media()) {
      case Media.Inline inline -> json.put("file_data", inline.dataUrl());
      case Media.Url(String url) -> json.put("file_url", url);
      case Media.Uploaded(String vendor, String id) when vendor.equals("openai") ->
          json.put("file_id", id);
      case Media.Uploaded _ -> throw foreignUpload(at);
    };
  }

  private static Unsupported foreignUpload(String at) {
    return new Unsupported(
        at + ": a file uploaded to another provider", ResponsesWire.NAME, "send the file itself");
  }
}

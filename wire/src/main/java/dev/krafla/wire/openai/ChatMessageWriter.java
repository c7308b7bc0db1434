package dev.krafla.wire.openai;

import dev.krafla.wire.Json;
import dev.krafla.wire.Unsupported;
import dev.krafla.wire.generation.Media;
import dev.krafla.wire.generation.Message;
import dev.krafla.wire.generation.Omissions;
import dev.krafla.wire.generation.Part;
import dev.krafla.wire.generation.Seal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Turns as messages of chat completions. */
final class ChatMessageWriter {
  private static final String SOUND = "audio/";
  private static final String FAILED = "Error: ";

  private final ChatDialect dialect;
  private final Omissions left;

  ChatMessageWriter(ChatDialect dialect, Omissions left) {
    this.dialect = dialect;
    this.left = left;
  }

  /**
   * Adds one turn: results of tools become messages of their own, before what else the user says,
   * as this wire wants them right after the calls.
   *
   * @param at its place, for errors
   */
  void write(ArrayNode messages, Message message, String at) {
    if (message.role() == Message.Role.ASSISTANT) {
      messages.add(assistant(message, at));
      return;
    }
    List<Part> rest = new ArrayList<>();
    for (Part part : message.parts()) {
      if (part instanceof Part.ToolResult result) {
        messages.add(toolResult(result, at));
      } else {
        rest.add(part);
      }
    }
    boolean onlyHints = rest.stream().allMatch(Part.CachePoint.class::isInstance);
    if (!rest.isEmpty() && onlyHints) {
      left.add("cache_control");
    } else if (!rest.isEmpty()) {
      ObjectNode json = Json.object().put("role", role(message.role()));
      content(json, rest, at);
      message.name().ifPresent(n -> json.put("name", n));
      messages.add(json);
    }
  }

  private String role(Message.Role role) {
    return switch (role) {
      case SYSTEM -> "system";
      case DEVELOPER -> dialect.developerRole() ? "developer" : "system";
      case USER -> "user";
      case ASSISTANT -> "assistant";
    };
  }

  private ObjectNode toolResult(Part.ToolResult result, String at) {
    ObjectNode json = Json.object();
    json.put("role", "tool").put("tool_call_id", result.callId());
    for (Part part : result.content()) {
      if (!(part instanceof Part.Text) && !(part instanceof Part.CachePoint)) {
        throw new Unsupported(
            at + ": " + part.kind() + " in a tool's result",
            ChatWire.NAME,
            "send the result as text, and the rest as a message of the user");
      }
    }
    List<Part> content = result.content();
    if (result.isError().orElse(false)) {
      content = markFailed(content);
    }
    content(json, content, at);
    return json;
  }

  /** This wire has no flag for a failed call, so the result says it in a word. */
  private static List<Part> markFailed(List<Part> content) {
    String start =
        content.stream()
            .flatMap(p ->
                p instanceof Part.Text(String text)
                    ? java.util.stream.Stream.of(text)
                    : java.util.stream.Stream.empty())
            .findFirst()
            .orElse("");
    if (start.toLowerCase(Locale.ROOT).startsWith("error")) {
      return content;
    }
    List<Part> marked = new ArrayList<>(content);
    marked.removeIf(p -> p instanceof Part.Text(String text) && text.equals(start));
    marked.addFirst(new Part.Text(FAILED + start));
    return marked;
  }

  /** A string where text is all there is, else parts. */
  private void content(ObjectNode json, List<Part> parts, String at) {
    List<Part> visible = new ArrayList<>(parts);
    if (visible.removeIf(Part.CachePoint.class::isInstance)) {
      left.add("cache_control");
    }
    if (visible.isEmpty()) {
      json.put("content", "");
    } else if (visible.size() == 1 && visible.getFirst() instanceof Part.Text(String text)) {
      json.put("content", text);
    } else {
      ArrayNode content = json.putArray("content");
      visible.forEach(p -> content.add(part(p, at)));
    }
  }

  private ObjectNode assistant(Message message, String at) {
    ObjectNode json = Json.object().put("role", "assistant");
    List<Part> said = new ArrayList<>();
    List<Part.ToolCall> calls = new ArrayList<>();
    List<Part.Thought> thoughts = new ArrayList<>();
    ArrayNode foreignCalls = Json.array();
    for (Part part : message.parts()) {
      switch (part) {
        case Part.ToolCall call -> calls.add(call);
        case Part.Thought thought -> thoughts.add(thought);
        case Part.Foreign f when f.wire().equals(ChatWire.NAME) && f.kind().equals("audio") ->
            json.set("audio", f.json().path("audio"));
        case Part.Foreign f when f.wire().equals(ChatWire.NAME) && f.json().has("id") ->
            foreignCalls.add(f.json());
        case Part.Text _,
            Part.Refusal _,
            Part.Image _,
            Part.File _,
            Part.ToolResult _,
            Part.CachePoint _,
            Part.Foreign _ ->
            said.add(part);
      }
    }
    if (said.isEmpty()) {
      json.putNull("content");
    } else {
      content(json, said, at);
    }
    message.name().ifPresent(n -> json.put("name", n));
    thoughts(json, thoughts, at);
    if (!calls.isEmpty() || !foreignCalls.isEmpty()) {
      ArrayNode array = json.putArray("tool_calls");
      calls.forEach(c -> array.add(call(c)));
      array.addAll(foreignCalls);
    }
    return json;
  }

  static ObjectNode call(Part.ToolCall call) {
    ObjectNode json = Json.object();
    json.put("id", call.id()).put("type", "function");
    json.putObject("function").put("name", call.name()).put("arguments", call.arguments());
    return json;
  }

  /** What earlier turns thought helps some models, is refused by others, and binds none. */
  private void thoughts(ObjectNode json, List<Part.Thought> thoughts, String at) {
    String text =
        String.join(
            "\n\n", thoughts.stream().map(Part.Thought::text).filter(t -> !t.isEmpty()).toList());
    if (!text.isEmpty()) {
      if (dialect.thoughtsInHistory()) {
        json.put("reasoning_content", text);
      } else if (!dialect.reasoningDetails()) {
        left.add(at + ": reasoning");
      }
    }
    List<Seal> seals = thoughts.stream().map(Part.Thought::seal).flatMap(Optional::stream).toList();
    List<Seal> ours = seals.stream().filter(s -> s.wire().equals(ChatWire.NAME)).toList();
    if (dialect.reasoningDetails() && !ours.isEmpty()) {
      ArrayNode details = json.putArray("reasoning_details");
      ours.forEach(s -> details.add(Json.parseObject(s.data())));
    } else if (!seals.isEmpty()) {
      left.add(at + ": sealed reasoning");
    }
  }

  private ObjectNode part(Part part, String at) {
    ObjectNode json = Json.object();
    switch (part) {
      case Part.Text(String text) -> json.put("type", "text").put("text", text);
      case Part.Refusal(String text) -> json.put("type", "refusal").put("refusal", text);
      case Part.Image(Media media, Optional<String> detail) -> {
        ObjectNode image = json.put("type", "image_url").putObject("image_url");
        image.put("url", imageUrl(media, at));
        detail.ifPresent(d -> image.put("detail", d));
      }
      case Part.File file -> file(json, file, at);
      case Part.Foreign f when f.wire().equals(ChatWire.NAME) -> {
        return f.json();
      }
      case Part.ToolCall _, Part.ToolResult _, Part.Thought _, Part.CachePoint _, Part.Foreign _ ->
          throw new Unsupported(
              at + ": " + part.kind(), ChatWire.NAME, "leave it out, or choose another model");
    }
    return json;
  }

  private static String imageUrl(Media media, String at) {
    return switch (media) {
      case Media.Inline inline -> inline.dataUrl();
      case Media.Url(String url) -> url;
      case Media.Uploaded _ ->
          throw new Unsupported(
              at + ": an uploaded image", ChatWire.NAME, "send the image itself, or its address");
    };
  }

  private static void file(ObjectNode json, Part.File file, String at) {
    if (file.media() instanceof Media.Inline(String type, String base64)
        && type.startsWith(SOUND)) {
      json.put("type", "input_audio")
          .putObject("input_audio")
          .put("data", base64)
          .put("format", type.substring(SOUND.length()));
      return;
    }
    ObjectNode body = json.put("type", "file").putObject("file");
    switch (file.media()) {
      case Media.Inline inline -> body.put("file_data", inline.dataUrl());
      case Media.Uploaded(String vendor, String id) when vendor.equals("openai") ->
          body.put("file_id", id);
      case Media.Url _, Media.Uploaded _ ->
          throw new Unsupported(
              at + ": a file that is not in the request", ChatWire.NAME, "send the file itself");
    }
    file.name().ifPresent(n -> body.put("filename", n));
  }
}

package dev.krafla.wire.openai;

import dev.krafla.wire.Fields;
import dev.krafla.wire.Json;
import dev.krafla.wire.generation.Media;
import dev.krafla.wire.generation.Message;
import dev.krafla.wire.generation.Message.Role;
import dev.krafla.wire.generation.Part;
import dev.krafla.wire.generation.Seal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Messages of chat completions as turns. */
final class ChatMessages {
  private ChatMessages() {}

  static Message read(Fields message) {
    String role = message.requireString("role");
    return switch (role) {
      case "system" -> new Message(Role.SYSTEM, content(message, true), message.string("name"));
      case "developer" ->
          new Message(Role.DEVELOPER, content(message, true), message.string("name"));
      case "user" -> new Message(Role.USER, content(message, true), message.string("name"));
      case "assistant" -> new Message(Role.ASSISTANT, assistant(message), message.string("name"));
      case "tool" ->
          new Message(
              Role.USER,
              List.of(
                  new Part.ToolResult(
                      message.requireString("tool_call_id"),
                      content(message, true),
                      Optional.empty())));
      default ->
          throw message.invalid(
              "role",
              "is \"%s\"; it must be system, developer, user, assistant or tool".formatted(role));
    };
  }

  /** Thought, text, refusal, calls: the order in which a model makes them. */
  static List<Part> assistant(Fields message) {
    List<Part> parts = new ArrayList<>(thoughts(message));
    parts.addAll(content(message, false));
    message.string("refusal").ifPresent(r -> parts.add(new Part.Refusal(r)));
    if (message.has("audio")) {
      parts.add(new Part.Foreign(ChatWire.NAME, "audio", message.node().deepCopy()));
    }
    message.refuse("function_call", v -> false, "send tool_calls");
    message.objects("tool_calls").forEach(call -> parts.add(call(call)));
    return parts;
  }

  private static Part call(Fields call) {
    String type = call.string("type").orElse("function");
    if (!type.equals("function")) {
      return new Part.Foreign(ChatWire.NAME, type, call.node());
    }
    Fields function = call.requireObject("function");
    return new Part.ToolCall(
        call.string("id").orElse(""),
        function.requireString("name"),
        function.string("arguments").orElse("{}"));
  }

  /** DeepSeek's and vLLM's text, with OpenRouter's sealed details where there are some. */
  private static List<Part> thoughts(Fields message) {
    Optional<String> text =
        message
            .string("reasoning_content")
            .or(() -> message.string("reasoning"))
            .filter(t -> !t.isEmpty());
    List<Part> sealed = new ArrayList<>();
    for (Fields detail : message.objects("reasoning_details")) {
      seal(detail)
          .ifPresent(
              s -> sealed.add(new Part.Thought(detail.string("text").orElse(""), Optional.of(s))));
    }
    if (!sealed.isEmpty()) {
      return sealed;
    }
    return text.<List<Part>>map(t -> List.of(new Part.Thought(t, Optional.empty())))
        .orElse(List.of());
  }

  /** What a detail proves; empty for one that is only text. */
  static Optional<Seal> seal(Fields detail) {
    return detail
        .string("signature")
        .or(() -> detail.string("data"))
        .map(s ->
            Seal.unwrap(s)
                .orElseGet(() -> new Seal(ChatWire.NAME, "detail", "", Json.write(detail.node()))));
  }

  private static List<Part> content(Fields message, boolean required) {
    JsonNode content = message.get("content");
    if (content instanceof ArrayNode) {
      List<Part> parts = new ArrayList<>();
      for (Fields part : message.objects("content")) {
        parts.add(part(part));
        part.object("cache_control")
            .ifPresent(c -> parts.add(new Part.CachePoint(c.string("ttl"))));
      }
      return parts;
    }
    Optional<String> text = message.string("content");
    if (text.isEmpty() && required) {
      throw message.missing("content");
    }
    return text.filter(t -> required || !t.isEmpty())
        .<List<Part>>map(t -> List.of(new Part.Text(t)))
        .orElse(List.of());
  }

  private static Part part(Fields part) {
    String type = part.requireString("type");
    return switch (type) {
      case "text" -> new Part.Text(part.requireString("text"));
      case "refusal" -> new Part.Refusal(part.requireString("refusal"));
      case "image_url" -> {
        Fields image = part.requireObject("image_url");
        yield new Part.Image(Media.ofUrl(image.requireString("url")), image.string("detail"));
      }
      case "input_audio" -> {
        Fields audio = part.requireObject("input_audio");
        yield new Part.File(
            new Media.Inline("audio/" + audio.requireString("format"), audio.requireString("data")),
            Optional.empty());
      }
      case "file" -> file(part.requireObject("file"));
      default -> new Part.Foreign(ChatWire.NAME, type, part.node());
    };
  }

  private static Part file(Fields file) {
    Optional<String> data = file.string("file_data");
    Media media =
        data.isPresent()
            ? Media.ofUrl(data.get())
            : new Media.Uploaded("openai", file.requireString("file_id"));
    return new Part.File(media, file.string("filename"));
  }
}

package dev.krafla.wire.responses;

import dev.krafla.wire.Fields;
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

/** Input items of responses as turns. */
final class ResponsesItems {
  /** The kind of a seal that is the encrypted content of a reasoning item. */
  static final String ENCRYPTED = "encrypted";

  private ResponsesItems() {}

  /** The turns of {@code input}, a string or an array of items. */
  static List<Message> read(Fields body) {
    JsonNode input = body.get("input");
    if (input == null) {
      throw body.missing("input");
    }
    if (!(input instanceof ArrayNode)) {
      return List.of(Message.text(Role.USER, body.string("input").orElse("")));
    }
    List<Message> messages = new ArrayList<>();
    for (Fields item : body.objects("input")) {
      add(messages, message(item));
    }
    if (messages.isEmpty()) {
      throw body.invalid("input", "is empty; send at least one item");
    }
    return messages;
  }

  /** What an assistant does in a row, and the results of its calls, are one turn each. */
  private static void add(List<Message> messages, Message next) {
    if (!messages.isEmpty() && oneTurn(messages.getLast(), next)) {
      Message last = messages.removeLast();
      List<Part> parts = new ArrayList<>(last.parts());
      parts.addAll(next.parts());
      messages.add(new Message(last.role(), parts));
    } else {
      messages.add(next);
    }
  }

  private static boolean oneTurn(Message last, Message next) {
    return last.role() == next.role()
        && (next.role() == Role.ASSISTANT || (isResult(last) && isResult(next)));
  }

  private static boolean isResult(Message message) {
    return message.parts().stream().allMatch(Part.ToolResult.class::isInstance);
  }

  private static Message message(Fields item) {
    String type = item.string("type").orElse("message");
    return switch (type) {
      case "message" -> new Message(role(item), content(item, "content"));
      case "function_call_output" ->
          new Message(
              Role.USER,
              List.of(
                  new Part.ToolResult(
                      item.requireString("call_id"), content(item, "output"), Optional.empty())));
      default -> new Message(Role.ASSISTANT, List.of(output(item, type)));
    };
  }

  private static Role role(Fields item) {
    String role = item.requireString("role");
    return switch (role) {
      case "user" -> Role.USER;
      case "assistant" -> Role.ASSISTANT;
      case "system" -> Role.SYSTEM;
      case "developer" -> Role.DEVELOPER;
      default ->
          throw item.invalid(
              "role", "is \"%s\"; it must be user, assistant, system or developer".formatted(role));
    };
  }

  /** An item that a model made, but for messages. */
  static Part output(Fields item, String type) {
    return switch (type) {
      case "function_call" ->
          new Part.ToolCall(
              item.requireString("call_id"),
              item.requireString("name"),
              item.string("arguments").orElse("{}"));
      case "reasoning" -> thought(item);
      default -> new Part.Foreign(ResponsesWire.NAME, type, item.node());
    };
  }

  /** Its own text where a model shows it, else the summary. */
  private static Part thought(Fields item) {
    List<String> texts = texts(item, "content");
    String text = String.join("\n\n", texts.isEmpty() ? texts(item, "summary") : texts);
    return new Part.Thought(text, seal(item));
  }

  private static List<String> texts(Fields item, String name) {
    return item.objects(name).stream()
        .flatMap(t -> t.string("text").stream())
        .filter(t -> !t.isEmpty())
        .toList();
  }

  /** A provider's proof, or another wire's that travelled in its place. */
  static Optional<Seal> seal(Fields item) {
    String id = item.string("id").orElse("");
    Optional<String> encrypted = item.string("encrypted_content").filter(e -> !e.isEmpty());
    return encrypted.map(
        e -> Seal.unwrap(e).orElseGet(() -> new Seal(ResponsesWire.NAME, ENCRYPTED, id, e)));
  }

  /** A string or content parts. */
  static List<Part> content(Fields owner, String name) {
    if (!(owner.get(name) instanceof ArrayNode)) {
      return List.of(new Part.Text(owner.requireString(name)));
    }
    return owner.objects(name).stream().map(ResponsesItems::part).toList();
  }

  private static Part part(Fields part) {
    String type = part.requireString("type");
    return switch (type) {
      case "input_text", "output_text", "text" -> new Part.Text(part.requireString("text"));
      case "refusal" -> new Part.Refusal(part.requireString("refusal"));
      case "input_image" ->
          new Part.Image(
              part.string("image_url").map(Media::ofUrl).orElseGet(() -> uploaded(part)),
              part.string("detail"));
      case "input_file" ->
          new Part.File(
              part.string("file_data")
                  .or(() -> part.string("file_url"))
                  .map(Media::ofUrl)
                  .orElseGet(() -> uploaded(part)),
              part.string("filename"));
      case "input_audio" -> {
        Fields audio = part.requireObject("input_audio");
        yield new Part.File(
            new Media.Inline("audio/" + audio.requireString("format"), audio.requireString("data")),
            Optional.empty());
      }
      default -> new Part.Foreign(ResponsesWire.NAME, type, part.node());
    };
  }

  private static Media uploaded(Fields part) {
    return new Media.Uploaded("openai", part.requireString("file_id"));
  }
}

package dev.krafla.wire.generation;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** A piece of a message or an answer. */
public sealed interface Part {
  /** What errors call it. */
  default String kind() {
    return switch (this) {
      case Text _ -> "text";
      case Refusal _ -> "a refusal";
      case Image _ -> "an image";
      case File _ -> "a file";
      case ToolCall _ -> "a tool call";
      case ToolResult _ -> "a tool's result";
      case Thought _ -> "a thought";
      case CachePoint _ -> "cache_control";
      case Foreign f -> f.kind;
    };
  }

  /** Plain text. */
  record Text(String text) implements Part {}

  /** The model's own words for why it will not answer. */
  record Refusal(String text) implements Part {}

  /**
   * A picture.
   *
   * @param detail how closely to look, as OpenAI has it: auto, low, high or original
   */
  record Image(Media media, Optional<String> detail) implements Part {}

  /**
   * A document or a sound.
   *
   * @param name as shown to the model
   */
  record File(Media media, Optional<String> name) implements Part {}

  /**
   * A call that the model asks for.
   *
   * @param arguments JSON text as the model wrote it
   */
  record ToolCall(String id, String name, String arguments) implements Part {}

  /**
   * What a call gave.
   *
   * @param content text, images and files
   * @param isError whether the call failed; absent where the wire does not say
   */
  record ToolResult(String callId, List<Part> content, Optional<Boolean> isError) implements Part {
    public ToolResult {
      content = List.copyOf(content);
    }
  }

  /**
   * What the model thought.
   *
   * @param text what is shown of it; may be empty
   * @param seal lets the provider recognise its own thought when it comes back
   */
  record Thought(String text, Optional<Seal> seal) implements Part {}

  /** Says that all before it may be cached by the provider: a hint that changes no answer. */
  record CachePoint(Optional<String> ttl) implements Part {}

  /**
   * What only one wire has, verbatim: the other wires refuse it by its kind.
   *
   * @param wire whose form {@code json} has
   */
  record Foreign(String wire, String kind, ObjectNode json) implements Part {}
}

package dev.krafla.wire.generation;

import java.util.List;
import java.util.Optional;

/**
 * One turn of a conversation.
 *
 * @param name of the participant, where the wire has one
 */
public record Message(Role role, List<Part> parts, Optional<String> name) {
  /** Who speaks. Results of tools are parts of the user's turn, as on Anthropic's wire. */
  public enum Role {
    SYSTEM,
    DEVELOPER,
    USER,
    ASSISTANT
  }

  public Message {
    parts = List.copyOf(parts);
  }

  public Message(Role role, List<Part> parts) {
    this(role, parts, Optional.empty());
  }

  /** A turn of plain text. */
  public static Message text(Role role, String text) {
    return new Message(role, List.of(new Part.Text(text)));
  }
}

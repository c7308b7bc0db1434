package dev.krafla.wire.generation;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** What form an answer must have. */
public sealed interface AnswerFormat {
  /** Any text. */
  record Text() implements AnswerFormat {}

  /** A JSON object of any kind. */
  record JsonObject() implements AnswerFormat {}

  /**
   * JSON that is valid against a schema.
   *
   * @param strict whether the answer must follow it; absent: the server's default
   */
  record JsonSchema(
      String name, Optional<String> description, ObjectNode schema, Optional<Boolean> strict)
      implements AnswerFormat {}
}

package dev.krafla.engine;

import java.util.List;

/** What an answer must match from its first to its last character. */
public sealed interface Constraint {
  /** Any JSON value that is an object. */
  record AnyJson() implements Constraint {}

  /**
   * JSON that is valid against a schema (the subset of OpenAI's structured outputs, with patterns
   * and enums).
   */
  record JsonSchema(String schema) implements Constraint {}

  /** A regular expression, matched as a whole. */
  record Regex(String pattern) implements Constraint {}

  /** One of these strings. */
  record Choice(List<String> options) implements Constraint {
    public Choice {
      options = List.copyOf(options);
    }
  }
}

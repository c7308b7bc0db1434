package dev.krafla.models.output;

/** A piece of an answer, in the order in which the model wrote it. */
public sealed interface OutputEvent {
  /** More of the answer's text; never empty. */
  record Text(String delta) implements OutputEvent {}

  /** More of the model's reasoning (inside {@code <think>}); never empty. */
  record Reasoning(String delta) implements OutputEvent {}

  /**
   * A tool call begins.
   *
   * @param index which call of this answer, from 0
   */
  record ToolCallStart(int index, String name) implements OutputEvent {}

  /** More of a call's arguments; all deltas of a call together are one JSON object. */
  record ToolArguments(int index, String delta) implements OutputEvent {}

  /** The call is complete: its arguments are valid JSON. */
  record ToolCallEnd(int index) implements OutputEvent {}
}

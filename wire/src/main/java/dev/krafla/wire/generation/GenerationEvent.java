package dev.krafla.wire.generation;

import java.util.Optional;

/**
 * One event of a streamed answer. A stream is {@link Begin}, then pieces, then {@link Finish}; or,
 * at any point, {@link Failure}, after which nothing comes.
 */
public sealed interface GenerationEvent {
  /**
   * The answer has begun.
   *
   * @param created seconds since 1970; 0 where the wire does not say
   */
  record Begin(String id, String model, long created) implements GenerationEvent {}

  /** The next piece of text. */
  record TextDelta(String text) implements GenerationEvent {}

  /** The next piece of a refusal. */
  record RefusalDelta(String text) implements GenerationEvent {}

  /** The next piece of what the model thinks. */
  record ReasoningDelta(String text) implements GenerationEvent {}

  /** Ends a thought, with the provider's seal on it where it gave one. */
  record ReasoningEnd(Optional<Seal> seal) implements GenerationEvent {}

  /**
   * A tool call begins; its arguments follow.
   *
   * @param index which call of the answer, from 0
   */
  record ToolCallBegin(int index, String id, String name) implements GenerationEvent {}

  /** The next piece of a call's arguments. */
  record ToolCallDelta(int index, String arguments) implements GenerationEvent {}

  /** The tokens so far; each report replaces the one before. */
  record UsageReport(Usage usage) implements GenerationEvent {}

  /** The answer is complete. */
  record Finish(FinishReason reason, Optional<String> stopSequence) implements GenerationEvent {}

  /** The answer ends here, unfinished. */
  record Failure(WireError error) implements GenerationEvent {}
}

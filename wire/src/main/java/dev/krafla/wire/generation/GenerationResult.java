package dev.krafla.wire.generation;

import java.util.List;
import java.util.Optional;

/**
 * A whole answer.
 *
 * @param id as its provider names it
 * @param created seconds since 1970; 0 where the wire does not say
 * @param parts text, refusals, thoughts and tool calls in the order in which they came
 * @param stopSequence which of the request's stop strings ended it, where the wire says
 * @param usage absent where the provider does not say
 */
public record GenerationResult(
    String id,
    long created,
    String model,
    List<Part> parts,
    FinishReason finish,
    Optional<String> stopSequence,
    Optional<Usage> usage) {
  public GenerationResult {
    parts = List.copyOf(parts);
  }

  /** This answer under the name by which the client knows the model. */
  public GenerationResult withModel(String publicName) {
    return new GenerationResult(id, created, publicName, parts, finish, stopSequence, usage);
  }
}

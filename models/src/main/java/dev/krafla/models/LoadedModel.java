package dev.krafla.models;

import java.util.Optional;

/**
 * A model ready to run. Closing it frees the weights.
 *
 * @param chatTemplate absent for a base model without one
 */
public record LoadedModel(CausalLm lm, Tokenizer tokenizer, Optional<ChatTemplate> chatTemplate)
    implements AutoCloseable {
  @Override
  public void close() {
    lm.close();
  }
}

package dev.krafla.engine;

import dev.krafla.models.CausalLm;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.Tokenizer;
import java.util.Arrays;

/**
 * A small model that guesses what a large one is going to say. It has to write with the large one's
 * tokens. The caller's: an engine does not close it, and nobody else may use it while that runs.
 */
public record DraftModel(CausalLm lm, Tokenizer tokenizer) {
  /** Entries that the end of a vocabulary may have for its size's sake alone. */
  private static final int MOST_PADDING = 1024;

  public static DraftModel of(LoadedModel model) {
    return new DraftModel(model.lm(), model.tokenizer());
  }

  /**
   * Checks that a model with {@code target} as its tokenizer can take guesses from this one.
   *
   * @throws IllegalArgumentException naming the first token that differs
   */
  public void requireSameTokens(Tokenizer target) {
    int own = tokenizer.vocabSize();
    int theirs = target.vocabSize();
    if (Math.abs(own - theirs) > MOST_PADDING) {
      throw new IllegalArgumentException(
          "the draft model %s has %d tokens and the model it is to guess for %d; take one with the same tokenizer"
              .formatted(lm.info().name(), own, theirs));
    }
    for (int id = 0; id < Math.min(own, theirs); id++) {
      if (!Arrays.equals(tokenizer.tokenBytes(id, false), target.tokenBytes(id, false))) {
        throw new IllegalArgumentException(
            "token %d is \"%s\" to the draft model %s and \"%s\" to the model it is to guess for; take one with the same tokenizer"
                .formatted(
                    id,
                    tokenizer.decode(new int[] {id}, false),
                    lm.info().name(),
                    target.decode(new int[] {id}, false)));
      }
    }
  }
}

package dev.krafla.serving;

import dev.krafla.models.LoadedModel;
import dev.krafla.models.ModelInfo;
import dev.krafla.models.Tokenizer;

/**
 * The model behind a worker.
 *
 * @param id its name on the wire
 * @param kernelTier which kernels run it, for people
 */
public record ServedModel(String id, LoadedModel model, String kernelTier) {
  Tokenizer tokenizer() {
    return model.tokenizer();
  }

  ModelInfo info() {
    return model.lm().info();
  }

  /** Refuses a request for another model; an empty name means this one. */
  void check(String asked) {
    if (!asked.isEmpty() && !asked.equals(id)) {
      throw Refused.modelNotFound(asked, id);
    }
  }

  /** Refuses ids that the vocabulary does not have. */
  void checkTokens(String param, int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= info().vocabSize()) {
        throw Refused.invalid(
            param,
            "token id %d is not in the vocabulary; ids are 0 to %d"
                .formatted(id, info().vocabSize() - 1));
      }
    }
  }
}

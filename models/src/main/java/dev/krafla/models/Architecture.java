package dev.krafla.models;

import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.Tensor;
import java.nio.file.Path;

/**
 * The layers of one family of models, weights included. A new family is one class that reads like
 * its paper, and a name and a line in {@link Kind}.
 */
sealed interface Architecture permits Llama, Qwen2, Qwen3, Gemma3 {
  /**
   * Embeds the batch's tokens, runs every layer (keys and values go to {@code kv}) and the final
   * norm. Row {@code i} of the result belongs to batch row {@code logitRows[i]}; it is overwritten
   * by the next call.
   */
  Tensor run(Batch batch, KvCache kv);

  /** The families that can be run, by the names of {@code general.architecture}. */
  enum Kind {
    LLAMA("llama"),
    QWEN2("qwen2"),
    QWEN3("qwen3"),
    GEMMA3("gemma3");

    private final String id;

    Kind(String id) {
      this.id = id;
    }

    /** The family called {@code id} in the file {@code path}. */
    static Kind named(String id, Path path) {
      for (Kind kind : values()) {
        if (kind.id.equals(id)) {
          return kind;
        }
      }
      throw new UnsupportedModelException(
          "%s: is a \"%s\" model; this version runs llama (and mistral), qwen2, qwen3 and gemma3"
              .formatted(path, id));
    }

    Architecture build(ModelConfig config, Weights weights, Scratch scratch) {
      return switch (this) {
        case LLAMA -> new Llama(config, weights, scratch);
        case QWEN2 -> new Qwen2(config, weights, scratch);
        case QWEN3 -> new Qwen3(config, weights, scratch);
        case GEMMA3 -> new Gemma3(config, weights, scratch);
      };
    }
  }
}

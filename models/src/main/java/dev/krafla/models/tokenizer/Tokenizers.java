package dev.krafla.models.tokenizer;

import dev.krafla.models.ModelFormatException;
import dev.krafla.models.Tokenizer;
import dev.krafla.models.UnsupportedModelException;
import java.nio.file.Path;

/** Makes the tokenizer of a model. Stateless. */
public final class Tokenizers {
  private Tokenizers() {}

  /**
   * The tokenizer that a GGUF file describes.
   *
   * @throws UnsupportedModelException for a kind or a pre-tokenizer that is not known here: a wrong
   *     guess would be silently worse answers
   * @throws ModelFormatException when the parts do not fit together
   */
  public static Tokenizer of(TokenizerSpec spec) {
    return GgufTokenizer.build(spec);
  }

  /**
   * The tokenizer of a Hugging Face folder: {@code tokenizer.json}, with what {@code
   * tokenizer_config.json}, {@code generation_config.json} and {@code config.json} say of first and
   * last tokens, where present.
   *
   * @throws UnsupportedModelException for a component that is not known here
   * @throws ModelFormatException when a file is damaged
   */
  public static Tokenizer ofFolder(Path folder) {
    return TokenizerJson.read(folder);
  }
}

package dev.krafla.models;

import dev.krafla.kernels.Kernels;
import java.nio.file.Path;

/** Opens a model from a GGUF file or a Hugging Face folder. */
public interface ModelLoader {
  /**
   * Loads the model at {@code path}, its weights packed for {@code kernels}.
   *
   * @throws ModelException when the files are damaged or of a kind that cannot be run
   */
  LoadedModel load(Path path, Kernels kernels);
}

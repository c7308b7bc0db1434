package dev.krafla.models;

import dev.krafla.kernels.Kernels;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens a model from a GGUF file or a Hugging Face folder. Stateless. */
public final class ModelLoader {
  private ModelLoader() {}

  /**
   * Loads the model at {@code path}, its weights packed for {@code kernels}, which must outlive it.
   *
   * @throws ModelException when the files are damaged or of a kind that cannot be run
   */
  public static LoadedModel load(Path path, Kernels kernels, LoadOptions options) {
    if (!Files.exists(path)) {
      throw new ModelFormatException("%s: there is no such file or folder".formatted(path));
    }
    throw new UnsupportedModelException(
        "%s: no reader of model files is built in yet (%s, %s)"
            .formatted(path, kernels.tier(), options));
  }

  /** {@link #load(Path, Kernels, LoadOptions)} with {@link LoadOptions#defaults()}. */
  public static LoadedModel load(Path path, Kernels kernels) {
    return load(path, kernels, LoadOptions.defaults());
  }
}

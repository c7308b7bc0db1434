package dev.krafla.models;

import dev.krafla.kernels.RawMatrix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * One view of a model's files whatever their format: its configuration, and its tensors under the
 * names GGUF gives them ({@code blk.0.attn_q.weight}), in place where the file allows. Norm weights
 * are ready to multiply with (gemma checkpoints store them less one; here the one is added).
 * Thread-safe until closed; what it handed out is valid until then.
 */
sealed interface ModelSource extends AutoCloseable permits GgufSource, HuggingFaceSource {
  /** Opens a GGUF file or a Hugging Face folder. */
  static ModelSource open(Path path) {
    if (Files.isDirectory(path)) {
      return HuggingFaceSource.open(path);
    }
    if (!Files.isRegularFile(path)) {
      throw new ModelFormatException("%s: there is no such file or folder".formatted(path));
    }
    return GgufSource.open(path);
  }

  ModelConfig config();

  /** The files whose bytes define the model, in a fixed order. */
  List<Path> files();

  /** Canonical names of all tensors of the language model. */
  Set<String> tensors();

  /**
   * The matrix {@code name}.
   *
   * @throws ModelFormatException when it is missing or not {@code rows × cols}
   */
  RawMatrix matrix(String name, int rows, int cols);

  /**
   * The vector {@code name} as floats.
   *
   * @throws ModelFormatException when it is missing or has not {@code size} elements
   */
  float[] vector(String name, int size);

  @Override
  void close();
}

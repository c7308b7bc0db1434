package dev.krafla.models;

import dev.krafla.kernels.BlockFormats;
import dev.krafla.kernels.RawMatrix;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A GGUF file as a model. */
final class GgufSource implements ModelSource {
  private static final Set<String> NOT_WEIGHTS = Set.of(GgufConfig.ROPE_FACTORS);

  private final GgufFile file;
  private final ModelConfig config;

  private GgufSource(GgufFile file) {
    this.file = file;
    this.config = GgufConfig.read(file);
  }

  @SuppressWarnings("MustBeClosedChecker") // closed by close(), or here on failure
  static GgufSource open(Path path) {
    GgufFile file = GgufFile.open(path);
    try {
      return new GgufSource(file);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  GgufFile file() {
    return file;
  }

  @Override
  public ModelConfig config() {
    return config;
  }

  @Override
  public List<Path> files() {
    return List.of(file.path());
  }

  @Override
  public Set<String> tensors() {
    return file.tensors().keySet().stream()
        .filter(name -> !NOT_WEIGHTS.contains(name))
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public RawMatrix matrix(String name, int rows, int cols) {
    GgufFile.TensorInfo tensor = file.tensors().get(name);
    if (tensor == null) {
      throw new ModelFormatException(
          "%s: a %s model needs tensor \"%s\", and the file has none"
              .formatted(file.path(), config.architecture(), name));
    }
    RawMatrix matrix = file.matrix(tensor);
    if (matrix.rows() != rows || matrix.cols() != cols) {
      throw new ModelFormatException(
          "%s: tensor \"%s\" is %d × %d; by the file's metadata it should be %d × %d"
              .formatted(file.path(), name, matrix.rows(), matrix.cols(), rows, cols));
    }
    return matrix;
  }

  @Override
  public float[] vector(String name, int size) {
    float[] values = new float[size];
    BlockFormats.dequantizeRow(matrix(name, 1, size), 0, values);
    return values;
  }

  @Override
  public void close() {
    file.close();
  }
}

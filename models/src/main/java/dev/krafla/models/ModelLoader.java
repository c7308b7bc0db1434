package dev.krafla.models;

import dev.krafla.kernels.Kernels;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Optional;

/** Opens a model from a GGUF file or a Hugging Face folder. Stateless. */
public final class ModelLoader {
  private ModelLoader() {}

  /**
   * Loads the model at {@code path}, its weights packed for {@code kernels}, which must outlive it.
   *
   * @throws ModelException when the files are damaged or of a kind that cannot be run
   */
  public static LoadedModel load(Path path, Kernels kernels, LoadOptions options) {
    CausalLm lm = loadLm(path, kernels, options);
    return new LoadedModel(lm, tokenizer(path), Optional.empty());
  }

  private static Tokenizer tokenizer(Path path) {
    throw new UnsupportedModelException("%s: its tokenizer cannot be read yet".formatted(path));
  }

  /** {@link #load(Path, Kernels, LoadOptions)} with {@link LoadOptions#defaults()}. */
  public static LoadedModel load(Path path, Kernels kernels) {
    return load(path, kernels, LoadOptions.defaults());
  }

  /**
   * Loads the network alone, for callers that bring their own tokens.
   *
   * @throws ModelException when the files are damaged or of a kind that cannot be run
   */
  @SuppressWarnings("MustBeClosedChecker") // the model closes both; here they are on failure
  public static CausalLm loadLm(Path path, Kernels kernels, LoadOptions options) {
    ModelSource source = ModelSource.open(path);
    Arena arena = Arena.ofShared();
    try {
      return build(source, arena, kernels, options);
    } catch (RuntimeException | Error e) {
      arena.close();
      source.close();
      throw e;
    }
  }

  private static CausalLm build(
      ModelSource source, Arena arena, Kernels kernels, LoadOptions options) {
    ModelConfig config = source.config();
    ModelInfo info = info(source, options);
    Packer packer = new Packer(source, info.digest(), kernels, options);
    Weights weights = new Weights(kernels, source, arena, packer.pack(arena));
    Scratch scratch = Scratch.allocate(arena, config, options.maxBatchRows());
    Architecture layers =
        Architecture.Kind.named(config.architecture(), source.files().getFirst())
            .build(config, weights, scratch);
    Transformer model = new Transformer(config, info, weights, layers, arena, source);
    weights.checkAllTaken();
    return model;
  }

  private static ModelInfo info(ModelSource source, LoadOptions options) {
    ModelConfig config = source.config();
    String digest = ModelDigest.of(source.files(), options.cache());
    int context =
        options.maxContext() == 0
            ? config.contextLength()
            : Math.min(options.maxContext(), config.contextLength());
    return new ModelInfo(
        config.architecture(),
        config.name(),
        options.quantize().map(type -> digest + "-" + type).orElse(digest),
        config.vocabSize(),
        config.hiddenSize(),
        config.layers(),
        context,
        options.maxBatchRows(),
        config.pooling());
  }
}

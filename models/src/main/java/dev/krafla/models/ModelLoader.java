package dev.krafla.models;

import dev.krafla.kernels.Kernels;
import dev.krafla.models.tokenizer.TokenizerSpec;
import dev.krafla.models.tokenizer.Tokenizers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Opens a model from a GGUF file or a Hugging Face folder. Stateless. */
public final class ModelLoader {
  private static final long ACTIVATIONS_FREE = 1 << 20;
  private static final long WEIGHTS_PER_ACTIVATION = 128;

  private ModelLoader() {}

  /**
   * Loads the model at {@code path}, its weights packed for {@code kernels}, which must outlive it.
   *
   * @throws ModelException when the files are damaged or of a kind that cannot be run
   */
  public static LoadedModel load(Path path, Kernels kernels, LoadOptions options) {
    ModelSource source = ModelSource.open(path);
    Text text;
    try {
      text = text(source, path);
    } catch (RuntimeException | Error e) {
      source.close();
      throw e;
    }
    return new LoadedModel(network(source, kernels, options), text.tokenizer, text.template);
  }

  private record Text(Tokenizer tokenizer, Optional<ChatTemplate> template) {}

  /** Read before the weights: a model that cannot be spoken to should fail at once. */
  private static Text text(ModelSource source, Path path) {
    return switch (source) {
      case GgufSource gguf -> {
        TokenizerSpec spec = GgufTokenizerSpec.read(gguf.file());
        yield new Text(Tokenizers.of(spec), GgufTokenizerSpec.chatTemplate(gguf.file(), spec));
      }
      case HuggingFaceSource _ -> new Text(Tokenizers.ofFolder(path), ChatTemplates.ofFolder(path));
    };
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
  public static CausalLm loadLm(Path path, Kernels kernels, LoadOptions options) {
    return network(ModelSource.open(path), kernels, options);
  }

  /** Takes over {@code source}: the model closes it, or this does on failure. */
  @SuppressWarnings("MustBeClosedChecker") // as for the source
  private static CausalLm network(ModelSource source, Kernels kernels, LoadOptions options) {
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
    checkProportions(source);
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

  /**
   * A small file may declare widths that no network of its size has; its activations would take
   * gigabytes. Those of the largest open model (Llama 3.1, 405B) take just under 1 MiB a token.
   */
  private static void checkProportions(ModelSource source) {
    long perToken = Scratch.bytesPerRow(source.config());
    long weights = source.files().stream().mapToLong(ModelLoader::size).sum();
    long limit = ACTIVATIONS_FREE + weights / WEIGHTS_PER_ACTIVATION;
    if (perToken > limit) {
      throw new UnsupportedModelException(
          "%s: activations take %d bytes a token; for %d bytes of weights at most %d are run"
              .formatted(source.files().getFirst(), perToken, weights, limit));
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
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

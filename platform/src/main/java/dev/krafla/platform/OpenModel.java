package dev.krafla.platform;

import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;
import dev.krafla.models.LoadOptions;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.ModelLoader;
import dev.krafla.serving.ServedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;

/** A model of this machine in memory, with the kernels that run it. */
record OpenModel(LocalModel source, Kernels kernels, LoadedModel loaded) implements AutoCloseable {
  /**
   * Loads {@code model}; repacked weights are cached in the home's cache folder. Tells its progress
   * on a terminal where it takes longer than a second.
   *
   * @throws UserError when it does not fit into memory
   * @throws dev.krafla.models.ModelException when its files cannot be used
   */
  static OpenModel load(LocalModel model, EngineOptions options, CliContext context) {
    requireMemory(model, options.loadOptions());
    Kernels kernels = kernels(options.threads());
    try (var progress = new LoadProgress(model, context.output())) {
      LoadOptions how =
          options.loadOptions().withCache(context.home().cache()).withProgress(progress);
      return new OpenModel(model, kernels, ModelLoader.load(model.path(), kernels, how));
    } catch (RuntimeException | Error e) {
      kernels.close();
      if (e instanceof OutOfMemoryError) {
        throw new UserError(
            "%s does not fit into memory: %s".formatted(model.name(), e.getMessage()), e);
      }
      throw e;
    }
  }

  private static Kernels kernels(int threads) {
    try {
      return KernelTiers.best(threads);
    } catch (IllegalArgumentException e) {
      throw new UserError(String.valueOf(e.getMessage()), e); // KRAFLA_KERNELS names no good tier
    }
  }

  /** Before hours of packing, or the kernel's out-of-memory killer. */
  private static void requireMemory(LocalModel model, LoadOptions options) {
    long needed = weightBytes(model, options);
    long available = Machine.availableBytes();
    if (needed > available) {
      throw new UserError(
          "%s takes about %s of memory, but only %s are available; take a smaller model%s"
              .formatted(
                  model.name(),
                  ByteSize.text(needed),
                  ByteSize.text(available),
                  options.quantize().isEmpty()
                      ? ", or --quantize q4_0 if it has float weights"
                      : ""));
    }
  }

  /** About what the weights take; exact where they are not quantised at load. */
  static long weightBytes(LocalModel model, LoadOptions options) {
    long stored = bytes(model);
    double bitsPerFloat = 16; // what nearly all files have
    return options
        .quantize()
        .map(type -> (long) (stored / bitsPerFloat * 8 * type.blockBytes() / type.blockSize()))
        .orElse(stored);
  }

  /** Bytes on disk. */
  static long bytes(LocalModel model) {
    try {
      return Files.isDirectory(model.path())
          ? FileTrees.size(model.path())
          : Files.size(model.path());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * This model.
   *
   * @throws UserError when it cannot chat; it is closed then
   */
  OpenModel forChat() {
    if (loaded.chatTemplate().isEmpty()) {
      close();
      throw new UserError(
          "%s has no chat template: it continues text, but does not chat. Take an instruct model"
                  .formatted(source.name())
              + " (./krafla models), or serve it and send texts to /v1/completions");
    }
    return this;
  }

  /** As a worker serves it, under its own name or {@code id}. */
  ServedModel served(String id) {
    return new ServedModel(id, loaded, kernels.tier());
  }

  @Override
  public void close() {
    loaded.close();
    kernels.close();
  }
}

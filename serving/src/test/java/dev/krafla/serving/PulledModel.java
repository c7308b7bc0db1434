package dev.krafla.serving;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineConfig;
import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;
import dev.krafla.models.LoadOptions;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.ModelLoader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** A worker over a real model that was pulled to this machine; tests skip where it was not. */
final class PulledModel implements AutoCloseable {
  static final String ALIAS = "smollm2-135m";

  private final Kernels kernels;
  private final LoadedModel model;
  final Engine engine;
  final Worker worker;

  private PulledModel(Path file, long kvBytes) {
    kernels = KernelTiers.best(Runtime.getRuntime().availableProcessors());
    model = ModelLoader.load(file, kernels, LoadOptions.defaults());
    engine = Engine.start(model, EngineConfig.DEFAULTS.withKvBytes(kvBytes));
    worker =
        Worker.start(
            WorkerConfig.DEFAULTS.at("127.0.0.1", 0),
            engine,
            new ServedModel(ALIAS, model, kernels.tier()));
  }

  static PulledModel start() {
    return start(256L << 20);
  }

  static PulledModel start(long kvBytes) {
    Optional<Path> file = file();
    assumeTrue(file.isPresent(), "needs a real model: ./krafla pull " + ALIAS);
    return new PulledModel(file.orElseThrow(), kvBytes);
  }

  /** Where Krafla keeps what it has pulled and cached. */
  static Path home() {
    String home = System.getenv("KRAFLA_HOME");
    return home == null ? Path.of(System.getProperty("user.home"), ".krafla") : Path.of(home);
  }

  private static Optional<Path> file() {
    Path folder = home().resolve("models").resolve(ALIAS);
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".gguf")).findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    worker.close();
    engine.close();
    model.close();
    kernels.close();
  }
}

package dev.krafla.platform;

import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineConfig;
import dev.krafla.serving.LiveModel;
import dev.krafla.serving.ModelPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of a worker that serves more models than one, and how these come into memory. */
final class SeveralModels {
  /** Of the memory that is available at the start, what models may take. */
  private static final double SHARE_OF_AVAILABLE = 0.8;

  /** Of the models' memory, what one model's KV cache takes where nothing else is said. */
  private static final double KV_SHARE = 1.0 / 8;

  private static final long MOST_KV_BYTES = 4L << 30;

  @Option(
      names = "--models-memory",
      paramLabel = "SIZE",
      description = {
        "With several models: memory for all that are loaded at a time, weights and KV caches.",
        "Default: 80%% of what is available."
      })
  private @Nullable String memory;

  @Option(
      names = "--pin",
      paramLabel = "MODEL",
      description = {
        "With several models: one that is loaded at the start and never unloaded. May be given",
        "several times. Default: none is; the first is loaded at the start."
      })
  private Set<String> pinned = new LinkedHashSet<>();

  @Option(
      names = "--model-wait",
      paramLabel = "TIME",
      converter = KvRemoteOptions.Time.class,
      description = {
        "With several models: how long a request waits for its model to be loaded, as 30s; then",
        "it gets status 503. Default: 2m."
      })
  private Duration wait = Duration.ofMinutes(2);

  /** How one of them is started. */
  record Start(
      EngineOptions options,
      CliContext context,
      Function<OpenModel, EngineConfig> config,
      BiConsumer<Engine, String> started) {}

  /**
   * A pool of {@code models}, none of them loaded.
   *
   * @throws UserError when they cannot be served together
   */
  ModelPool pool(List<LocalModel> models, Start start) {
    long bytes =
        memory == null
            ? (long) (SHARE_OF_AVAILABLE * Machine.availableBytes())
            : ByteSize.parse(memory);
    long kvBytes =
        start.options.kvBytes().orElse(Math.min(MOST_KV_BYTES, (long) (KV_SHARE * bytes)));
    requireKnown(models);
    var entries = new ArrayList<ModelPool.Entry>();
    for (LocalModel model : models) {
      long needed = OpenModel.weightBytes(model, start.options.loadOptions()) + kvBytes;
      entries.add(
          new ModelPool.Entry(
              model.name(),
              needed,
              pinned.contains(model.name()),
              () -> load(model, kvBytes, start)));
    }
    try {
      return new ModelPool(entries, bytes, wait);
    } catch (IllegalArgumentException e) {
      throw new UserError(
          "--models-memory of %s is too little: %s. Give more, pin fewer, or make caches smaller with --kv-memory"
              .formatted(ByteSize.text(bytes), e.getMessage()),
          e);
    }
  }

  private void requireKnown(List<LocalModel> models) {
    for (String name : pinned) {
      if (models.stream().noneMatch(model -> model.name().equals(name))) {
        throw new UserError(
            "--pin %s is none of the models that are served: %s"
                .formatted(
                    name, String.join(", ", models.stream().map(LocalModel::name).toList())));
      }
    }
  }

  /** Loads what is to be there from the start. */
  void loadFirst(ModelPool pool, List<LocalModel> models) {
    Set<String> first = pinned.isEmpty() ? Set.of(models.getFirst().name()) : pinned;
    first.forEach(pool::load);
  }

  private static LiveModel load(LocalModel model, long kvBytes, Start start) {
    OpenModel open = OpenModel.load(model, start.options, start.context);
    try {
      Engine engine = EngineOptions.start(open, start.config.apply(open).withKvBytes(kvBytes));
      start.started.accept(engine, model.name());
      return new LiveModel(
          open.served(model.name()),
          engine,
          () -> {
            engine.close();
            open.close();
          });
    } catch (RuntimeException | Error e) {
      open.close();
      throw e;
    }
  }
}

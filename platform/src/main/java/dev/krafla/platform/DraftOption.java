package dev.krafla.platform;

import dev.krafla.engine.DraftModel;
import dev.krafla.engine.EngineConfig;
import dev.krafla.models.LoadOptions;
import dev.krafla.models.LoadedModel;
import dev.krafla.models.ModelLoader;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that names a draft model, and how that comes into memory. */
final class DraftOption {
  @Option(
      names = "--draft-model",
      paramLabel = "MODEL",
      description = {
        "Small model with the same tokenizer that guesses ahead, where that is measured to pay;",
        "answers do not depend on it. Default: none, guesses come from the text alone."
      })
  private @Nullable String name;

  /** A draft model in memory, if one is wanted; closing it frees its weights. */
  record Open(Optional<LoadedModel> model) implements AutoCloseable {
    EngineConfig configure(EngineConfig config) {
      return model.map(m -> config.withDraftModel(DraftModel.of(m))).orElse(config);
    }

    @Override
    public void close() {
      model.ifPresent(LoadedModel::close);
    }
  }

  boolean isUsed() {
    return name != null;
  }

  /**
   * Loads it, to be run by the threads of {@code target}, for which it is to guess.
   *
   * @throws UserError when it has other tokens
   */
  Open open(OpenModel target, EngineOptions options, CliContext context)
      throws InterruptedException {
    if (name == null) {
      return new Open(Optional.empty());
    }
    LocalModel local = context.models().get(name, context.progress());
    LoadOptions how =
        LoadOptions.defaults()
            .withMaxContext(target.loaded().lm().info().contextLength())
            .withMaxBatchRows(options.loadOptions().maxBatchRows())
            .withCache(context.home().cache());
    LoadedModel loaded = ModelLoader.load(local.path(), target.kernels(), how);
    try {
      DraftModel.of(loaded).requireSameTokens(target.loaded().tokenizer());
    } catch (IllegalArgumentException e) {
      loaded.close();
      throw new UserError("--draft-model %s: %s".formatted(name, e.getMessage()), e);
    }
    return new Open(Optional.of(loaded));
  }
}

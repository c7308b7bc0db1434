package dev.krafla.platform;

import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineConfig;
import dev.krafla.kernels.KvType;
import dev.krafla.kernels.WeightType;
import dev.krafla.models.LoadOptions;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options of every command that runs a model in this process. */
final class EngineOptions {
  /** Of the memory that is available, what a KV cache that nobody sized may take. */
  private static final double SHARE_OF_AVAILABLE = 0.8;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Compute threads; default is every core.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--kv-memory",
      paramLabel = "SIZE",
      description = {
        "Memory for the KV cache, as 4GiB or as 25%% of the machine's.",
        "Default: a sixth, or what full contexts for all sequences take."
      })
  private @Nullable String kvMemory;

  @Option(
      names = "--kv-type",
      paramLabel = "TYPE",
      converter = KvTypeName.class,
      description = "How keys and values are stored: f16, bf16, q8_0 or f32. Default: f16.")
  private KvType kvType = EngineConfig.DEFAULTS.kvType();

  @Option(
      names = "--max-context",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Most tokens of prompt and answer together. Default: the model's own limit.")
  private int maxContext;

  @Option(
      names = "--max-batch-tokens",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Most tokens that one step computes. Default: ${DEFAULT-VALUE}.")
  private int maxBatchTokens = EngineConfig.DEFAULTS.maxBatchTokens();

  @Option(
      names = "--max-draft-tokens",
      paramLabel = "N",
      description = {
        "Most tokens to guess ahead of an answer and check in one step, where that is",
        "measured to pay; answers do not depend on it. 0: none. Default: ${DEFAULT-VALUE}."
      })
  private int maxDraftTokens = EngineConfig.DEFAULTS.maxDraftTokens();

  @Option(
      names = "--quantize",
      paramLabel = "TYPE",
      converter = QuantizeName.class,
      description = "Quantise float weights at load, to q8_0 or q4_0.")
  private @Nullable WeightType quantize;

  int threads() {
    return threads;
  }

  KvType kvType() {
    return kvType;
  }

  /** Most tokens to guess ahead. */
  int maxDraftTokens() {
    return maxDraftTokens;
  }

  /** How the model is brought into memory; progress and cache are the caller's to add. */
  LoadOptions loadOptions() {
    LoadOptions options =
        LoadOptions.defaults().withMaxContext(maxContext).withMaxBatchRows(maxBatchTokens);
    return quantize == null ? options : options.withQuantize(quantize);
  }

  /**
   * The engine's limits, its cache fitted to the memory that is available once the weights are in.
   *
   * @throws UserError when {@code --kv-memory} is no size, or more than is available
   */
  EngineConfig engineConfig() {
    EngineConfig config = config();
    long available = Machine.availableBytes();
    double total = Machine.memoryBytes();
    if (kvMemory == null) {
      double share = SHARE_OF_AVAILABLE * available / total;
      return config.withKvShare(Math.clamp(share, Double.MIN_NORMAL, config.kvShare()));
    }
    long bytes = kvBytes(kvMemory, total);
    if (bytes > available) {
      throw new UserError(
          "--kv-memory %s is %s, but only %s of memory are available; ask for less"
              .formatted(kvMemory, ByteSize.text(bytes), ByteSize.text(available)));
    }
    return config.withKvBytes(bytes);
  }

  private EngineConfig config() {
    try {
      return EngineConfig.DEFAULTS
          .withKvType(kvType)
          .withMaxBatchTokens(maxBatchTokens)
          .withMaxDraftTokens(maxDraftTokens);
    } catch (IllegalArgumentException e) {
      throw new UserError("The engine cannot run so: " + e.getMessage(), e);
    }
  }

  /** What {@code --kv-memory} says; empty where it is not given. */
  OptionalLong kvBytes() {
    return kvMemory == null
        ? OptionalLong.empty()
        : OptionalLong.of(kvBytes(kvMemory, (double) Machine.memoryBytes()));
  }

  private static long kvBytes(String text, double total) {
    long bytes;
    if (text.matches("[0-9]{1,2}(\\.[0-9]+)?%")) {
      String percent = text.substring(0, text.length() - 1);
      bytes = (long) (Double.parseDouble(percent) / 100 * total);
    } else {
      bytes = ByteSize.parse(text);
    }
    if (bytes <= 0) {
      throw new UserError("--kv-memory %s is nothing; write for example 4GiB".formatted(text));
    }
    return bytes;
  }

  /**
   * Starts an engine for {@code model}.
   *
   * @throws UserError when its cache cannot be as {@code config} wants it
   */
  static Engine start(OpenModel model, EngineConfig config) {
    try {
      return Engine.start(model.loaded(), config);
    } catch (IllegalArgumentException | OutOfMemoryError e) {
      throw new UserError("The engine cannot start: " + e.getMessage(), e);
    }
  }

  private static final class QuantizeName implements ITypeConverter<WeightType> {
    @Override
    public WeightType convert(String text) {
      return switch (text) {
        case "q8_0" -> WeightType.Q8_0;
        case "q4_0" -> WeightType.Q4_0;
        default ->
            throw new TypeConversionException("'%s' is not one of q8_0, q4_0".formatted(text));
      };
    }
  }
}

package dev.krafla.models;

import dev.krafla.kernels.WeightType;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a model is brought into memory.
 *
 * @param maxBatchRows most token rows one step may have; sizes the activations
 * @param maxContext most tokens a sequence may have; the model's own limit where that is smaller, 0
 *     for the model's own
 * @param quantize what float matrices become at load ({@code Q8_0} or {@code Q4_0}); empty leaves
 *     them as stored
 * @param cache folder for digests and repacked weights, which make the next start fast; empty for
 *     none
 * @param progress is told while weights are packed
 */
public record LoadOptions(
    int maxBatchRows,
    int maxContext,
    Optional<WeightType> quantize,
    Optional<Path> cache,
    Progress progress) {

  /** Hears how far loading has come. Calls come from several threads, one at a time. */
  @FunctionalInterface
  public interface Progress {
    /** {@code doneBytes} of {@code totalBytes} of weights are in memory. */
    void update(long doneBytes, long totalBytes);
  }

  private static final int DEFAULT_BATCH_ROWS = 512;

  public LoadOptions {
    if (maxBatchRows <= 0) {
      throw new IllegalArgumentException(
          "maxBatchRows=%d; must be positive".formatted(maxBatchRows));
    }
    if (maxContext < 0) {
      throw new IllegalArgumentException(
          "maxContext=%d; must be positive, or 0 for the model's own".formatted(maxContext));
    }
    quantize.ifPresent(LoadOptions::checkQuantizable);
  }

  private static void checkQuantizable(WeightType type) {
    if (type != WeightType.Q8_0 && type != WeightType.Q4_0) {
      throw new IllegalArgumentException(
          "quantize=%s; weights can be quantised at load to Q8_0 or Q4_0".formatted(type));
    }
  }

  /** 512 rows, the model's own context, weights as stored, no cache, silent. */
  public static LoadOptions defaults() {
    return new LoadOptions(
        DEFAULT_BATCH_ROWS, 0, Optional.empty(), Optional.empty(), (done, total) -> {});
  }

  public LoadOptions withMaxBatchRows(int rows) {
    return new LoadOptions(rows, maxContext, quantize, cache, progress);
  }

  public LoadOptions withMaxContext(int tokens) {
    return new LoadOptions(maxBatchRows, tokens, quantize, cache, progress);
  }

  public LoadOptions withQuantize(WeightType type) {
    return new LoadOptions(maxBatchRows, maxContext, Optional.of(type), cache, progress);
  }

  public LoadOptions withCache(Path folder) {
    return new LoadOptions(maxBatchRows, maxContext, quantize, Optional.of(folder), progress);
  }

  public LoadOptions withProgress(Progress listener) {
    return new LoadOptions(maxBatchRows, maxContext, quantize, cache, listener);
  }
}

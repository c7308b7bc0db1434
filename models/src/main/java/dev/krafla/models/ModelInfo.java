package dev.krafla.models;

/**
 * What others need to know of a model.
 *
 * @param architecture as in GGUF's {@code general.architecture}: llama, qwen2, qwen3, gemma3
 * @param digest identity of the weights in hex: equal digests give equal results; part of every
 *     cache key
 * @param contextLength most tokens a sequence may have
 * @param maxBatchRows most rows a step may have
 * @param embedding how the model pools embeddings, when it was made for them
 */
public record ModelInfo(
    String architecture,
    String name,
    String digest,
    int vocabSize,
    int hiddenSize,
    int layers,
    int contextLength,
    int maxBatchRows,
    Pooling embedding) {
  /**
   * How token states become one embedding; {@code NONE} for a model that is not made for
   * embeddings.
   */
  public enum Pooling {
    NONE,
    MEAN,
    CLS,
    LAST
  }
}

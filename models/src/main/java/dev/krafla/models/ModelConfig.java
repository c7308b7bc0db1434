package dev.krafla.models;

import java.util.List;

/**
 * Shape and constants of a decoder, the same whether they came from GGUF metadata or from {@code
 * config.json}. All are checked to be positive and to fit each other.
 *
 * @param architecture which {@code forward} runs it: llama, qwen2, qwen3, gemma3
 * @param headDim size of one head of queries, keys and values
 * @param rope frequencies of layers that see the whole context
 * @param localRope frequencies of layers with a sliding window
 * @param ropeInterleaved pairs are (2i, 2i+1), as llama-family GGUF files order their heads
 * @param windows per layer, the tokens it looks back on, its own included; 0 for all
 * @param attentionScale factor on attention scores
 * @param logitSoftcap final logits become {@code cap·tanh(logit/cap)}; 0 for none
 */
record ModelConfig(
    String architecture,
    String name,
    int vocabSize,
    int hiddenSize,
    int ffnSize,
    int layers,
    int heads,
    int kvHeads,
    int headDim,
    int contextLength,
    float normEps,
    RopeFrequencies rope,
    RopeFrequencies localRope,
    boolean ropeInterleaved,
    List<Integer> windows,
    float attentionScale,
    float logitSoftcap,
    ModelInfo.Pooling pooling) {

  private static final int MAX_LAYERS = 1024; // the largest open models have some 130
  private static final int MAX_WIDTH = 1 << 20; // keeps every product of two sizes within a long

  ModelConfig {
    check("vocabulary size", vocabSize, Integer.MAX_VALUE);
    check("hidden size", hiddenSize, MAX_WIDTH);
    check("feed-forward size", ffnSize, MAX_WIDTH);
    check("number of layers", layers, MAX_LAYERS);
    check("number of heads", heads, MAX_WIDTH);
    check("number of kv heads", kvHeads, heads);
    check("head size", headDim, MAX_WIDTH / heads);
    check("context length", contextLength, Integer.MAX_VALUE);
    if (heads % kvHeads != 0) {
      throw new ModelFormatException(
          "%d heads cannot share %d kv heads evenly".formatted(heads, kvHeads));
    }
    if (headDim % 2 != 0 || rope.rotaryDim() > headDim || localRope.rotaryDim() > headDim) {
      throw new ModelFormatException(
          "head size %d must be even and no smaller than its rotated part, %d"
              .formatted(headDim, Math.max(rope.rotaryDim(), localRope.rotaryDim())));
    }
    if (!(normEps >= 0 && normEps < 1) || !Float.isFinite(attentionScale) || logitSoftcap < 0) {
      throw new ModelFormatException(
          "norm epsilon %s, attention scale %s or logit softcap %s is out of range"
              .formatted(normEps, attentionScale, logitSoftcap));
    }
    windows = List.copyOf(windows);
    if (windows.size() != layers || windows.stream().anyMatch(w -> w < 0)) {
      throw new ModelFormatException(
          "sliding windows %s do not fit %d layers".formatted(windows, layers));
    }
  }

  private static void check(String what, int value, int limit) {
    if (value <= 0 || value > limit) {
      throw new ModelFormatException(
          "%s is %d; it must be between 1 and %d".formatted(what, value, limit));
    }
  }

  /** Tokens that layer {@code layer} looks back on, its own included; 0 for all. */
  int window(int layer) {
    return windows.get(layer);
  }

  /** Columns of all queries of a token. */
  int queryWidth() {
    return heads * headDim;
  }

  /** Columns of all keys, or all values, of a token. */
  int keyWidth() {
    return kvHeads * headDim;
  }

  /** First column of the keys in a row of queries, keys and values. */
  int keyColumn() {
    return queryWidth();
  }

  /** First column of the values in a row of queries, keys and values. */
  int valueColumn() {
    return queryWidth() + keyWidth();
  }

  /** Columns of a row of queries, keys and values. */
  int qkvWidth() {
    return queryWidth() + 2 * keyWidth();
  }
}

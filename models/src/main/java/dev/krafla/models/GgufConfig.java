package dev.krafla.models;

import dev.krafla.kernels.BlockFormats;
import dev.krafla.kernels.RawMatrix;
import dev.krafla.models.ModelInfo.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a {@link ModelConfig} from GGUF metadata, whose keys begin with the architecture's name.
 */
final class GgufConfig {
  static final String ROPE_FACTORS = "rope_freqs.weight";
  private static final double DEFAULT_ROPE_BASE = 10_000;
  // gemma3 files name neither: every sixth layer is global, local layers turn by base 10,000
  // (Gemma 3 technical report, 2025, section 2).
  private static final int GEMMA3_PATTERN = 6;
  private static final double GEMMA3_LOCAL_BASE = 10_000;
  private static final int MAX_HEAD_DIM = 1 << 10; // the largest in use is 576
  private static final int GEMMA3_27B_LAYERS = 62; // the only size with its own attention scale

  private final GgufFile file;
  private final GgufMetadata metadata;
  private final String architecture;

  private GgufConfig(GgufFile file) {
    this.file = file;
    this.metadata = file.metadata();
    this.architecture =
        metadata
            .string("general.architecture")
            .orElseThrow(() -> missing("metadata \"general.architecture\""));
  }

  static ModelConfig read(GgufFile file) {
    return new GgufConfig(file).read();
  }

  private ModelConfig read() {
    Architecture.Kind.named(architecture, file.path());
    refuseExperts();
    int hidden = required("embedding_length");
    int heads = required("attention.head_count");
    if (hidden <= 0 || heads <= 0) {
      throw new ModelFormatException(
          "%s: embedding length %d and head count %d must be positive"
              .formatted(file.path(), hidden, heads));
    }
    int headDim = integer("attention.key_length").orElse(hidden / heads);
    int valueDim = integer("attention.value_length").orElse(headDim);
    if (valueDim != headDim) {
      throw new UnsupportedModelException(
          "%s: keys of %d and values of %d elements; only equal sizes are run"
              .formatted(file.path(), headDim, valueDim));
    }
    int layers = required("block_count");
    int rotaryDim = integer("rope.dimension_count").orElse(headDim);
    if (rotaryDim <= 0 || rotaryDim > Math.min(headDim, MAX_HEAD_DIM) || rotaryDim % 2 != 0) {
      throw new ModelFormatException(
          "%s: rope.dimension_count is %d; it must be even and at most the head size %d and %d"
              .formatted(file.path(), rotaryDim, headDim, MAX_HEAD_DIM));
    }
    boolean gemma = architecture.equals("gemma3");
    return new ModelConfig(
        architecture,
        metadata.string("general.name").orElse(architecture),
        vocabSize(),
        hidden,
        required("feed_forward_length"),
        layers,
        heads,
        integer("attention.head_count_kv").orElse(heads),
        headDim,
        required("context_length"),
        number("attention.layer_norm_rms_epsilon")
            .orElseThrow(() -> missing(key("attention.layer_norm_rms_epsilon")))
            .floatValue(),
        rope(rotaryDim),
        gemma ? localRope(rotaryDim) : rope(rotaryDim),
        architecture.equals("llama"),
        windows(layers, gemma),
        attentionScale(gemma, layers, hidden, heads, headDim),
        number("final_logit_softcapping").orElse(0.0).floatValue(),
        pooling());
  }

  private void refuseExperts() {
    if (integer("expert_count").orElse(0) > 0) {
      throw new UnsupportedModelException(
          "%s: is a mixture of experts, which %s is not run with; use a dense model"
              .formatted(file.path(), architecture));
    }
  }

  private int vocabSize() {
    GgufFile.TensorInfo embedding = file.tensors().get(Weights.EMBEDDING);
    if (embedding == null) {
      throw missing("tensor \"" + Weights.EMBEDDING + "\"");
    }
    return file.matrix(embedding).rows();
  }

  private RopeFrequencies rope(int rotaryDim) {
    double base = number("rope.freq_base").orElse(DEFAULT_ROPE_BASE);
    double factor = number("rope.scaling.factor").orElse(1.0);
    if (!(base > 1 && base < 1e12) || !(factor > 0 && factor < 1e6)) {
      throw new ModelFormatException(
          "%s: rope.freq_base %s or rope.scaling.factor %s is out of range"
              .formatted(file.path(), base, factor));
    }
    RopeFrequencies plain = RopeFrequencies.plain(base, rotaryDim);
    GgufFile.TensorInfo factors = file.tensors().get(ROPE_FACTORS);
    if (factors != null) {
      RawMatrix row = file.matrix(factors);
      if (row.rows() != 1 || row.cols() != rotaryDim / 2) {
        throw new ModelFormatException(
            "%s: %s has %d × %d factors; %d pairs are rotated"
                .formatted(file.path(), ROPE_FACTORS, row.rows(), row.cols(), rotaryDim / 2));
      }
      float[] values = new float[row.cols()];
      BlockFormats.dequantizeRow(row, 0, values);
      return plain.dividedBy(values);
    }
    String type = metadata.string(key("rope.scaling.type")).orElse("none");
    return switch (type) {
      case "none" -> plain;
      case "linear" -> plain.linear(factor);
      case "yarn" -> yarn(base, rotaryDim, factor);
      default ->
          throw new UnsupportedModelException(
              "%s: rope.scaling.type is \"%s\"; none, linear and yarn are run"
                  .formatted(file.path(), type));
    };
  }

  private RopeFrequencies yarn(double base, int rotaryDim, double factor) {
    double original =
        integer("rope.scaling.original_context_length").orElse(required("context_length"));
    double attention = number("rope.scaling.attn_factor").orElse(1.0);
    return RopeFrequencies.yarn(
        base,
        rotaryDim,
        factor,
        original,
        number("rope.scaling.yarn_beta_fast").orElse(32.0),
        number("rope.scaling.yarn_beta_slow").orElse(1.0),
        attention * (1 + 0.1 * Math.log(factor)));
  }

  private RopeFrequencies localRope(int rotaryDim) {
    return RopeFrequencies.plain(number("rope.freq_base_swa").orElse(GEMMA3_LOCAL_BASE), rotaryDim);
  }

  private float attentionScale(boolean gemma, int layers, int hidden, int heads, int headDim) {
    boolean perHiddenHead = gemma && layers == GEMMA3_27B_LAYERS;
    double width = perHiddenHead ? (double) hidden / heads : headDim;
    return number("attention.scale").orElse(1 / Math.sqrt(width)).floatValue();
  }

  private List<Integer> windows(int layers, boolean gemma) {
    int window = integer("attention.sliding_window").orElse(0);
    int pattern =
        gemma ? integer("attention.sliding_window_pattern").orElse(GEMMA3_PATTERN) : layers + 1;
    if (layers < 0 || layers > file.tensors().size() || window < 0 || pattern <= 0) {
      throw new ModelFormatException(
          "%s: block count %d, sliding window %d or its pattern %d is impossible"
              .formatted(file.path(), layers, window, pattern));
    }
    List<Integer> windows = new ArrayList<>(layers);
    for (int layer = 0; layer < layers; layer++) {
      windows.add((layer + 1) % pattern == 0 ? 0 : window);
    }
    return windows;
  }

  private Pooling pooling() {
    return switch (integer("pooling_type").orElse(0)) {
      case 0 -> Pooling.NONE;
      case 1 -> Pooling.MEAN;
      case 2 -> Pooling.CLS;
      case 3 -> Pooling.LAST;
      default ->
          throw new UnsupportedModelException(
              "%s: pooling_type %d is not known; 0 to 3 are"
                  .formatted(file.path(), integer("pooling_type").orElse(0)));
    };
  }

  private String key(String name) {
    return architecture + "." + name;
  }

  private int required(String name) {
    return integer(name).orElseThrow(() -> missing("metadata \"" + key(name) + "\""));
  }

  private Optional<Integer> integer(String name) {
    if (metadata.isArray(key(name))) {
      throw new UnsupportedModelException(
          "%s: \"%s\" differs from layer to layer, which %s is not run with"
              .formatted(file.path(), key(name), architecture));
    }
    return metadata.integer(key(name)).map(value -> narrow(name, value));
  }

  private int narrow(String name, long value) {
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new ModelFormatException(
          "%s: metadata \"%s\" is %s; it must be between 0 and %d"
              .formatted(file.path(), key(name), Long.toUnsignedString(value), Integer.MAX_VALUE));
    }
    return (int) value;
  }

  private Optional<Double> number(String name) {
    return metadata.number(key(name));
  }

  private ModelFormatException missing(String what) {
    return new ModelFormatException(
        "%s: %s is missing; the file is no language model or was converted wrongly"
            .formatted(file.path(), what));
  }
}

package dev.krafla.models;

import dev.krafla.models.ModelInfo.Pooling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Reads a {@link ModelConfig} from {@code config.json} as {@code transformers} 4 and 5 write it.
 * What it says and this version does not compute is refused, never passed over.
 */
final class HuggingFaceConfig {
  private static final double DEFAULT_ROPE_BASE = 10_000;
  private static final double GEMMA3_ROPE_BASE = 1_000_000;
  private static final int GEMMA3_PATTERN = 6;
  private static final int MAX_HEAD_DIM = 1 << 10; // the largest in use is 576
  private static final int MAX_LAYERS = 1 << 10;

  private final Path folder;
  private final JsonNode json;
  private final String type;

  private HuggingFaceConfig(Path folder, JsonNode json) {
    this.folder = folder;
    this.json = json;
    this.type = json.path("model_type").asString("");
  }

  /** Reads the configuration of the model in {@code folder}, whose config.json is {@code root}. */
  static ModelConfig read(Path folder, JsonNode root) {
    return new HuggingFaceConfig(folder, text(root)).read();
  }

  /** Whether the output head is the token embedding. */
  static boolean tiesEmbeddings(JsonNode root) {
    JsonNode own = text(root).path("tie_word_embeddings");
    JsonNode flag = own.isMissingNode() ? root.path("tie_word_embeddings") : own;
    boolean gemma = root.path("model_type").asString("").startsWith("gemma3");
    return flag.isBoolean() ? flag.booleanValue() : gemma; // each class's own default
  }

  /** A multimodal model's configuration holds the language model's. */
  private static JsonNode text(JsonNode root) {
    JsonNode text = root.path("text_config");
    return text.isObject() ? text : root;
  }

  private ModelConfig read() {
    String architecture = architecture();
    boolean gemma = architecture.equals("gemma3");
    refuseUnknown(gemma);
    int hidden = required("hidden_size");
    int heads = required("num_attention_heads");
    int layers = required("num_hidden_layers");
    if (layers > MAX_LAYERS) {
      throw wrong("num_hidden_layers", layers);
    }
    int headDim = integer("head_dim", hidden / heads);
    if (headDim < 2 || headDim > MAX_HEAD_DIM || headDim % 2 != 0) {
      throw wrong("head_dim", headDim);
    }
    RopeFrequencies rope = gemma ? rope("full_attention", headDim) : rope("", headDim);
    return new ModelConfig(
        architecture,
        json.path("_name_or_path").asString(String.valueOf(folder.getFileName())),
        required("vocab_size"),
        hidden,
        required("intermediate_size"),
        layers,
        heads,
        integer("num_key_value_heads", heads),
        headDim,
        required("max_position_embeddings"),
        (float) number(json.path("rms_norm_eps"), 1e-6),
        rope,
        gemma ? rope("sliding_attention", headDim) : rope,
        false,
        windows(layers, gemma),
        (float) Math.pow(gemma ? required("query_pre_attn_scalar") : headDim, -0.5),
        (float) number(json.path("final_logit_softcapping"), 0),
        pooling());
  }

  private String architecture() {
    return switch (type) {
      case "llama", "mistral" -> "llama";
      case "qwen2", "qwen3" -> type;
      case "gemma3", "gemma3_text" -> "gemma3";
      default ->
          throw new UnsupportedModelException(
              "%s: is a \"%s\" model; this version runs llama, mistral, qwen2, qwen3 and gemma3"
                  .formatted(folder, type));
    };
  }

  private void refuseUnknown(boolean gemma) {
    String activation = gemma ? "hidden_activation" : "hidden_act";
    String expected = gemma ? "gelu_pytorch_tanh" : "silu";
    String found = json.path(activation).asString(expected);
    if (!found.equals(expected)) {
      throw unsupported(activation, found, expected);
    }
    for (String flag : List.of("attention_bias", "mlp_bias", "use_bidirectional_attention")) {
      if (json.path(flag).asBoolean(false)) {
        throw unsupported(flag, "true", "false");
      }
    }
    if (number(json.path("attn_logit_softcapping"), 0) != 0) {
      throw unsupported("attn_logit_softcapping", json.path("attn_logit_softcapping"), "null");
    }
    if (!json.path("quantization_config").isMissingNode()) {
      throw unsupported("quantization_config", "set", "a checkpoint in BF16, F16 or F32");
    }
  }

  /** Rope settings: {@code rope_parameters} since transformers 5, other keys before. */
  private RopeFrequencies rope(String layerType, int headDim) {
    JsonNode parameters = json.path("rope_parameters");
    if (parameters.isObject() && parameters.path(layerType).isObject()) {
      parameters = parameters.path(layerType);
    }
    boolean local = layerType.equals("sliding_attention");
    boolean old = !parameters.isObject();
    JsonNode scaling = old ? json.path("rope_scaling") : parameters;
    JsonNode theta =
        old
            ? json.path(local ? "rope_local_base_freq" : "rope_theta")
            : parameters.path("rope_theta");
    double fallback = layerType.equals("full_attention") ? GEMMA3_ROPE_BASE : DEFAULT_ROPE_BASE;
    double base = number(theta, fallback);
    if (!(base > 1 && base < 1e12)) {
      throw wrong("rope_theta", base);
    }
    if (number(json.path("partial_rotary_factor"), number(scaling.path("partial_rotary_factor"), 1))
        != 1) {
      throw unsupported("partial_rotary_factor", "set", "1");
    }
    return old && local ? RopeFrequencies.plain(base, headDim) : scaled(scaling, base, headDim);
  }

  private RopeFrequencies scaled(JsonNode scaling, double base, int headDim) {
    RopeFrequencies plain = RopeFrequencies.plain(base, headDim);
    String kind = scaling.path("rope_type").asString(scaling.path("type").asString("default"));
    double factor = number(scaling.path("factor"), 1);
    double original =
        number(
            scaling.path("original_max_position_embeddings"), required("max_position_embeddings"));
    if (!(factor > 0 && factor < 1e6 && original > 0)) {
      throw wrong("rope factor", factor);
    }
    return switch (kind) {
      case "default" -> plain;
      case "linear" -> plain.linear(factor);
      case "llama3" ->
          plain.llama3(
              factor,
              number(scaling.path("low_freq_factor"), 1),
              number(scaling.path("high_freq_factor"), 4),
              original);
      case "yarn" -> yarn(scaling, base, headDim, factor, original);
      default -> throw unsupported("rope_type", kind, "default, linear, llama3 or yarn");
    };
  }

  private RopeFrequencies yarn(
      JsonNode scaling, double base, int headDim, double factor, double original) {
    for (String key : List.of("mscale", "mscale_all_dim")) {
      if (number(scaling.path(key), 0) != 0) {
        throw unsupported(key, scaling.path(key), "unset");
      }
    }
    return RopeFrequencies.yarn(
        base,
        headDim,
        factor,
        original,
        number(scaling.path("beta_fast"), 32),
        number(scaling.path("beta_slow"), 1),
        number(scaling.path("attention_factor"), factor > 1 ? 0.1 * Math.log(factor) + 1 : 1.0));
  }

  private List<Integer> windows(int layers, boolean gemma) {
    int window = integer("sliding_window", 0);
    boolean used =
        gemma || type.equals("mistral") || json.path("use_sliding_window").asBoolean(false);
    JsonNode layerTypes = json.path("layer_types");
    int pattern =
        integer("sliding_window_pattern", integer("_sliding_window_pattern", GEMMA3_PATTERN));
    int firstWindowed = integer("max_window_layers", 0);
    if (pattern <= 0 || (layerTypes.isArray() && layerTypes.size() != layers)) {
      throw wrong("layer_types", layerTypes);
    }
    List<Integer> windows = new ArrayList<>(layers);
    for (int i = 0; i < layers; i++) {
      boolean sliding;
      if (layerTypes.isArray()) {
        sliding = isSliding(layerTypes.path(i).asString(""));
      } else if (gemma) {
        sliding = (i + 1) % pattern != 0;
      } else {
        sliding = type.equals("mistral") || i >= firstWindowed;
      }
      windows.add(used && sliding ? window : 0);
    }
    return windows;
  }

  private boolean isSliding(String layerType) {
    return switch (layerType) {
      case "sliding_attention" -> true;
      case "full_attention" -> false;
      default -> throw unsupported("layer_types", layerType, "sliding_attention or full_attention");
    };
  }

  /** A sentence-transformers folder says how its embeddings are pooled. */
  private Pooling pooling() {
    Path file = folder.resolve("1_Pooling").resolve("config.json");
    if (!Files.isRegularFile(file)) {
      return Pooling.NONE;
    }
    JsonNode modes = JsonFile.read(file);
    if (modes.path("pooling_mode_lasttoken").asBoolean(false)) {
      return Pooling.LAST;
    }
    if (modes.path("pooling_mode_cls_token").asBoolean(false)) {
      return Pooling.CLS;
    }
    return modes.path("pooling_mode_mean_tokens").asBoolean(false) ? Pooling.MEAN : Pooling.NONE;
  }

  private int required(String key) {
    JsonNode value = json.path(key);
    if (!value.isNumber() || !value.canConvertToInt() || value.intValue() <= 0) {
      throw wrong(key, value.isMissingNode() ? "missing" : value);
    }
    return value.intValue();
  }

  private int integer(String key, int fallback) {
    JsonNode value = json.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return fallback;
    }
    if (!value.isNumber() || !value.canConvertToInt() || value.intValue() < 0) {
      throw wrong(key, value);
    }
    return value.intValue();
  }

  private static double number(JsonNode value, double fallback) {
    return value.isNumber() ? value.doubleValue() : fallback;
  }

  private ModelFormatException wrong(String key, Object value) {
    return new ModelFormatException(
        "%s: config.json: \"%s\" is %s, which no such model has; fetch the file again"
            .formatted(folder, key, value));
  }

  private UnsupportedModelException unsupported(String key, Object value, String accepted) {
    return new UnsupportedModelException(
        "%s: config.json: \"%s\" is %s; this version runs %s"
            .formatted(folder, key, value, accepted));
  }
}

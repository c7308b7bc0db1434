package dev.krafla.models;

import dev.krafla.kernels.BlockFormats;
import dev.krafla.kernels.RawMatrix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A Hugging Face folder as a model: {@code config.json}, and the tensors of {@code
 * model.safetensors} or of the shards that {@code model.safetensors.index.json} lists.
 */
final class HuggingFaceSource implements ModelSource {
  private static final String CONFIG = "config.json";
  private static final String WHOLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  /** Where checkpoints keep the language model: alone, inside a multimodal one, as a bare body. */
  private static final List<String> PREFIXES =
      List.of("model.", "language_model.model.", "model.language_model.", "");

  private static final Pattern LAYER =
      Pattern.compile("layers\\.(\\d{1,4})\\.([a-z_.]+)\\.(weight|bias)");

  private static final Pattern SHARD = Pattern.compile("[A-Za-z0-9._-]{1,200}\\.safetensors");

  private static final Map<String, String> KINDS =
      Map.ofEntries(
          Map.entry("input_layernorm", "attn_norm"),
          Map.entry("self_attn.q_proj", "attn_q"),
          Map.entry("self_attn.k_proj", "attn_k"),
          Map.entry("self_attn.v_proj", "attn_v"),
          Map.entry("self_attn.o_proj", "attn_output"),
          Map.entry("self_attn.q_norm", "attn_q_norm"),
          Map.entry("self_attn.k_norm", "attn_k_norm"),
          Map.entry("mlp.gate_proj", "ffn_gate"),
          Map.entry("mlp.up_proj", "ffn_up"),
          Map.entry("mlp.down_proj", "ffn_down"));
  private static final Map<String, String> NORMS = Map.of("post_attention_layernorm", "ffn_norm");
  private static final Map<String, String> GEMMA_NORMS =
      Map.of(
          "post_attention_layernorm", "post_attention_norm",
          "pre_feedforward_layernorm", "ffn_norm",
          "post_feedforward_layernorm", "post_ffw_norm");

  /** A tensor and the file that holds it. */
  private record Located(SafetensorsFile file, SafetensorsFile.TensorInfo tensor) {}

  private final Path folder;
  private final List<SafetensorsFile> shards = new ArrayList<>();
  private final Map<String, Located> tensors = new HashMap<>(); // by canonical name
  private final ModelConfig config;
  private final boolean normsLessOne;

  private HuggingFaceSource(Path folder) {
    this.folder = folder;
    JsonNode json = JsonFile.read(folder.resolve(CONFIG));
    try {
      for (Path file : shardPaths(folder)) {
        shards.add(SafetensorsFile.open(file));
      }
      this.config = HuggingFaceConfig.read(folder, json);
      this.normsLessOne = config.architecture().equals("gemma3");
      locate(HuggingFaceConfig.tiesEmbeddings(json));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  static HuggingFaceSource open(Path folder) {
    if (!Files.isRegularFile(folder.resolve(CONFIG))) {
      throw new ModelFormatException(
          "%s: the folder has no %s; give a GGUF file or the folder of a Hugging Face model"
              .formatted(folder, CONFIG));
    }
    return new HuggingFaceSource(folder);
  }

  private static List<Path> shardPaths(Path folder) {
    if (Files.isRegularFile(folder.resolve(WHOLE))) {
      return List.of(folder.resolve(WHOLE));
    }
    Path index = folder.resolve(INDEX);
    if (!Files.isRegularFile(index)) {
      throw new ModelFormatException(
          "%s: has neither %s nor %s; fetch the model's safetensors files"
              .formatted(folder, WHOLE, INDEX));
    }
    Set<String> names = new TreeSet<>();
    for (JsonNode name : JsonFile.read(index).path("weight_map")) {
      names.add(name.asString(""));
    }
    List<Path> paths = new ArrayList<>();
    for (String name : names) {
      // A name from the index must not lead out of the folder, and be one on every system.
      if (!SHARD.matcher(name).matches()) {
        throw new ModelFormatException(
            "%s: shard \"%s\" is not the name of a safetensors file".formatted(index, name));
      }
      if (!Files.isRegularFile(folder.resolve(name))) {
        throw new ModelFormatException(
            "%s: lists shard \"%s\", which is not in the folder; fetch it".formatted(index, name));
      }
      paths.add(folder.resolve(name));
    }
    if (paths.isEmpty()) {
      throw new ModelFormatException("%s: lists no shards; fetch it again".formatted(index));
    }
    return paths;
  }

  private void locate(boolean tied) {
    Map<String, Located> stored = new HashMap<>();
    for (SafetensorsFile shard : shards) {
      for (SafetensorsFile.TensorInfo tensor : shard.tensors().values()) {
        if (stored.put(tensor.name(), new Located(shard, tensor)) != null) {
          throw new ModelFormatException(
              "%s: tensor \"%s\" is in two shards".formatted(folder, tensor.name()));
        }
      }
    }
    String prefix =
        PREFIXES.stream()
            .filter(p -> stored.containsKey(p + "embed_tokens.weight"))
            .findFirst()
            .orElseThrow(() ->
                new ModelFormatException(
                    "%s: has no tensor \"model.embed_tokens.weight\"; it is no language model"
                        .formatted(folder)));
    stored.forEach((name, located) -> locate(name, located, prefix, tied));
  }

  private void locate(String name, Located located, String prefix, boolean tied) {
    if (name.equals("lm_head.weight") || name.equals("language_model.lm_head.weight")) {
      if (!tied) {
        tensors.put(Weights.HEAD, located);
      }
    } else if (name.startsWith(prefix) && !name.endsWith(".rotary_emb.inv_freq")) {
      // Unknown names keep their own: they are then noticed as not part of the architecture.
      tensors.put(canonical(name.substring(prefix.length())), located);
    }
  }

  private String canonical(String name) {
    if (name.equals("embed_tokens.weight")) {
      return Weights.EMBEDDING;
    }
    if (name.equals("norm.weight")) {
      return "output_norm.weight";
    }
    Matcher layer = LAYER.matcher(name);
    if (!layer.matches()) {
      return name;
    }
    Map<String, String> norms = normsLessOne ? GEMMA_NORMS : NORMS;
    String kind = KINDS.getOrDefault(layer.group(2), norms.get(layer.group(2)));
    return kind == null
        ? name
        : "blk.%d.%s.%s".formatted(Integer.parseInt(layer.group(1)), kind, layer.group(3));
  }

  @Override
  public ModelConfig config() {
    return config;
  }

  @Override
  public List<Path> files() {
    List<Path> files = new ArrayList<>();
    files.add(folder.resolve(CONFIG));
    shards.forEach(shard -> files.add(shard.path()));
    return files;
  }

  @Override
  public Set<String> tensors() {
    return Set.copyOf(tensors.keySet());
  }

  @Override
  public RawMatrix matrix(String name, int rows, int cols) {
    Located located = tensors.get(name);
    if (located == null) {
      throw new ModelFormatException(
          "%s: a %s model needs the tensor GGUF calls \"%s\", and the files have none"
              .formatted(folder, config.architecture(), name));
    }
    RawMatrix matrix = located.file.matrix(located.tensor);
    if (matrix.rows() != rows || matrix.cols() != cols) {
      throw new ModelFormatException(
          "%s: tensor \"%s\" is %d × %d; by %s it should be %d × %d"
              .formatted(
                  located.file.path(),
                  located.tensor.name(),
                  matrix.rows(),
                  matrix.cols(),
                  CONFIG,
                  rows,
                  cols));
    }
    return matrix;
  }

  @Override
  public float[] vector(String name, int size) {
    float[] values = new float[size];
    BlockFormats.dequantizeRow(matrix(name, 1, size), 0, values);
    if (normsLessOne && name.endsWith("norm.weight")) {
      for (int i = 0; i < size; i++) {
        values[i] += 1;
      }
    }
    return values;
  }

  @Override
  public void close() {
    shards.forEach(SafetensorsFile::close);
  }
}

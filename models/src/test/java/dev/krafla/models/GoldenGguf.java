package dev.krafla.models;

import dev.krafla.kernels.WeightType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/**
 * Turns a golden folder into the GGUF file that llama.cpp's converter would make: F32 tensors under
 * GGUF names, llama's q and k permuted for interleaved rotary pairs, Llama 3's frequencies as
 * divisors. The weights come through {@link HuggingFaceSource}, whose own test is the folder's.
 */
final class GoldenGguf {
  private GoldenGguf() {}

  static void convert(Path folder, Path gguf) throws IOException {
    GgufWriter out = new GgufWriter();
    JsonNode json = JsonFile.read(folder.resolve("config.json"));
    try (ModelSource source = ModelSource.open(folder)) {
      ModelConfig c = source.config();
      metadata(out, c, json);
      for (String name : source.tensors().stream().sorted().toList()) {
        tensor(out, source, c, name);
      }
      if (json.path("rope_parameters").path("rope_type").asString("").equals("llama3")) {
        float[] plain =
            RopeFrequencies.plain(
                    json.path("rope_parameters").path("rope_theta").doubleValue(), c.headDim())
                .inverse();
        float[] factors = new float[plain.length];
        for (int i = 0; i < plain.length; i++) {
          factors[i] = plain[i] / c.rope().inverse()[i];
        }
        out.tensor("rope_freqs.weight", 0, bytes(factors), factors.length);
      }
    }
    out.write(gguf);
  }

  private static void metadata(GgufWriter out, ModelConfig c, JsonNode json) {
    String arch = c.architecture();
    out.put("general.architecture", arch)
        .put(arch + ".context_length", c.contextLength())
        .put(arch + ".embedding_length", c.hiddenSize())
        .put(arch + ".block_count", c.layers())
        .put(arch + ".feed_forward_length", c.ffnSize())
        .put(arch + ".attention.head_count", c.heads())
        .put(arch + ".attention.head_count_kv", c.kvHeads())
        .put(arch + ".attention.key_length", c.headDim())
        .put(arch + ".attention.value_length", c.headDim())
        .put(arch + ".attention.layer_norm_rms_epsilon", c.normEps());
    if (c.windows().getFirst() > 0) {
      out.put(arch + ".attention.sliding_window", c.windows().getFirst());
    }
    JsonNode rope = json.path("rope_parameters");
    if (arch.equals("gemma3")) {
      rope = rope.path("full_attention");
      out.put(arch + ".attention.sliding_window_pattern", 2)
          .put(arch + ".attention.scale", c.attentionScale())
          .put(arch + ".final_logit_softcapping", c.logitSoftcap());
    }
    out.put(arch + ".rope.freq_base", (float) rope.path("rope_theta").doubleValue());
    String type = rope.path("rope_type").asString("");
    if (type.equals("linear") || type.equals("yarn")) {
      out.put(arch + ".rope.scaling.type", type)
          .put(arch + ".rope.scaling.factor", (float) rope.path("factor").doubleValue())
          .put(
              arch + ".rope.scaling.original_context_length",
              rope.path("original_max_position_embeddings").intValue(256));
    }
  }

  private static void tensor(GgufWriter out, ModelSource source, ModelConfig c, String name) {
    if (name.endsWith("norm.weight") || name.endsWith(".bias")) {
      float[] values = source.vector(name, vectorSize(c, name));
      out.tensor(name, WeightType.F32.ggmlId(), bytes(values), values.length);
      return;
    }
    MatrixPlan shape =
        MatrixPlan.of(c).stream()
            .filter(plan -> plan.name().equals(name))
            .findFirst()
            .orElse(new MatrixPlan(name, c.vocabSize(), c.hiddenSize()));
    float[][] rows = rows(source, shape);
    if (c.architecture().equals("llama") && name.contains("attn_q.")) {
      rows = permute(rows, c.heads());
    }
    if (c.architecture().equals("llama") && name.contains("attn_k.")) {
      rows = permute(rows, c.kvHeads());
    }
    ByteBuffer data =
        ByteBuffer.allocate(shape.rows() * shape.cols() * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float[] row : rows) {
      data.put(bytes(row));
    }
    out.tensor(name, WeightType.F32.ggmlId(), data.array(), shape.cols(), shape.rows());
  }

  private static int vectorSize(ModelConfig c, String name) {
    if (name.contains("_q_norm") || name.contains("_k_norm")) {
      return c.headDim();
    }
    if (name.endsWith(".bias")) {
      return name.contains("attn_q") ? c.queryWidth() : c.keyWidth();
    }
    return c.hiddenSize();
  }

  private static float[][] rows(ModelSource source, MatrixPlan shape) {
    float[][] rows = new float[shape.rows()][shape.cols()];
    for (int r = 0; r < rows.length; r++) {
      dev.krafla.kernels.BlockFormats.dequantizeRow(
          source.matrix(shape.name(), shape.rows(), shape.cols()), r, rows[r]);
    }
    return rows;
  }

  /** Rows i and i + headDim/2 of a head become rows 2i and 2i + 1. */
  private static float[][] permute(float[][] rows, int heads) {
    int headDim = rows.length / heads;
    float[][] out = new float[rows.length][];
    for (int h = 0; h < heads; h++) {
      for (int i = 0; i < headDim / 2; i++) {
        out[h * headDim + 2 * i] = rows[h * headDim + i];
        out[h * headDim + 2 * i + 1] = rows[h * headDim + headDim / 2 + i];
      }
    }
    return out;
  }

  private static byte[] bytes(float[] values) {
    ByteBuffer out = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float v : values) {
      out.putFloat(v);
    }
    return out.array();
  }
}

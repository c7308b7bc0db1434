package dev.krafla.models;

import dev.krafla.kernels.WeightType;
import dev.krafla.testing.Damage;
import java.util.List;
import java.util.SplittableRandom;

/** Small whole models with a tokenizer and a template each. */
final class HandMade {
  private HandMade() {}

  static GgufWriter byteLevel() {
    String[] tokens = {"a", "b", "Ġ", "ab", "<|im_end|>", "Ġab"};
    return network(6)
        .put("tokenizer.ggml.model", "gpt2")
        .put("tokenizer.ggml.pre", "smollm")
        .put("tokenizer.ggml.tokens", tokens)
        .put("tokenizer.ggml.token_type", new int[] {1, 1, 1, 1, 3, 1})
        .put("tokenizer.ggml.merges", new String[] {"a b", "Ġ ab"})
        .put("tokenizer.ggml.eos_token_id", 4)
        .put("tokenizer.ggml.add_bos_token", false)
        .put("tokenizer.chat_template", "{% for m in messages %}{{ m.content }}{% endfor %}");
  }

  static GgufWriter sentencePiece() {
    String[] tokens = {"<unk>", "<s>", "</s>", "<0x0A>", "▁", "a", "▁a"};
    return network(7)
        .put("tokenizer.ggml.model", "llama")
        .put("tokenizer.ggml.tokens", tokens)
        .put("tokenizer.ggml.token_type", new int[] {2, 3, 3, 6, 1, 1, 1})
        .put("tokenizer.ggml.scores", new float[] {0, 0, 0, 0, -2, -3, -1})
        .put("tokenizer.ggml.bos_token_id", 1)
        .put("tokenizer.ggml.eos_token_id", 2)
        .put("tokenizer.ggml.unknown_token_id", 0);
  }

  /** Gives a key of {@code file} a value of any type, or adds a tensor of any shape. */
  static void oddValue(GgufWriter file, SplittableRandom random) {
    List<String> keys = file.keys();
    String key = keys.get(random.nextInt(keys.size()));
    int count = random.nextInt(9);
    switch (random.nextInt(11)) {
      case 0 -> file.put(key, Damage.number(random));
      case 1, 2 -> file.put(key, (int) Damage.number(random));
      case 3, 4 -> file.put(key, random.nextInt(70));
      case 5 -> file.put(key, Float.intBitsToFloat(random.nextInt()));
      case 6 -> file.put(key, random.nextBoolean());
      case 7 -> file.put(key, random.ints(count, -2, 9).toArray());
      case 8 -> file.put(key, new float[] {Float.NaN, Float.NEGATIVE_INFINITY, 1, -1});
      case 9 -> file.put(key, new String[] {"", " ", "a b", "\0", "x".repeat(count), key});
      default -> {
        long[] shape = random.longs(1 + random.nextInt(4), 0, 9).toArray();
        file.tensor("rope_freqs.weight", random.nextInt(42), new byte[count * 16], shape);
      }
    }
  }

  private static GgufWriter network(int vocab) {
    int hidden = 8;
    int ffn = 12;
    var out = new GgufWriter();
    out.put("general.architecture", "llama")
        .put("general.alignment", 32)
        .put("llama.context_length", 64)
        .put("llama.embedding_length", hidden)
        .put("llama.block_count", 1)
        .put("llama.feed_forward_length", ffn)
        .put("llama.attention.head_count", 2)
        .put("llama.attention.head_count_kv", 1)
        .put("llama.rope.dimension_count", 4)
        .put("llama.rope.freq_base", 10_000f)
        .put("llama.attention.layer_norm_rms_epsilon", 1e-5f);
    tensor(out, "token_embd.weight", hidden, vocab);
    tensor(out, "output_norm.weight", hidden);
    tensor(out, "blk.0.attn_norm.weight", hidden);
    tensor(out, "blk.0.ffn_norm.weight", hidden);
    tensor(out, "blk.0.attn_q.weight", hidden, 8);
    tensor(out, "blk.0.attn_k.weight", hidden, 4);
    tensor(out, "blk.0.attn_v.weight", hidden, 4);
    tensor(out, "blk.0.attn_output.weight", 8, hidden);
    tensor(out, "blk.0.ffn_gate.weight", hidden, ffn);
    tensor(out, "blk.0.ffn_up.weight", hidden, ffn);
    tensor(out, "blk.0.ffn_down.weight", ffn, hidden);
    return out;
  }

  private static void tensor(GgufWriter out, String name, long... dimensions) {
    long elements = 1;
    for (long d : dimensions) {
      elements *= d;
    }
    byte[] data = new byte[(int) elements * Float.BYTES];
    var random = new SplittableRandom(name.hashCode());
    for (int i = 0; i < data.length; i += Float.BYTES) {
      data[i + 2] = (byte) random.nextInt(256);
      data[i + 3] = (byte) (random.nextBoolean() ? 0x3E : 0xBE); // ±0.125 to ±0.5
    }
    out.tensor(name, WeightType.F32.ggmlId(), data, dimensions);
  }
}

package dev.krafla.models;

import dev.krafla.kernels.Activation;
import dev.krafla.kernels.ActivationPrecision;
import dev.krafla.kernels.BatchLayout;
import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.PackedMatrix;
import dev.krafla.kernels.RawMatrix;
import dev.krafla.kernels.RopeTable;
import dev.krafla.kernels.Tensor;

/** Qwen2 and Qwen2.5 (Yang et al. 2024): Llama's layer with a bias on queries, keys and values. */
final class Qwen2 implements Architecture {
  /** Weights of one layer. */
  private record Layer(
      Tensor attentionNorm, // (hidden)
      PackedMatrix[] qkv, // (heads·headDim | kvHeads·headDim | kvHeads·headDim, hidden)
      Tensor qBias, // (heads·headDim)
      Tensor kBias, // (kvHeads·headDim)
      Tensor vBias, // (kvHeads·headDim)
      PackedMatrix output, // (hidden, heads·headDim)
      Tensor ffnNorm, // (hidden)
      PackedMatrix[] gateUp, // (ffn | ffn, hidden)
      PackedMatrix down) {} // (hidden, ffn)

  private final ModelConfig c;
  private final Kernels k;
  private final Scratch s;
  private final Rope rope;
  private final RawMatrix embedding; // (vocab, hidden)
  private final Layer[] layers;
  private final Tensor finalNorm; // (hidden)

  Qwen2(ModelConfig config, Weights weights, Scratch scratch) {
    c = config;
    k = weights.kernels();
    s = scratch;
    rope = new Rope(c.rope(), c.ropeInterleaved());
    embedding = weights.embedding();
    layers = new Layer[c.layers()];
    for (int i = 0; i < layers.length; i++) {
      layers[i] =
          new Layer(
              weights.norm(i, "attn_norm", c.hiddenSize()),
              weights.matrices(i, "attn_q", "attn_k", "attn_v"),
              weights.bias(i, "attn_q", c.queryWidth()),
              weights.bias(i, "attn_k", c.keyWidth()),
              weights.bias(i, "attn_v", c.keyWidth()),
              weights.matrix(i, "attn_output"),
              weights.norm(i, "ffn_norm", c.hiddenSize()),
              weights.matrices(i, "ffn_gate", "ffn_up"),
              weights.matrix(i, "ffn_down"));
    }
    finalNorm = weights.vector("output_norm.weight", c.hiddenSize());
  }

  @Override
  public Tensor run(Batch batch, KvCache kv) {
    BatchLayout layout = batch.layout();
    int rows = layout.rows();
    RopeTable turn = rope.upTo(Scratch.longestContext(batch));

    k.embed(s.x(), embedding, batch.tokens(), rows, 1f);
    for (int i = 0; i < layers.length; i++) {
      Layer layer = layers[i];

      // Attention: x += output(attend(rope(q), rope(k), v))
      k.rmsNorm(s.normed(), s.x(), rows, layer.attentionNorm, c.normEps());
      k.matmul(s.qkv(), s.normed(), rows, layer.qkv);
      k.addBias(s.qkv(), rows, 0, layer.qBias);
      k.addBias(s.qkv(), rows, c.keyColumn(), layer.kBias);
      k.addBias(s.qkv(), rows, c.valueColumn(), layer.vBias);
      k.rope(s.qkv(), layout, 0, c.heads(), c.headDim(), turn);
      k.rope(s.qkv(), layout, c.keyColumn(), c.kvHeads(), c.headDim(), turn);
      k.writeKv(kv, i, s.qkv(), c.keyColumn(), c.valueColumn(), layout);
      k.attention(
          s.mixed(), s.qkv(), 0, c.heads(), kv, i, layout, c.attentionScale(), c.window(i), 0f);
      if (i == layers.length - 1) {
        rows = s.keepWanted(batch);
        if (rows == 0) {
          return s.normed();
        }
      }
      k.matmul(s.delta(), s.mixed(), rows, layer.output);
      k.add(s.x(), s.delta(), rows);

      // Feed-forward: x += down(silu(gate) · up)
      k.rmsNorm(s.normed(), s.x(), rows, layer.ffnNorm, c.normEps());
      k.matmul(s.gateUp(), s.normed(), rows, ActivationPrecision.MIXED, layer.gateUp);
      k.gate(s.gated(), s.gateUp(), rows, Activation.SILU);
      k.matmul(s.delta(), s.gated(), rows, layer.down);
      k.add(s.x(), s.delta(), rows);
    }
    k.rmsNorm(s.normed(), s.x(), rows, finalNorm, c.normEps());
    return s.normed();
  }
}

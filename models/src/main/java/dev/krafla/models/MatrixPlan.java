package dev.krafla.models;

import java.util.ArrayList;
import java.util.List;

/** A weight matrix that must be in memory before a model can run: its name and shape. */
record MatrixPlan(String name, int rows, int cols) {

  /** All matrices of a model in the order a step uses them, the output head last. */
  static List<MatrixPlan> of(ModelConfig c) {
    List<MatrixPlan> plan = new ArrayList<>();
    for (int layer = 0; layer < c.layers(); layer++) {
      plan.add(new MatrixPlan(name(layer, "attn_q"), c.queryWidth(), c.hiddenSize()));
      plan.add(new MatrixPlan(name(layer, "attn_k"), c.keyWidth(), c.hiddenSize()));
      plan.add(new MatrixPlan(name(layer, "attn_v"), c.keyWidth(), c.hiddenSize()));
      plan.add(new MatrixPlan(name(layer, "attn_output"), c.hiddenSize(), c.queryWidth()));
      plan.add(new MatrixPlan(name(layer, "ffn_gate"), c.ffnSize(), c.hiddenSize()));
      plan.add(new MatrixPlan(name(layer, "ffn_up"), c.ffnSize(), c.hiddenSize()));
      plan.add(new MatrixPlan(name(layer, "ffn_down"), c.hiddenSize(), c.ffnSize()));
    }
    plan.add(new MatrixPlan(Weights.HEAD, c.vocabSize(), c.hiddenSize()));
    return List.copyOf(plan);
  }

  /** Canonical name of a layer's weight of kind {@code kind}. */
  static String name(int layer, String kind) {
    return "blk.%d.%s.weight".formatted(layer, kind);
  }
}

package dev.krafla.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.util.Arrays;

/**
 * Attention as the textbook has it (Vaswani et al. 2017): all scores of one query, their softmax,
 * the weighted sum of values, each in order of position.
 */
final class ScalarAttention {
  private final ComputePool pool;
  private final Scratch[] scratch;

  ScalarAttention(ComputePool pool) {
    this.pool = pool;
    this.scratch = new Scratch[pool.size()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = new Scratch();
    }
  }

  /** One member's vectors; grow to the longest context and the largest head seen. */
  private static final class Scratch {
    private float[] query = new float[0];
    private float[] cached = new float[0];
    private float[] sum = new float[0];
    private float[] weights = new float[0];

    void fit(int headDim, int tokens) {
      if (query.length < headDim) {
        query = new float[headDim];
        cached = new float[headDim];
        sum = new float[headDim];
      }
      if (weights.length < tokens) {
        weights = new float[Math.max(tokens, 2 * weights.length)];
      }
    }
  }

  /** What one call asks for; see {@link Kernels#attention}. */
  private record Call(
      Tensor out,
      Tensor qkv,
      int queryColumn,
      int heads,
      KvCache kv,
      int layer,
      BatchLayout layout,
      float scale,
      int window,
      float softcap) {}

  void run(
      Tensor out,
      Tensor qkv,
      int queryColumn,
      int heads,
      KvCache kv,
      int layer,
      BatchLayout layout,
      float scale,
      int window,
      float softcap) {
    Call call = new Call(out, qkv, queryColumn, heads, kv, layer, layout, scale, window, softcap);
    pool.run((member, members) -> {
      for (int s = 0; s < layout.sequences(); s++) {
        for (int row = layout.queryStart(s); row < layout.queryStart(s + 1); row++) {
          // Dealt in turn, not in runs: later rows of a prompt look back further.
          for (int h = (row + member) % members; h < heads; h += members) {
            attend(call, s, row, h, scratch[member]);
          }
        }
      }
    });
  }

  private static void attend(Call call, int sequence, int row, int head, Scratch my) {
    int headDim = call.kv.shape().headDim();
    int kvHead = head / (call.heads / call.kv.shape().kvHeads());
    int last = call.layout.position(row);
    int first = call.window == 0 ? 0 : Math.max(0, last - call.window + 1);
    my.fit(headDim, last - first + 1);
    long query = (long) row * call.qkv.cols() + call.queryColumn + (long) head * headDim;
    for (int d = 0; d < headDim; d++) {
      my.query[d] = call.qkv.data().getAtIndex(JAVA_FLOAT, query + d);
    }
    float max = Float.NEGATIVE_INFINITY;
    for (int p = first; p <= last; p++) {
      KvVectors.readKey(call.kv, call.layer, slot(call, sequence, p), kvHead, my.cached);
      float score = dot(my.query, my.cached, headDim) * call.scale;
      if (call.softcap != 0) {
        score = call.softcap * (float) Math.tanh(score / call.softcap);
      }
      my.weights[p - first] = score;
      max = Math.max(max, score);
    }
    float total = 0;
    for (int p = first; p <= last; p++) {
      float e = (float) Math.exp(my.weights[p - first] - max);
      my.weights[p - first] = e;
      total += e;
    }
    Arrays.fill(my.sum, 0, headDim, 0);
    for (int p = first; p <= last; p++) {
      KvVectors.readValue(call.kv, call.layer, slot(call, sequence, p), kvHead, my.cached);
      float weight = my.weights[p - first];
      for (int d = 0; d < headDim; d++) {
        my.sum[d] += weight * my.cached[d];
      }
    }
    long out = (long) row * call.out.cols() + (long) head * headDim;
    for (int d = 0; d < headDim; d++) {
      call.out.data().setAtIndex(JAVA_FLOAT, out + d, my.sum[d] / total);
    }
  }

  private static int slot(Call call, int sequence, int position) {
    int block = call.layout.block(sequence, position / KvCache.BLOCK_TOKENS);
    return block * KvCache.BLOCK_TOKENS + position % KvCache.BLOCK_TOKENS;
  }

  private static float dot(float[] a, float[] b, int n) {
    float sum = 0;
    for (int i = 0; i < n; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}

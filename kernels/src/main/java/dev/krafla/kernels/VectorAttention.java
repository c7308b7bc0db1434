package dev.krafla.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Attention with the Vector API: a block's keys and values are decoded once for the query heads of
 * a kv head and for several rows; the softmax runs on from block to block (Milakov and Gimelshein
 * 2018). What a row's sums hold depends on positions alone, so its bits are the same in every
 * batch.
 */
final class VectorAttention {
  private static final VectorSpecies<Float> F32 = VectorBlocks.F32;
  private static final int TOKENS = KvCache.BLOCK_TOKENS;

  /** Rows that share a decoded block. */
  private static final int TILE_ROWS = 8;

  private final ComputePool pool;
  private final Scratch[] scratch;

  VectorAttention(ComputePool pool) {
    this.pool = pool;
    this.scratch = new Scratch[pool.size()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = new Scratch();
    }
  }

  /** One member's block and running results; grow to the largest head and grouping seen. */
  private static final class Scratch {
    private float[] keys = new float[0];
    private float[] values = new float[0];
    private float[] queries = new float[0];
    private float[] sums = new float[0];
    private float[] largest = new float[0];
    private float[] totals = new float[0];
    private final float[] weights = new float[TOKENS];

    void fit(int headDim, int count) {
      if (keys.length < headDim * TOKENS || queries.length < headDim * count) {
        keys = new float[headDim * TOKENS];
        values = new float[headDim * TOKENS];
        queries = new float[headDim * count];
        sums = new float[headDim * count];
      }
      if (totals.length < count) {
        largest = new float[count];
        totals = new float[count];
      }
    }
  }

  /** What one call asks for; see {@link Kernels#attention}. */
  record Call(
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
    int group() {
      return heads / kv.shape().kvHeads();
    }

    int firstSeen(int position) {
      return window == 0 ? 0 : Math.max(0, position - window + 1);
    }
  }

  void run(Call call) {
    pool.run((member, members) -> {
      int turn = 0;
      for (int s = 0; s < call.layout.sequences(); s++) {
        int end = call.layout.queryStart(s + 1);
        for (int row = call.layout.queryStart(s); row < end; row += TILE_ROWS) {
          for (int h = 0; h < call.kv.shape().kvHeads(); h++) {
            if (turn++ % members == member) {
              tile(call, s, row, Math.min(TILE_ROWS, end - row), h, scratch[member]);
            }
          }
        }
      }
    });
  }

  private static void tile(Call call, int sequence, int row, int rows, int kvHead, Scratch my) {
    int dim = call.kv.shape().headDim();
    int group = call.group();
    int count = rows * group;
    my.fit(dim, count);
    Arrays.fill(my.sums, 0, count * dim, 0);
    Arrays.fill(my.totals, 0, count, 0);
    Arrays.fill(my.largest, 0, count, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < count; i++) {
      long at = (long) (row + i / group) * call.qkv.cols() + call.queryColumn;
      long from = at + (long) (kvHead * group + i % group) * dim;
      MemorySegment.copy(call.qkv.data(), JAVA_FLOAT, from * Float.BYTES, my.queries, i * dim, dim);
    }
    int first = call.firstSeen(call.layout.position(row)) / TOKENS;
    int last = call.layout.position(row + rows - 1) / TOKENS;
    for (int b = first; b <= last; b++) {
      decode(call, call.layout.block(sequence, b), kvHead, true, my.keys);
      decode(call, call.layout.block(sequence, b), kvHead, false, my.values);
      for (int i = 0; i < count; i++) {
        int position = call.layout.position(row + i / group);
        int from = Math.max(0, call.firstSeen(position) - b * TOKENS);
        int to = Math.min(TOKENS, position + 1 - b * TOKENS);
        if (from < to) {
          step(call, my, i, dim, from, to);
        }
      }
    }
    for (int i = 0; i < count; i++) {
      long at = (long) (row + i / group) * call.out.cols();
      long to = at + (long) (kvHead * group + i % group) * dim;
      for (int d = 0; d < dim; d++) {
        call.out.data().setAtIndex(JAVA_FLOAT, to + d, my.sums[i * dim + d] / my.totals[i]);
      }
    }
  }

  /** Takes tokens {@code from … to − 1} of the decoded block into query {@code i}'s results. */
  private static void step(Call call, Scratch my, int i, int dim, int from, int to) {
    for (int t = 0; t < TOKENS; t += F32.length()) {
      FloatVector score = FloatVector.zero(F32);
      for (int d = 0; d < dim; d++) {
        FloatVector key = FloatVector.fromArray(F32, my.keys, d * TOKENS + t);
        score = key.fma(FloatVector.broadcast(F32, my.queries[i * dim + d]), score);
      }
      score = score.mul(call.scale);
      if (call.softcap != 0) {
        score = VectorMath.softcap(score, call.softcap);
      }
      score.intoArray(my.weights, t);
    }
    Arrays.fill(my.weights, 0, from, Float.NEGATIVE_INFINITY);
    Arrays.fill(my.weights, to, TOKENS, Float.NEGATIVE_INFINITY);
    float largest = my.largest[i];
    for (int t = from; t < to; t++) {
      largest = Math.max(largest, my.weights[t]);
    }
    float total = my.totals[i] == 0 ? 0 : my.totals[i] * exp(my.largest[i] - largest);
    float keep = my.totals[i] == 0 ? 0 : exp(my.largest[i] - largest);
    for (int t = 0; t < TOKENS; t += F32.length()) {
      FloatVector score = FloatVector.fromArray(F32, my.weights, t);
      VectorMath.exp(score.sub(largest)).intoArray(my.weights, t);
    }
    for (int t = from; t < to; t++) {
      total += my.weights[t];
    }
    my.largest[i] = largest;
    my.totals[i] = total;
    addValues(my, i * dim, dim, from, to, keep);
  }

  private static void addValues(Scratch my, int at, int dim, int from, int to, float keep) {
    int d = 0;
    for (; d + F32.length() <= dim; d += F32.length()) {
      FloatVector sum = FloatVector.fromArray(F32, my.sums, at + d).mul(keep);
      for (int t = from; t < to; t++) {
        FloatVector value = FloatVector.fromArray(F32, my.values, t * dim + d);
        sum = value.fma(FloatVector.broadcast(F32, my.weights[t]), sum);
      }
      sum.intoArray(my.sums, at + d);
    }
    for (; d < dim; d++) {
      float sum = my.sums[at + d] * keep;
      for (int t = from; t < to; t++) {
        sum += my.weights[t] * my.values[t * dim + d];
      }
      my.sums[at + d] = sum;
    }
  }

  /** One lane of {@link VectorMath#exp}. */
  private static float exp(float x) {
    return VectorMath.exp(FloatVector.broadcast(F32, x)).lane(0);
  }

  /** K {@code [headDim][16]} or V {@code [16][headDim]} of one block and head as floats. */
  private static void decode(Call call, int block, int head, boolean key, float[] out) {
    KvCache kv = call.kv;
    int dim = kv.shape().headDim();
    MemorySegment slab = kv.slab(call.layer);
    long base = block * kv.blockStride() + head * kv.headStride() + (key ? 0 : kv.valueOffset());
    int n = dim * TOKENS;
    switch (kv.type()) {
      case F32 -> Floats.decode(WeightType.F32, slab, base, n, out, 0);
      case F16 -> Floats.decode(WeightType.F16, slab, base, n, out, 0);
      case BF16 -> Floats.decode(WeightType.BF16, slab, base, n, out, 0);
      case Q8 -> {
        int inner = key ? TOKENS : dim;
        int perScale = key ? TOKENS : KvVectors.Q8_GROUP;
        for (int i = 0; i < n; i++) {
          int outer = i / inner;
          int scale =
              key
                  ? outer / KvVectors.Q8_GROUP * TOKENS + i % TOKENS
                  : outer * (dim / perScale) + i % inner / perScale;
          out[i] = slab.get(JAVA_BYTE, base + i) * slab.get(Floats.F32, base + n + 4L * scale);
        }
      }
    }
  }
}

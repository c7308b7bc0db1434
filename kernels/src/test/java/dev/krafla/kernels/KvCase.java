package dev.krafla.kernels;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Random sequences with a history in a cache whose unwritten slots hold NaN, and a step of new rows
 * for each.
 *
 * @param written all tokens' queries, keys and values, by sequence and position
 */
record KvCase(
    int heads, KvCache kv, BatchLayout step, Tensor qkv, List<Tensor> written, List<Seq> seqs) {

  /**
   * A sequence of {@code history} cached tokens, the first {@code shared} of them those of the
   * earlier sequence {@code parent}, in its blocks as far as these are full.
   */
  record Seq(int history, int rows, int shared, int parent) {
    static Seq of(int history, int rows) {
      return new Seq(history, rows, 0, 0);
    }

    int length() {
      return history + rows;
    }
  }

  int queryColumns() {
    return heads * kv.shape().headDim();
  }

  int keyColumn() {
    return queryColumns();
  }

  int valueColumn() {
    return queryColumns() + kv.shape().kvHeads() * kv.shape().headDim();
  }

  /** Fills the cache through {@code kernels}, history and step alike. */
  static KvCase random(
      Arena arena, Kernels kernels, int heads, KvShape shape, KvType type, List<Seq> seqs) {
    Random random = new Random(42);
    int cols = (heads + 2 * shape.kvHeads()) * shape.headDim();
    int maxBlocks =
        seqs.stream().mapToInt(s -> s.length() / KvCache.BLOCK_TOKENS + 1).max().orElseThrow();
    int total = seqs.size() * maxBlocks + 1;
    KvCache kv = new KvCache(shape, type, total, arena);
    for (int layer = 0; layer < shape.layers(); layer++) {
      kv.slab(layer).fill((byte) 0xff); // NaN in every float format
    }
    List<int[]> tables = blockTables(seqs, maxBlocks, total, random);
    int rows = seqs.stream().mapToInt(Seq::rows).sum();
    BatchLayout step = new BatchLayout(arena, rows, seqs.size(), maxBlocks);
    Tensor qkv = Tensor.allocate(arena, rows, cols);
    List<Tensor> written = new ArrayList<>();
    KvCase made = new KvCase(heads, kv, step, qkv, written, seqs);
    int row = 0;
    for (int s = 0; s < seqs.size(); s++) {
      Seq seq = seqs.get(s);
      Tensor all = randomTensor(arena, seq.length(), cols, random);
      if (s > 0 && seq.shared() > 0) { // the same tokens have the same keys and values
        Tensor parent = written.get(seq.parent());
        all.slice(0, seq.shared()).data().copyFrom(parent.slice(0, seq.shared()).data());
      }
      written.add(all);
      BatchLayout history = new BatchLayout(arena, seq.length(), 1, maxBlocks);
      history.addSequence(0, seq.length(), tables.get(s), maxBlocks);
      for (int layer = 0; layer < shape.layers(); layer++) {
        kernels.writeKv(kv, layer, all, made.keyColumn(), made.valueColumn(), history);
      }
      qkv.slice(row, seq.rows()).data().copyFrom(all.slice(seq.history(), seq.rows()).data());
      step.addSequence(
          seq.history(), seq.rows(), tables.get(s), seq.length() / KvCache.BLOCK_TOKENS + 1);
      row += seq.rows();
    }
    return made;
  }

  /** Distinct shuffled blocks, but for the leading ones that a sequence shares with its parent. */
  private static List<int[]> blockTables(List<Seq> seqs, int maxBlocks, int total, Random random) {
    List<Integer> free = new ArrayList<>();
    for (int b = 0; b < total; b++) {
      free.add(b);
    }
    Collections.shuffle(free, random);
    List<int[]> tables = new ArrayList<>();
    for (Seq seq : seqs) {
      int[] table = new int[maxBlocks];
      for (int i = 0; i < maxBlocks; i++) {
        boolean shared = !tables.isEmpty() && (i + 1) * KvCache.BLOCK_TOKENS <= seq.shared();
        table[i] = shared ? tables.get(seq.parent())[i] : free.removeLast();
      }
      tables.add(table);
    }
    return tables;
  }

  static Tensor randomTensor(Arena arena, int rows, int cols, Random random) {
    Tensor t = Tensor.allocate(arena, rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        t.set(r, c, (float) random.nextGaussian());
      }
    }
    return t;
  }

  /** The same case with only the sequence {@code s} in the step. */
  KvCase alone(Arena arena, int s) {
    Seq seq = seqs.get(s);
    int first = step.queryStart(s);
    int[] table = new int[seq.length() / KvCache.BLOCK_TOKENS + 1];
    for (int i = 0; i < table.length; i++) {
      table[i] = step.block(s, i);
    }
    BatchLayout one = new BatchLayout(arena, seq.rows(), 1, table.length);
    one.addSequence(seq.history(), seq.rows(), table, table.length);
    return new KvCase(
        heads, kv, one, qkv.slice(first, seq.rows()), List.of(written.get(s)), List.of(seq));
  }

  /** Attention of head {@code head} of row {@code row} in double, over what the cache holds. */
  double[] exact(int row, int head, int layer, float scale, int window, float softcap) {
    int s = 0;
    while (step.queryStart(s + 1) <= row) {
      s++;
    }
    int dim = kv.shape().headDim();
    int kvHead = head / (heads / kv.shape().kvHeads());
    int last = step.position(row);
    int first = window == 0 ? 0 : Math.max(0, last - window + 1);
    double[] scores = new double[last - first + 1];
    float[] cached = new float[dim];
    double max = Double.NEGATIVE_INFINITY;
    for (int p = first; p <= last; p++) {
      KvVectors.readKey(kv, layer, slot(s, p), kvHead, cached);
      double dot = 0;
      for (int d = 0; d < dim; d++) {
        dot += (double) qkv.get(row, head * dim + d) * cached[d];
      }
      double score = dot * scale;
      scores[p - first] = softcap == 0 ? score : softcap * Math.tanh(score / softcap);
      max = Math.max(max, scores[p - first]);
    }
    double total = 0;
    double[] out = new double[dim];
    for (int p = first; p <= last; p++) {
      double weight = Math.exp(scores[p - first] - max);
      total += weight;
      KvVectors.readValue(kv, layer, slot(s, p), kvHead, cached);
      for (int d = 0; d < dim; d++) {
        out[d] += weight * cached[d];
      }
    }
    for (int d = 0; d < dim; d++) {
      out[d] /= total;
    }
    return out;
  }

  private int slot(int s, int position) {
    return step.block(s, position / KvCache.BLOCK_TOKENS) * KvCache.BLOCK_TOKENS
        + position % KvCache.BLOCK_TOKENS;
  }
}

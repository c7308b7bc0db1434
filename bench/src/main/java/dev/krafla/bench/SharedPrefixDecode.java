package dev.krafla.bench;

import dev.krafla.kernels.BatchLayout;
import dev.krafla.kernels.KernelTiers;
import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvType;
import dev.krafla.kernels.Tensor;
import dev.krafla.models.Batch;
import dev.krafla.models.CausalLm;
import dev.krafla.models.LoadOptions;
import dev.krafla.models.ModelLoader;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A decode step of several sequences with one prefix, on a real model without the engine around it:
 * what sharing the prefix's blocks saves, and what reading them once for all (cascade attention)
 * saves of that. Arguments: MODEL, tokens of the prefix, sequences, threads, rounds; each round
 * does all ways in turn. Prints the step's time, and the processor time of its first thread, which
 * others on the machine disturb less. All ways must give the same logits, bit for bit.
 */
public final class SharedPrefixDecode {
  private static final int STEPS = 8;
  private static final int PREFILL_ROWS = 512;
  private static final int ANSWER_TOKENS = 80;

  /** Which blocks of the prefix a sequence has to itself. */
  private enum Way {
    /** All: every sequence has a copy. */
    COPIES("own copies"),
    /** The first alone, which ends the search for what could be read together. */
    ROW_BY_ROW("shared, read by each"),
    /** None. */
    CASCADE("shared, read once");

    private final String words;

    Way(String words) {
      this.words = words;
    }
  }

  private final CausalLm lm;
  private final int prefix;
  private final int sequences;
  private final int blocks;
  private final KvCache kv;
  private final BatchLayout layout;
  private final Tensor logits;
  private final Tensor expected;

  private SharedPrefixDecode(CausalLm lm, int prefix, int sequences, Arena arena) {
    this.lm = lm;
    this.prefix = prefix;
    this.sequences = sequences;
    this.blocks = (prefix + ANSWER_TOKENS) / KvCache.BLOCK_TOKENS + 1;
    this.kv = new KvCache(lm.kvShape(), KvType.F16, blocks * sequences, arena);
    this.layout = new BatchLayout(arena, PREFILL_ROWS, sequences, blocks);
    this.logits = Tensor.allocate(arena, sequences, lm.info().vocabSize());
    this.expected = Tensor.allocate(arena, sequences, lm.info().vocabSize());
  }

  public static void main(String[] args) {
    int prefix = Integer.parseInt(args[1]);
    int sequences = Integer.parseInt(args[2]);
    int threads = Integer.parseInt(args[3]);
    LoadOptions options = LoadOptions.defaults().withMaxBatchRows(PREFILL_ROWS);
    try (Kernels kernels = KernelTiers.best(threads);
        CausalLm lm = ModelLoader.loadLm(Path.of(args[0]), kernels, options);
        Arena arena = Arena.ofShared()) {
      System.out.printf(
          "%s, %s, %d sequences on %d tokens, threads: %d%n%-22s %9s %9s %9s%n",
          lm.info().name(),
          kernels.tier(),
          sequences,
          prefix,
          threads,
          "prefix",
          "step ms",
          "cpu ms",
          "least");
      new SharedPrefixDecode(lm, prefix, sequences, arena).measure(Integer.parseInt(args[4]));
    }
  }

  /** Milliseconds of a step, one element a round. */
  private record Samples(Way way, double[] wall, double[] cpu) {
    void print() {
      int middle = wall.length / 2;
      Arrays.sort(wall);
      Arrays.sort(cpu);
      System.out.printf("%-22s %9.2f %9.2f %9.2f%n", way.words, wall[middle], cpu[middle], cpu[0]);
    }
  }

  private void measure(int rounds) {
    prefill();
    List<Samples> all = new ArrayList<>();
    for (Way way : Way.values()) {
      all.add(new Samples(way, new double[rounds], new double[rounds]));
      decode(way);
      checkSame(way);
    }
    var thread = ManagementFactory.getThreadMXBean();
    for (int round = 0; round < rounds; round++) {
      for (Samples samples : all) {
        long cpuFrom = thread.getCurrentThreadCpuTime();
        long from = System.nanoTime();
        decode(samples.way);
        samples.wall[round] = (System.nanoTime() - from) / 1e6 / STEPS;
        samples.cpu[round] = (thread.getCurrentThreadCpuTime() - cpuFrom) / 1e6 / STEPS;
      }
    }
    all.forEach(Samples::print);
  }

  /** Computes the prefix once, and copies its blocks to where every sequence has its own. */
  private void prefill() {
    int[] tokens = new Random(1).ints(prefix, 100, lm.info().vocabSize()).toArray();
    int[] table = table(0, Way.COPIES);
    for (int from = 0; from < prefix; from += PREFILL_ROWS) {
      int count = Math.min(PREFILL_ROWS, prefix - from);
      layout.clear();
      layout.addSequence(from, count, table, blocks);
      int[] rows = IntStream.range(from, from + count).map(i -> tokens[i]).toArray();
      lm.forward(new Batch(layout, rows, new int[0], 0), kv, logits);
    }
    for (int b = blocks; b < sequences * blocks; b++) {
      kv.block(b).copyFrom(kv.block(b % blocks));
    }
  }

  private int[] table(int sequence, Way way) {
    int shared = prefix / KvCache.BLOCK_TOKENS;
    int[] table = new int[blocks];
    for (int b = 0; b < blocks; b++) {
      boolean own = way == Way.COPIES || b >= shared || (way == Way.ROW_BY_ROW && b == 0);
      table[b] = own ? sequence * blocks + b : b;
    }
    return table;
  }

  private void decode(Way way) {
    int[] wanted = IntStream.range(0, sequences).toArray();
    for (int step = 0; step < STEPS; step++) {
      int[] tokens = new int[sequences];
      layout.clear();
      for (int s = 0; s < sequences; s++) {
        layout.addSequence(prefix + step, 1, table(s, way), blocks);
        tokens[s] = 100 + step + s;
      }
      lm.forward(new Batch(layout, tokens, wanted, sequences), kv, logits);
    }
  }

  private void checkSame(Way way) {
    if (way == Way.COPIES) {
      expected.data().copyFrom(logits.data());
    }
    long differs = logits.data().mismatch(expected.data());
    if (differs >= 0) {
      throw new IllegalStateException(
          "%s: logits differ from those with own copies at byte %d".formatted(way.words, differs));
    }
  }
}

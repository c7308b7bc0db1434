package dev.krafla.bench;

import static dev.krafla.kernels.KvCache.BLOCK_TOKENS;

import dev.krafla.kernels.BatchLayout;
import dev.krafla.kernels.Kernels;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvShape;
import dev.krafla.kernels.KvType;
import dev.krafla.kernels.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Attention of one layer over a paged cache of {@code context} tokens a sequence, in shuffled
 * blocks: 8 query heads on 2 kv heads of 64.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1) // the Vector API takes seconds to be compiled
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class AttentionBenchmark {
  private static final int HEADS = 8;
  private static final KvShape SHAPE = new KvShape(1, 2, 64);
  private static final int DIM = SHAPE.headDim();
  private static final int KEY_COLUMN = HEADS * DIM;
  private static final int VALUE_COLUMN = KEY_COLUMN + SHAPE.kvHeads() * DIM;
  private static final int COLUMNS = VALUE_COLUMN + SHAPE.kvHeads() * DIM;
  private static final float SCALE = (float) (1 / Math.sqrt(DIM));

  /** What a step computes. */
  public enum Step {
    /** One token of one sequence. */
    DECODE_1(1, 1),
    /** One token each of eight. */
    DECODE_8(8, 1),
    /** The last 256 tokens of a prompt. */
    PREFILL_256(1, 256);

    private final int sequences;
    private final int rows;

    Step(int sequences, int rows) {
      this.sequences = sequences;
      this.rows = rows;
    }
  }

  @Param({"scalar", "vector", "native"})
  String tier;

  @Param Step step;

  @Param({"512", "4096"})
  int context;

  @Param({"F16", "Q8"})
  KvType type;

  @Param("1")
  int threads;

  private final Arena arena = Arena.ofAuto();
  private Kernels kernels;
  private KvCache kv;
  private BatchLayout layout;
  private List<Tensor> tokens; // by sequence: queries, keys and values of all its tokens
  private Tensor qkv;
  private Tensor out;

  @Setup
  public void open() {
    var random = new Random(2);
    kernels = Tiers.open(tier, threads);
    int blocks = context / BLOCK_TOKENS;
    kv = new KvCache(SHAPE, type, step.sequences * blocks, arena);
    layout = new BatchLayout(arena, step.sequences * step.rows, step.sequences, blocks);
    qkv = Tensor.allocate(arena, step.sequences * step.rows, COLUMNS);
    out = Tensor.allocate(arena, step.sequences * step.rows, HEADS * DIM);
    tokens = new ArrayList<>();
    List<Integer> free = new ArrayList<>();
    for (int b = 0; b < step.sequences * blocks; b++) {
      free.add(b);
    }
    Collections.shuffle(free, random);
    for (int s = 0; s < step.sequences; s++) {
      List<Integer> own = free.subList(s * blocks, (s + 1) * blocks);
      addSequence(s, own.stream().mapToInt(Integer::intValue).toArray(), random);
    }
  }

  private void addSequence(int s, int[] table, Random random) {
    Tensor all = RandomMatrix.activations(arena, context, COLUMNS, random);
    tokens.add(all);
    var whole = new BatchLayout(arena, context, 1, table.length);
    whole.addSequence(0, context, table, table.length);
    kernels.writeKv(kv, 0, all, KEY_COLUMN, VALUE_COLUMN, whole);
    int history = context - step.rows;
    layout.addSequence(history, step.rows, table, table.length);
    qkv.slice(s * step.rows, step.rows).data().copyFrom(all.slice(history, step.rows).data());
  }

  @Benchmark
  public Tensor attention() {
    kernels.attention(out, qkv, 0, HEADS, kv, 0, layout, SCALE, 0, 0f);
    return out;
  }

  @TearDown
  public void checkAndClose() {
    try {
      for (int s = 0; s < step.sequences; s++) {
        for (int head = 0; head < HEADS; head++) {
          check(s, 0, head);
          check(s, step.rows - 1, head);
        }
      }
    } finally {
      kernels.close();
    }
  }

  /**
   * Compares with the textbook's formula in double, on keys and values before they were rounded.
   */
  private void check(int s, int row, int head) {
    Tensor all = tokens.get(s);
    int last = context - step.rows + row;
    int key = KEY_COLUMN + head / (HEADS / SHAPE.kvHeads()) * DIM;
    int value = key - KEY_COLUMN + VALUE_COLUMN;
    double[] exact = new double[DIM];
    double total = 0;
    for (int p = 0; p <= last; p++) {
      double score = 0;
      for (int d = 0; d < DIM; d++) {
        score += (double) all.get(last, head * DIM + d) * all.get(p, key + d);
      }
      double weight = Math.exp(score * SCALE);
      total += weight;
      for (int d = 0; d < DIM; d++) {
        exact[d] += weight * all.get(p, value + d);
      }
    }
    double tolerance = type == KvType.Q8 ? 0.03 : 0.01;
    for (int d = 0; d < DIM; d++) {
      float got = out.get(s * step.rows + row, head * DIM + d);
      if (!(Math.abs(got - exact[d] / total) <= tolerance)) {
        throw new IllegalStateException(
            "%s: sequence %d, row %d, head %d, element %d is %s, exactly %s"
                .formatted(tier, s, row, head, d, got, exact[d] / total));
      }
    }
  }
}

package dev.krafla.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krafla.kernels.KvCase.Seq;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every tier's attention and cache writes hold to; a tier's test extends this. */
abstract class AttentionContract {
  /** Error of an output, relative to values of magnitude about 1: float32 sums, a fast e^x. */
  private static final double TOLERANCE = 2e-5;

  private static final List<Seq> MIXED =
      List.of(
          Seq.of(0, 1),
          Seq.of(15, 1),
          Seq.of(16, 1),
          Seq.of(0, 37),
          Seq.of(300, 1),
          Seq.of(120, 20),
          Seq.of(127, 1),
          Seq.of(128, 2),
          Seq.of(511, 1));

  private final Arena arena = Arena.ofAuto();

  /** A fresh instance of the tier on a pool of so many threads. */
  abstract Kernels open(int threads);

  private static Tensor attend(
      Arena arena, Kernels kernels, KvCase c, float scale, int window, float softcap) {
    Tensor out = Tensor.allocate(arena, c.qkv().rows(), c.queryColumns());
    kernels.attention(out, c.qkv(), 0, c.heads(), c.kv(), 0, c.step(), scale, window, softcap);
    return out;
  }

  private static void assertExact(KvCase c, Tensor out, float scale, int window, float softcap) {
    int dim = c.kv().shape().headDim();
    for (int row = 0; row < c.qkv().rows(); row++) {
      for (int head = 0; head < c.heads(); head++) {
        double[] exact = c.exact(row, head, 0, scale, window, softcap);
        for (int d = 0; d < dim; d++) {
          assertThat((double) out.get(row, head * dim + d))
              .as("row %d head %d dimension %d", row, head, d)
              .isCloseTo(exact[d], within(TOLERANCE));
        }
      }
    }
  }

  static Stream<KvType> types() {
    return Stream.of(KvType.values());
  }

  @ParameterizedTest
  @MethodSource("types")
  void attendsToEverySequenceOfAMixedBatch(KvType type) {
    try (Kernels kernels = open(2)) {
      KvCase c = KvCase.random(arena, kernels, 6, new KvShape(1, 2, 64), type, MIXED);
      assertExact(c, attend(arena, kernels, c, 0.125f, 0, 0), 0.125f, 0, 0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 64", "2, 1, 64", "4, 1, 256", "5, 1, 64", "7, 1, 32", "8, 1, 128", "9, 3, 64",
    "3, 3, 80", "8, 2, 96", "2, 2, 4", "3, 1, 12", "4, 2, 72", "12, 2, 20", "50, 1, 8"
  })
  void takesAnyHeadSizeAndGrouping(int heads, int kvHeads, int headDim) {
    float scale = (float) (1 / Math.sqrt(headDim));
    List<Seq> seqs = List.of(Seq.of(200, 1), Seq.of(0, 19), Seq.of(30, 3));
    for (KvType type : KvType.values()) {
      if (type == KvType.Q8 && headDim % KvVectors.Q8_GROUP != 0) {
        continue;
      }
      try (Kernels kernels = open(2)) {
        KvShape shape = new KvShape(2, kvHeads, headDim);
        KvCase c = KvCase.random(arena, kernels, heads, shape, type, seqs);
        assertExact(c, attend(arena, kernels, c, scale, 0, 0), scale, 0, 0);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "5", "16", "100", "128", "300", "4096"})
  void looksBackNoFurtherThanTheWindow(int window) {
    try (Kernels kernels = open(2)) {
      KvCase c = KvCase.random(arena, kernels, 4, new KvShape(1, 1, 64), KvType.F16, MIXED);
      assertExact(c, attend(arena, kernels, c, 0.125f, window, 0), 0.125f, window, 0);
    }
  }

  @ParameterizedTest
  @CsvSource({"0.5", "50"})
  void capsScores(float softcap) {
    try (Kernels kernels = open(2)) {
      KvCase c = KvCase.random(arena, kernels, 4, new KvShape(1, 2, 64), KvType.F32, MIXED);
      assertExact(c, attend(arena, kernels, c, 1f, 0, softcap), 1f, 0, softcap);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void givesARowTheSameBitsAloneAndInABatchOnAnyNumberOfThreads(KvType type) {
    List<Seq> seqs =
        Stream.concat(
                MIXED.stream(),
                IntStream.range(0, 20)
                    .mapToObj(i -> new Seq(390 + i, 1 + i % 3, i == 7 ? 128 : 384, 0)))
            .toList();
    try (Kernels three = open(3);
        Kernels one = open(1)) {
      // The first sequence must hold what the others share.
      List<Seq> all = Stream.concat(Stream.of(Seq.of(384, 1)), seqs.stream()).toList();
      KvCase c = KvCase.random(arena, three, 6, new KvShape(1, 2, 64), type, all);
      Tensor together = attend(arena, three, c, 0.125f, 0, 0);
      assertExact(c, together, 0.125f, 0, 0);
      for (int s = 0; s < all.size(); s++) {
        KvCase single = c.alone(arena, s);
        Tensor alone = attend(arena, one, single, 0.125f, 0, 0);
        Tensor same = together.slice(c.step().queryStart(s), all.get(s).rows());
        assertThat(alone.data().mismatch(same.data())).as("sequence %d", s).isEqualTo(-1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 6, 2, 64", "0, 4, 1, 96", "0, 3, 3, 32", "200, 4, 1, 64", "150, 9, 3, 32"})
  void givesTheSameBitsWhateverPrefixesSequencesShare(
      int window, int heads, int kvHeads, int headDim) {
    Random random = new Random(7);
    try (Kernels three = open(3);
        Kernels one = open(1)) {
      for (KvType type : KvType.values()) {
        List<Seq> seqs = randomTree(random);
        KvShape shape = new KvShape(1, kvHeads, headDim);
        KvCase c = KvCase.random(arena, three, heads, shape, type, seqs);
        Tensor together = attend(arena, three, c, 0.125f, window, 0);
        for (int s = 0; s < seqs.size(); s++) {
          Tensor alone = attend(arena, one, c.alone(arena, s), 0.125f, window, 0);
          Tensor same = together.slice(c.step().queryStart(s), seqs.get(s).rows());
          assertThat(alone.data().mismatch(same.data()))
              .as("%s, sequence %d of %s", type, s, seqs)
              .isEqualTo(-1);
        }
      }
    }
  }

  /** Sequences that each begin as an earlier one does, for anything from nothing to all of it. */
  private static List<Seq> randomTree(Random random) {
    List<Seq> seqs = new ArrayList<>();
    seqs.add(Seq.of(400 + random.nextInt(300), 1));
    while (seqs.size() < 14) {
      int parent = random.nextInt(seqs.size());
      int history = seqs.get(parent).history();
      int shared = random.nextInt(3) == 0 ? random.nextInt(history + 1) : history;
      int rows = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 1;
      seqs.add(new Seq(shared + random.nextInt(150), rows, shared, parent));
    }
    return seqs;
  }

  @ParameterizedTest
  @EnumSource
  void givesTheSameBitsHoweverAPromptIsCut(KvType type) {
    try (Kernels kernels = open(2)) {
      KvShape shape = new KvShape(1, 1, 64);
      KvCase whole = KvCase.random(arena, kernels, 3, shape, type, List.of(Seq.of(0, 300)));
      Tensor expected = attend(arena, kernels, whole, 0.125f, 0, 0);
      for (int from = 0; from < 300; ) {
        int count = Math.min(from % 3 == 0 ? 1 : 61, 300 - from);
        int[] table = new int[300 / KvCache.BLOCK_TOKENS + 1];
        for (int i = 0; i < table.length; i++) {
          table[i] = whole.step().block(0, i);
        }
        BatchLayout step = new BatchLayout(arena, count, 1, table.length);
        step.addSequence(from, count, table, table.length);
        Tensor out = Tensor.allocate(arena, count, whole.queryColumns());
        Tensor qkv = whole.qkv().slice(from, count);
        kernels.attention(out, qkv, 0, 3, whole.kv(), 0, step, 0.125f, 0, 0);
        assertThat(out.data().mismatch(expected.slice(from, count).data()))
            .as("rows from %d", from)
            .isEqualTo(-1);
        from += count;
      }
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void storesKeysAndValuesAsTheScalarTierDoes(KvType type) {
    for (int headDim : new int[] {64, 96, 20}) {
      if (type == KvType.Q8 && headDim % KvVectors.Q8_GROUP != 0) {
        continue;
      }
      try (Kernels kernels = open(2);
          Kernels scalar = new ScalarKernels(ComputePool.single())) {
        KvShape shape = new KvShape(2, 3, headDim);
        KvCase c = KvCase.random(arena, kernels, 3, shape, type, MIXED);
        c.qkv().set(0, c.keyColumn(), 1e6f); // beyond the largest half
        c.qkv().set(1, c.keyColumn() + 1, 1e-41f);
        c.qkv().set(2, c.valueColumn() + 2, -7e4f);
        KvCache expected = new KvCache(shape, type, c.kv().numBlocks(), arena);
        expected.slab(1).copyFrom(c.kv().slab(1));
        kernels.writeKv(c.kv(), 1, c.qkv(), c.keyColumn(), c.valueColumn(), c.step());
        scalar.writeKv(expected, 1, c.qkv(), c.keyColumn(), c.valueColumn(), c.step());
        assertThat(c.kv().slab(1).mismatch(expected.slab(1))).isEqualTo(-1);
      }
    }
  }
}

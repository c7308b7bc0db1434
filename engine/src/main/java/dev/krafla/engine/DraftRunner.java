package dev.krafla.engine;

import static dev.krafla.engine.SequenceBlocks.blocksFor;
import static dev.krafla.engine.SequenceBlocks.hitLimit;
import static dev.krafla.kernels.KvCache.BLOCK_TOKENS;

import dev.krafla.engine.cache.BlockPool;
import dev.krafla.engine.cache.BlockTable;
import dev.krafla.engine.sample.CounterRandom;
import dev.krafla.engine.sample.Sampler;
import dev.krafla.engine.speculate.StepTimes;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.Tensor;
import dev.krafla.models.CausalLm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Runs the draft model: all answers that want guesses together, a pass a guess. It has a KV cache
 * of its own, in which it follows each answer at its own pace; a long prompt is read in pieces, so
 * that no step takes much longer for it. Owned by the engine's thread.
 */
final class DraftRunner implements AutoCloseable {
  /** Of the large model's cache, the bytes that this one's may take. */
  private static final double KV_SHARE = 0.25;

  /** An answer that lacks more is catching up. */
  static final int MOST_LAG = 2;

  private static final int LEAST_PIECE = 16;
  private static final long DRAFT_SALT = 0x6A09E667F3BCC909L;

  private final ModelRunner runner;
  private final EngineLimits limits;
  private final BlockPool blocks;
  private final Sampler sampler;
  private final LongSupplier clock; // nanoseconds
  private final int vocabSize;
  private final int targetVocab;
  private final Arena arena;
  private final Map<Sequence, DraftGuesses> followed = new HashMap<>();
  private final StepTimes times = new StepTimes(); // of passes in which no answer catches up
  private double readNanos; // per token, of an answer that catches up
  private final Tensor kept; // logits of this step's guesses
  private int keptRows;

  @SuppressWarnings("MustBeClosedChecker") // close() closes it
  DraftRunner(
      CausalLm lm, CausalLm target, EngineLimits targetLimits, LongSupplier clock, int maxGuesses) {
    this.limits = limits(lm, target, targetLimits);
    this.runner = new ModelRunner(lm, limits);
    this.blocks = new BlockPool(limits.numBlocks());
    this.clock = clock;
    this.arena = Arena.ofShared();
    this.vocabSize = lm.info().vocabSize();
    this.targetVocab = target.info().vocabSize();
    this.sampler = new Sampler(targetVocab);
    this.kept = Tensor.allocate(arena, maxGuesses, targetVocab);
    probe();
  }

  private static EngineLimits limits(CausalLm lm, CausalLm target, EngineLimits of) {
    long theirs = KvCache.blockBytes(target.kvShape(), of.kvType()) * of.numBlocks();
    long block = KvCache.blockBytes(lm.kvShape(), of.kvType());
    int numBlocks = Math.clamp((long) (KV_SHARE * theirs) / block, 1, of.numBlocks());
    int batch = Math.min(of.maxBatchTokens(), lm.info().maxBatchRows());
    return new EngineLimits(
        lm.info().digest(),
        of.kvType(),
        numBlocks,
        batch,
        Math.min(of.maxSequences(), batch),
        Math.min(
            Math.min(lm.info().contextLength(), of.maxSequenceTokens()), numBlocks * BLOCK_TOKENS),
        0,
        of.maxDraftTokens(),
        of.policy());
  }

  /** What a pass takes, before it is first wanted. */
  private void probe() {
    var table = new BlockTable();
    if (blocks.allocate(table, 1)) {
      for (int i = 0; i < 3; i++) {
        long start = clock.getAsLong();
        runner.clear();
        runner.add(new int[1], 0, 1, table);
        runner.want(0);
        runner.forward();
        if (i > 0) { // the first touches the weights
          times.observe(1, clock.getAsLong() - start);
        }
      }
      blocks.release(table);
    }
  }

  /** What a pass of {@code rows} rows takes, in nanoseconds. */
  double passNanos(int rows) {
    return times.nanos(rows);
  }

  /** What reading one token takes, of many; a guess before the first was read. */
  double readNanos() {
    return readNanos > 0 ? readNanos : times.nanos(1) / 4;
  }

  /** How many tokens it reads in {@code nanos}; few before that is known. */
  int readsIn(double nanos) {
    return readNanos > 0 ? (int) (nanos / readNanos) : 0;
  }

  /** Tokens of {@code s} that it has not read. */
  int lag(Sequence s) {
    DraftGuesses guesses = s.guesses;
    return s.numTokens() - (guesses == null ? 0 : guesses.numComputed);
  }

  /** Whether its cache could ever hold {@code s} and {@code draft} more tokens. */
  boolean fits(Sequence s, int draft) {
    return s.numTokens() + draft <= limits.maxSequenceTokens();
  }

  /** Forgets what was guessed for the step before. */
  void begin() {
    keptRows = 0;
    followed
        .values()
        .forEach(g -> {
          g.wanted = 0;
          g.made = 0;
        });
  }

  /** Wants {@code count} guesses for {@code s}, by the next {@link #guess}. */
  void want(Sequence s, int count) {
    DraftGuesses guesses = s.guesses;
    if (guesses == null) {
      guesses = new DraftGuesses(limits.maxDraftTokens());
      s.guesses = guesses;
      followed.put(s, guesses);
      if (s.keys != null) {
        guesses.numPublished = blocks.acquirePrefix(s.keys, hitLimit(s), guesses.blocks);
        guesses.numComputed = guesses.numPublished * BLOCK_TOKENS;
      }
    }
    guesses.wanted = count;
  }

  /**
   * Makes the guesses that are wanted: they are in {@code draft} of their sequences then, as many
   * as {@link DraftGuesses#made} says. Whoever lags behind is brought nearer, and gets none before
   * it has caught up.
   *
   * @param readBudget most tokens to read of those who lag behind
   */
  void guess(List<Sequence> sequences, int readBudget) {
    List<Sequence> going = read(sequences, Math.max(LEAST_PIECE, readBudget));
    while (!going.isEmpty()) {
      going = pass(going);
    }
  }

  /** Reads what it has not read; gives who has caught up, with a first guess, and wants another. */
  private List<Sequence> read(List<Sequence> sequences, int readBudget) {
    long start = clock.getAsLong();
    int budget = readBudget;
    runner.clear();
    var reading = new ArrayList<Sequence>();
    var counts = new ArrayList<Integer>();
    var drawing = new ArrayList<Sequence>();
    for (Sequence s : sequences) {
      DraftGuesses g = Objects.requireNonNull(s.guesses);
      int room = limits.maxBatchTokens() - runner.rows();
      int lag = s.numTokens() - g.numComputed;
      int count = Math.min(room, lag <= MOST_LAG ? lag : Math.min(lag, budget));
      if (count <= 0
          || reading.size() == limits.maxSequences()
          || !cover(g, s.numTokens() + g.wanted)) {
        continue;
      }
      budget -= lag <= MOST_LAG ? 0 : count;
      runner.add(s.tokens(), g.numComputed, count, g.blocks);
      reading.add(s);
      counts.add(count);
      if (count == lag) {
        runner.want(runner.rows() - 1);
        drawing.add(s);
      }
    }
    if (reading.isEmpty()) {
      return List.of();
    }
    runner.forward();
    for (int i = 0; i < reading.size(); i++) {
      Sequence s = reading.get(i);
      Objects.requireNonNull(s.guesses).numComputed += counts.get(i);
      publish(s, Objects.requireNonNull(s.guesses));
    }
    draw(drawing);
    timed(runner.rows(), reading.size(), clock.getAsLong() - start);
    return drawing.stream().filter(DraftRunner::wantsMore).toList();
  }

  /** One more guess for each. */
  private List<Sequence> pass(List<Sequence> going) {
    long start = clock.getAsLong();
    runner.clear();
    for (Sequence s : going) {
      DraftGuesses g = Objects.requireNonNull(s.guesses);
      int position = s.numTokens() + g.made - 1;
      runner.add(s.draft[g.made - 1], position, g.blocks);
      runner.want(runner.rows() - 1);
    }
    runner.forward();
    draw(going);
    timed(runner.rows(), going.size(), clock.getAsLong() - start);
    return going.stream().filter(DraftRunner::wantsMore).toList();
  }

  private static boolean wantsMore(Sequence s) {
    DraftGuesses g = Objects.requireNonNull(s.guesses);
    return g.made < g.wanted;
  }

  private void timed(int rows, int sequences, long nanos) {
    if (rows <= MOST_LAG * sequences) {
      times.observe(rows, nanos);
    } else if (rows >= LEAST_PIECE) {
      double perToken = (double) nanos / rows;
      readNanos = readNanos == 0 ? perToken : readNanos + (perToken - readNanos) / 4;
    }
  }

  /** Draws a guess for each, in the order of their logits. */
  private void draw(List<Sequence> sequences) {
    for (int i = 0; i < sequences.size(); i++) {
      Sequence s = sequences.get(i);
      DraftGuesses g = Objects.requireNonNull(s.guesses);
      MemorySegment row = keep(runner.logits(i));
      g.logits[g.made] = row;
      s.draft[g.made] = sampler.draw(row, s.generation.request.sampling(), null, null, chance(s));
      g.made++;
    }
  }

  /**
   * Where a seed is given, the number that the large model draws with too, as then the same token
   * is likely; else one of its own, as the rule of acceptance asks for.
   */
  private static double chance(Sequence s) {
    int position = s.numDrawn() + Objects.requireNonNull(s.guesses).made;
    long seed = s.generation.seed;
    boolean seeded = s.generation.request.sampling().seed().isPresent();
    return CounterRandom.uniform(seeded ? seed : seed ^ DRAFT_SALT, s.choice, position);
  }

  /** A copy of {@code logits}, cut or filled up to the large model's vocabulary. */
  private MemorySegment keep(MemorySegment logits) {
    long rowBytes = (long) targetVocab * Float.BYTES;
    MemorySegment row = kept.data().asSlice(keptRows++ * rowBytes, rowBytes);
    int common = Math.min(vocabSize, targetVocab);
    MemorySegment.copy(logits, 0, row, 0, (long) common * Float.BYTES);
    for (int token = common; token < targetVocab; token++) {
      row.setAtIndex(ValueLayout.JAVA_FLOAT, token, Float.NEGATIVE_INFINITY);
    }
    return row;
  }

  private boolean cover(DraftGuesses g, int tokens) {
    int missing = blocksFor(tokens) - g.blocks.size();
    return missing <= 0 || blocks.allocate(g.blocks, missing);
  }

  private void publish(Sequence s, DraftGuesses g) {
    if (s.keys != null) {
      int full = Math.min(g.numComputed / BLOCK_TOKENS, s.keys.size());
      while (g.numPublished < full) {
        blocks.publish(g.blocks, g.numPublished++, s.keys);
      }
    }
  }

  /** Frees what it holds for {@code s}. A second call does nothing. */
  void forget(Sequence s) {
    DraftGuesses guesses = followed.remove(s);
    if (guesses != null) {
      blocks.release(guesses.blocks);
      s.guesses = null;
    }
  }

  /**
   * Checks that it holds blocks for those it follows, and no others.
   *
   * @throws IllegalStateException naming what is wrong
   */
  void checkIntegrity() {
    blocks.checkIntegrity(followed.values().stream().map(g -> g.blocks).toList());
  }

  @Override
  public void close() {
    runner.close();
    arena.close();
  }
}

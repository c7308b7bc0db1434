package dev.krafla.engine;

import static dev.krafla.kernels.KvCache.BLOCK_TOKENS;

import dev.krafla.engine.Sequence.State;
import dev.krafla.engine.cache.BlockPool;
import dev.krafla.engine.cache.BlockTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Decides who computes what. Every step hands out one budget of tokens, to running sequences first,
 * oldest first, then to waiting ones; a long prompt is cut by the budget itself. When blocks run
 * out, the youngest loses its own and waits again. Because {@link Engine#submit} refuses what
 * exceeds the whole cache, the oldest can always go on.
 *
 * <p>Owned by the engine's thread.
 */
final class Scheduler {
  /** Copies the KV of one block to another. */
  interface BlockCopy {
    void copy(int from, int to);
  }

  private final BlockPool pool;
  private final BlockCopy copier;
  private final Predicate<Sequence> logitsKnown;
  private final Speculation speculation;
  private final KvTiers tiers;
  private final int maxBatchTokens;
  private final int maxSequences;
  private final List<Sequence> running = new ArrayList<>(); // oldest first
  private final List<Sequence> loading = new ArrayList<>(); // a load writes to their blocks
  private final Deque<Sequence> waiting = new ArrayDeque<>();
  private final Step step = new Step();
  private long prefixQueryTokens;
  private long prefixHitTokens;
  private long promptTokens;
  private long preemptions;

  /**
   * @param logitsKnown whether the logits at the end of a sequence's prompt are at hand, so that
   *     its first token needs no step
   * @param speculation guesses what follows
   * @param tiers keep blocks that leave memory
   */
  Scheduler(
      BlockPool pool,
      BlockCopy copier,
      Predicate<Sequence> logitsKnown,
      Speculation speculation,
      KvTiers tiers,
      int maxBatchTokens,
      int maxSequences) {
    this.pool = pool;
    this.copier = copier;
    this.logitsKnown = logitsKnown;
    this.speculation = speculation;
    this.tiers = tiers;
    this.maxBatchTokens = maxBatchTokens;
    this.maxSequences = maxSequences;
  }

  /** Queues a new sequence. */
  void add(Sequence sequence) {
    assert sequence.state == State.WAITING : sequence.state;
    waiting.addLast(sequence);
  }

  /**
   * The next step; empty when there is nothing to compute. Valid until the next call.
   *
   * @param admitting whether waiting sequences may be let in
   */
  Step schedule(boolean admitting) {
    step.clear();
    speculation.beginStep();
    boolean preempted = false;
    for (int i = 0; i < running.size() && step.tokens() < maxBatchTokens; i++) {
      Sequence s = running.get(i);
      int count = Math.min(s.missing(), maxBatchTokens - step.tokens());
      // Victims come from the tail, so none of them is in this step already.
      while (i < running.size() && !cover(s, s.numComputed + count)) {
        if (i == running.size() - 1 && !loading.isEmpty()) {
          return step; // blocks are on loan for a few milliseconds; it keeps what it has
        }
        preempt(running.removeLast());
        preempted = true;
      }
      if (i < running.size()) {
        step.add(s, count, count == 1 && s.missing() == 1 ? draft(s) : 0);
      }
    }
    if (admitting && !preempted) {
      admit();
    }
    return step;
  }

  /**
   * Lets waiting sequences in, in order, while budget, places and blocks last. One whose next block
   * a running sequence is computing right now is passed over: a step later it finds that block in
   * the cache.
   */
  private void admit() {
    int promised = promisedBlocks();
    int passedOver = 0;
    Iterator<Sequence> queue = waiting.iterator();
    while (queue.hasNext() && active() < maxSequences && passedOver < maxSequences) {
      Sequence s = queue.next();
      boolean repeat = s.numDrawn() == 0 && logitsKnown.test(s);
      if (!repeat && step.tokens() == maxBatchTokens) {
        return;
      }
      if (nextBlockIsUnderWay(s)) {
        passedOver++;
        continue;
      }
      int hits = s.keys == null ? 0 : pool.acquirePrefix(s.keys, hitLimit(s), s.blocks);
      int needed = blocksFor(s.numTokens() + 1) - hits;
      // Whoever runs may need one more block soon: do not admit what would be preempted at once.
      if (active() > 0 && needed + promised + active() > pool.freeBlocks()) {
        pool.release(s.blocks);
        return;
      }
      if (s.keys != null) {
        tiers.keep(s.keys, s.blocks, 0, hits);
      }
      s.numComputed = hits * BLOCK_TOKENS;
      s.numPublished = hits;
      Optional<Load> load = tiers.plan(s, hits, hitLimit(s), s.numDrawn() == 0 && !repeat);
      if (load.isPresent() && cover(s, (hits + load.get().count) * BLOCK_TOKENS)) {
        queue.remove();
        startLoad(load.get());
        if (repeat) {
          step.addRepeat(s);
        }
        promised += needed - load.get().count;
        continue;
      }
      int count = repeat ? 0 : Math.min(s.missing(), maxBatchTokens - step.tokens());
      if (!cover(s, s.numComputed + count)) { // embeddings hold the rest, and end by themselves
        giveUpBlocks(s);
        return;
      }
      queue.remove();
      start(s);
      if (repeat) {
        step.addRepeat(s); // what of its prompt is not cached comes with the second token
      } else {
        step.add(s, count, 0);
      }
      promised += needed - (s.blocks.size() - hits);
      noteAdmission(s, 0);
    }
  }

  /** Guesses take what is left of the budget, and no block that somebody may need. */
  private int draft(Sequence s) {
    int spare = Math.max(0, pool.freeBlocks() - running.size()) * BLOCK_TOKENS;
    int room = Math.min(maxBatchTokens - step.tokens() - 1, spare);
    int draft = speculation.draft(s, step.tokens() + 1, room);
    if (draft > 0) {
      boolean covered = cover(s, s.numTokens() + draft);
      assert covered : "spare blocks were there";
    }
    return draft;
  }

  /** Blocks that running sequences will still take for the tokens they have. */
  private int promisedBlocks() {
    int promised = 0;
    for (Sequence s : running) {
      promised += Math.max(0, blocksFor(s.numTokens()) - s.blocks.size());
    }
    for (Sequence s : loading) {
      promised += Math.max(0, blocksFor(s.numTokens()) - s.blocks.size());
    }
    return promised;
  }

  /** A hit never covers the last token: its logits have to be computed. */
  private static int hitLimit(Sequence s) {
    return (s.numTokens() - 1) / BLOCK_TOKENS;
  }

  private boolean nextBlockIsUnderWay(Sequence s) {
    if (s.keys == null) {
      return false;
    }
    return running.stream().anyMatch(r -> isAheadOf(r, s))
        || loading.stream().anyMatch(r -> r.state == State.LOADING && isAheadOf(r, s));
  }

  /**
   * Equal keys at one block mean equal tokens up to there: {@code s} would find all that {@code r}
   * has published, and then compute or load what {@code r} computes or loads now.
   */
  private static boolean isAheadOf(Sequence r, Sequence s) {
    int next = r.numPublished;
    return r.keys != null && s.keys != null && next < hitLimit(s) && r.keys.sameAt(next, s.keys);
  }

  private void startLoad(Load load) {
    Sequence s = load.sequence;
    s.state = State.LOADING;
    s.load = load;
    loading.add(s);
    step.addLoad(load);
    load.isFirst = !s.generation.admitted;
    noteAdmission(s, load.count * BLOCK_TOKENS);
  }

  /**
   * Notes that {@code load} has ended: the blocks that it has read can be found from now on, and
   * its sequence computes the rest.
   */
  void loaded(Load load) {
    Sequence s = load.sequence;
    loading.remove(s);
    s.load = null;
    for (int i = load.from; i < load.from + load.sound(); i++) {
      pool.publish(s.blocks, i, Objects.requireNonNull(s.keys));
    }
    if (load.isFirst) {
      s.generation.loaded(load.sound() * BLOCK_TOKENS, load.count * BLOCK_TOKENS);
    }
    if (s.state == State.FINISHED) {
      giveUpBlocks(s);
      return;
    }
    s.numPublished = load.from + load.sound();
    s.numComputed = s.numPublished * BLOCK_TOKENS;
    start(s);
  }

  private void start(Sequence s) {
    s.state = State.RUNNING;
    running.add(s);
  }

  /** Lets its request know what of its prompt need not be computed; a load brings some of it. */
  private void noteAdmission(Sequence s, int expected) {
    if (!s.generation.admitted) {
      s.generation.admit(s.numComputed + expected, System.nanoTime());
      promptTokens += s.numTokens();
      if (s.keys != null) {
        prefixQueryTokens += s.numTokens();
        prefixHitTokens += s.numComputed;
      }
    }
  }

  /** Gives {@code s} blocks for its first {@code tokens} tokens, if there are enough. */
  private boolean cover(Sequence s, int tokens) {
    int missing = blocksFor(tokens) - s.blocks.size();
    return missing <= 0 || pool.allocate(s.blocks, missing);
  }

  private static int blocksFor(int tokens) {
    return (tokens + BLOCK_TOKENS - 1) / BLOCK_TOKENS;
  }

  private void preempt(Sequence s) {
    giveUpBlocks(s);
    s.state = State.WAITING;
    waiting.addFirst(s);
    s.generation.preempted();
    preemptions++;
  }

  private void giveUpBlocks(Sequence s) {
    pool.release(s.blocks);
    s.numComputed = 0;
    s.numPublished = 0;
  }

  /** Notes that {@code done} was computed: its full blocks can be found from now on. */
  void computed(Step done) {
    for (int i = 0; i < done.size(); i++) {
      Sequence s = done.sequence(i);
      s.numComputed += done.count(i);
      if (s.keys != null) {
        int full = Math.min(s.numComputed / BLOCK_TOKENS, s.keys.size());
        int first = s.numPublished;
        while (s.numPublished < full) {
          pool.publish(s.blocks, s.numPublished++, s.keys);
        }
        if (first < full) {
          tiers.keep(s.keys, s.blocks, first, full);
        }
      }
    }
  }

  /**
   * Starts {@code branch} with what {@code trunk} has computed: full blocks are shared, the last
   * one is copied. Where there is no room, or the trunk's blocks are being loaded, it waits, and
   * finds the full blocks in the prefix index.
   */
  void branch(Sequence trunk, Sequence branch) {
    int full = trunk.numComputed / BLOCK_TOKENS;
    boolean partial = trunk.numComputed % BLOCK_TOKENS != 0;
    if (trunk.state == State.LOADING
        || active() >= maxSequences
        || pool.freeBlocks() < (partial ? 1 : 0)) {
      waiting.addFirst(branch);
      return;
    }
    pool.share(trunk.blocks, full, branch.blocks);
    if (partial) {
      boolean allocated = pool.allocate(branch.blocks, 1);
      assert allocated : "a free block was there";
      copier.copy(trunk.blocks.get(full), branch.blocks.get(full));
    }
    branch.numComputed = trunk.numComputed;
    branch.numPublished = Math.min(full, trunk.numPublished);
    start(branch);
  }

  /** Ends {@code s}, wherever it is, and frees its blocks. A second call does nothing. */
  void finish(Sequence s) {
    switch (s.state) {
      case WAITING -> waiting.remove(s);
      case RUNNING -> running.remove(s);
      case LOADING -> {
        Objects.requireNonNull(s.load).cancel();
        s.state = State.FINISHED; // the load's end frees the blocks
        return;
      }
      case FINISHED -> {
        return;
      }
    }
    giveUpBlocks(s);
    s.state = State.FINISHED;
  }

  /** Nothing to compute, as far as is known: loads may be under way. */
  boolean isIdle() {
    return running.isEmpty() && waiting.isEmpty();
  }

  /** Sequences that have a place: they run, or are about to. */
  private int active() {
    return running.size() + loading.size();
  }

  int loading() {
    return loading.size();
  }

  int running() {
    return running.size();
  }

  int waiting() {
    return waiting.size();
  }

  long prefixQueryTokens() {
    return prefixQueryTokens;
  }

  long prefixHitTokens() {
    return prefixHitTokens;
  }

  long promptTokens() {
    return promptTokens;
  }

  long preemptions() {
    return preemptions;
  }

  /** All sequences that wait or run. */
  List<Sequence> sequences() {
    var all = new ArrayList<Sequence>(running);
    all.addAll(loading);
    all.addAll(waiting);
    return all;
  }

  /**
   * Checks the invariants of pool and sequences.
   *
   * @param others tables besides the sequences' that own blocks
   * @throws IllegalStateException naming what is wrong
   */
  void checkIntegrity(List<BlockTable> others) {
    var owners = new ArrayList<BlockTable>(others);
    for (Sequence s : running) {
      owners.add(s.blocks);
      if (s.state != State.RUNNING
          || s.blocks.size() < blocksFor(s.numComputed)
          || s.numComputed > s.numTokens()) {
        throw new IllegalStateException(
            "a running sequence is %s with %d blocks for %d of %d tokens"
                .formatted(s.state, s.blocks.size(), s.numComputed, s.numTokens()));
      }
    }
    for (Sequence s : loading) {
      owners.add(s.blocks);
      if (s.load == null || s.blocks.size() < s.load.from + s.load.count) {
        throw new IllegalStateException(
            "a loading sequence is %s and owns %d blocks".formatted(s.state, s.blocks.size()));
      }
    }
    for (Sequence s : waiting) {
      if (s.state != State.WAITING || s.blocks.size() != 0 || s.numComputed != 0) {
        throw new IllegalStateException(
            "a waiting sequence is %s and owns %d blocks".formatted(s.state, s.blocks.size()));
      }
    }
    pool.checkIntegrity(owners);
  }
}

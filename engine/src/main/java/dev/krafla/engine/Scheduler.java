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
  private final int maxBatchTokens;
  private final int maxSequences;
  private final List<Sequence> running = new ArrayList<>(); // oldest first
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
   */
  Scheduler(
      BlockPool pool,
      BlockCopy copier,
      Predicate<Sequence> logitsKnown,
      Speculation speculation,
      int maxBatchTokens,
      int maxSequences) {
    this.pool = pool;
    this.copier = copier;
    this.logitsKnown = logitsKnown;
    this.speculation = speculation;
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
    while (queue.hasNext() && running.size() < maxSequences && passedOver < maxSequences) {
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
      if (!running.isEmpty() && needed + promised + running.size() > pool.freeBlocks()) {
        pool.release(s.blocks);
        return;
      }
      s.numComputed = hits * BLOCK_TOKENS;
      s.numPublished = hits;
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
      noteAdmission(s);
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
    for (Sequence r : running) {
      // Equal keys at one block mean equal tokens up to there: s would find all that r has
      // published, and then compute what r computes now.
      int next = r.numPublished;
      if (r.keys != null && next < hitLimit(s) && r.keys.sameAt(next, s.keys)) {
        return true;
      }
    }
    return false;
  }

  private void start(Sequence s) {
    s.state = State.RUNNING;
    running.add(s);
  }

  private void noteAdmission(Sequence s) {
    if (!s.generation.admitted) {
      s.generation.admit(s.numComputed, System.nanoTime());
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
        while (s.numPublished < full) {
          pool.publish(s.blocks, s.numPublished++, s.keys);
        }
      }
    }
  }

  /**
   * Starts {@code branch} with what {@code trunk} has computed: full blocks are shared, the last
   * one is copied. Where there is no room it waits, and finds the full blocks in the prefix index.
   */
  void branch(Sequence trunk, Sequence branch) {
    int full = trunk.numComputed / BLOCK_TOKENS;
    boolean partial = trunk.numComputed % BLOCK_TOKENS != 0;
    if (running.size() >= maxSequences || pool.freeBlocks() < (partial ? 1 : 0)) {
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
      case FINISHED -> {}
    }
    giveUpBlocks(s);
    s.state = State.FINISHED;
  }

  boolean isIdle() {
    return running.isEmpty() && waiting.isEmpty();
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
    for (Sequence s : waiting) {
      if (s.state != State.WAITING || s.blocks.size() != 0 || s.numComputed != 0) {
        throw new IllegalStateException(
            "a waiting sequence is %s and owns %d blocks".formatted(s.state, s.blocks.size()));
      }
    }
    pool.checkIntegrity(owners);
  }
}

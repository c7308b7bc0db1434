package dev.krafla.engine;

import static dev.krafla.engine.SequenceBlocks.blocksFor;
import static dev.krafla.engine.SequenceBlocks.hitLimit;
import static dev.krafla.kernels.KvCache.BLOCK_TOKENS;

import dev.krafla.engine.Sequence.State;
import dev.krafla.engine.queue.Backlog;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sequences that have no place yet, and how they get one: while the step's tokens, places and
 * blocks last. One whose next block a running sequence is computing right now is passed over: a
 * step later it finds that block in the cache. Where one finds no room, nobody of its class or a
 * lower one is let in before it. Owned by the engine's thread.
 */
final class WaitingSequences {
  private final SequenceBlocks blocks;
  private final KvTiers tiers;
  private final HandOffs handOffs;
  private final ActiveSequences active;
  private final Backlog<Sequence> backlog;
  private final int maxSequences;
  private int count;
  private @Nullable Sequence blocked; // had no room in the last step
  private long prefixQueryTokens;
  private long prefixHitTokens;
  private long promptTokens;

  // Of one step:
  private long now; // nanoseconds
  private boolean open;
  private @Nullable ServiceClass shut; // it, and those below it, are not let in
  private int promised; // blocks
  private int passedOver;

  WaitingSequences(
      SequenceBlocks blocks,
      KvTiers tiers,
      HandOffs handOffs,
      ActiveSequences active,
      Backlog<Sequence> backlog,
      int maxSequences) {
    this.blocks = blocks;
    this.tiers = tiers;
    this.handOffs = handOffs;
    this.active = active;
    this.backlog = backlog;
    this.maxSequences = maxSequences;
  }

  void add(Sequence s) {
    backlog.add(s);
    count++;
  }

  /** Branches that have not started are nowhere yet: of them nothing is removed. */
  void remove(Sequence s) {
    if (backlog.remove(s)) {
      count--;
    }
  }

  int count() {
    return count;
  }

  /** A new step lets sequences in. */
  void begin(long now, boolean admitting) {
    this.now = now;
    open = admitting && count > 0;
    shut = null;
    promised = active.promisedBlocks();
    passedOver = 0;
  }

  /** Whether there is anybody left in this step who may be let in. */
  boolean open() {
    return open;
  }

  /**
   * Lets {@code s} into {@code step}; gives whether it could.
   *
   * @param repeat whether the logits at the end of its prompt are known
   * @param budget most tokens that the step may have then
   */
  boolean admit(Sequence s, boolean repeat, Step step, int budget) {
    if (!open || (shut != null && s.serviceClass().compareTo(shut) >= 0)) {
      return false;
    }
    if (passedOver == maxSequences) {
      open = false;
      return false;
    }
    if (active.size() >= maxSequences) {
      block(s);
      open = false;
      return false;
    }
    if (active.nextBlockIsUnderWay(s)) {
      passedOver++;
      return false;
    }
    return start(s, repeat, step, budget);
  }

  private boolean start(Sequence s, boolean repeat, Step step, int budget) {
    int hits = blocks.takePrefix(s);
    int needed = blocksFor(s.numTokens() + 1) - hits;
    // Whoever runs may need one more block soon: do not admit what would be preempted at once.
    if (active.size() > 0 && needed + promised + active.size() > blocks.free()) {
      blocks.giveUp(s);
      block(s);
      return false;
    }
    blocks.touchPrefix(s);
    s.numComputed = hits * BLOCK_TOKENS;
    s.numPublished = hits;
    Optional<Load> load = plan(s, hits, repeat);
    if (load.isPresent() && blocks.cover(s, (hits + load.get().count) * BLOCK_TOKENS)) {
      leave(s, 0, repeat, step);
      backlog.remove(s);
      startLoad(load.get(), step);
      promised += needed - load.get().count;
      return true;
    }
    if (!repeat) {
      s.numComputed += blocks.takeContinuation(s);
    }
    int tokens = repeat ? 0 : Math.min(s.missing(), budget - step.tokens());
    if (!blocks.cover(
        s, s.numComputed + tokens)) { // embeddings hold the rest, and end by themselves
      blocks.giveUp(s);
      block(s);
      return false;
    }
    leave(s, tokens, repeat, step);
    active.start(s);
    promised += needed - (s.blocks.size() - hits);
    noteAdmission(s, 0);
    return true;
  }

  /** What brings more of it than there is, without computing. */
  private Optional<Load> plan(Sequence s, int hits, boolean repeat) {
    if (repeat) {
      handOffs.dismiss(s.generation); // all of it is here
    } else if (handOffs.wants(s)) {
      return Optional.of(handOffs.plan(s, hits));
    }
    boolean wantsLogits = s.numDrawn() == 0 && !repeat && !HandOffs.lends(s);
    return tiers.plan(s, hits, hitLimit(s), wantsLogits);
  }

  private void leave(Sequence s, int tokens, boolean repeat, Step step) {
    count--;
    backlog.serve(s, tokens);
    if (repeat) {
      step.addRepeat(s); // what of its prompt is not cached comes with the second token
    } else if (tokens > 0) {
      step.add(s, tokens, 0);
    }
  }

  private void startLoad(Load load, Step step) {
    Sequence s = load.sequence;
    active.load(load);
    step.addLoad(load);
    load.isFirst = !s.generation.admitted;
    s.generation.pullTried |= load instanceof Pull;
    noteAdmission(s, load.expectedTokens());
  }

  /** Lets its request know what of its prompt need not be computed; a load brings some of it. */
  private void noteAdmission(Sequence s, int expected) {
    if (!s.generation.admitted) {
      s.generation.admit(s.numComputed + expected, now);
      promptTokens += s.numTokens();
      if (s.keys != null) {
        prefixQueryTokens += s.numTokens();
        prefixHitTokens += s.numComputed;
      }
    }
  }

  private void block(Sequence s) {
    if (blocked == null) {
      blocked = s;
    }
    if (shut == null || s.serviceClass().compareTo(shut) < 0) {
      shut = s.serviceClass();
    }
    open = shut != ServiceClass.INTERACTIVE && !backlog.isOverdue(s.serviceClass());
  }

  /** Has lower classes preempted for the sequence that had no room in the last step. */
  void makeRoom(Consumer<Sequence> preempt) {
    Sequence s = blocked;
    blocked = null;
    if (s == null || s.state != State.WAITING) {
      return;
    }
    int lower = 0;
    int theirBlocks = 0;
    ServiceClass asked = s.generation.request.terms().serviceClass();
    for (Sequence r : active.running()) {
      if (r.serviceClass().compareTo(asked) > 0) {
        lower++;
        theirBlocks += r.blocks.size();
      }
    }
    int needed = blocksFor(s.numTokens() + 1) - blocks.countPrefix(s);
    if (needed + active.size() - lower > blocks.free() + theirBlocks) {
      return; // even all of theirs would not do
    }
    while (lower-- > 0
        && (active.size() >= maxSequences
            || needed + active.promisedBlocks() + active.size() > blocks.free())) {
      preempt.accept(active.running().getLast());
    }
  }

  /** All of them, tenant by tenant and class by class, of each the first in turn. */
  List<List<Sequence>> lines() {
    return backlog.lines().stream()
        .map(line -> line.stream().filter(s -> s.state == State.WAITING).toList())
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /**
   * Checks that they are all in the backlog, and own nothing.
   *
   * @throws IllegalStateException naming what is wrong
   */
  void checkIntegrity() {
    List<Sequence> queued = lines().stream().flatMap(List::stream).toList();
    long behind = active.running().stream().filter(s -> s.missing() > 1).count();
    if (queued.size() != count || backlog.size() != count + behind) {
      throw new IllegalStateException(
          "%d of %d in the backlog wait, but %d should and %d run behind"
              .formatted(queued.size(), backlog.size(), count, behind));
    }
    for (Sequence s : queued) {
      if (s.state != State.WAITING || s.blocks.size() != 0 || s.numComputed != 0) {
        throw new IllegalStateException(
            "a waiting sequence is %s and owns %d blocks".formatted(s.state, s.blocks.size()));
      }
    }
  }

  /** Tokens of prompts that were looked up in the cache. */
  long prefixQueryTokens() {
    return prefixQueryTokens;
  }

  /** Of these, tokens that were found. */
  long prefixHitTokens() {
    return prefixHitTokens;
  }

  /** Tokens of the prompts that were let in. */
  long promptTokens() {
    return promptTokens;
  }
}

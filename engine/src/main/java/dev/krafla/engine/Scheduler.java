package dev.krafla.engine;

import static dev.krafla.engine.SequenceBlocks.blocksFor;
import static dev.krafla.engine.SequenceBlocks.hitLimit;
import static dev.krafla.kernels.KvCache.BLOCK_TOKENS;

import dev.krafla.engine.Sequence.State;
import dev.krafla.engine.cache.BlockTable;
import dev.krafla.engine.queue.Backlog;
import dev.krafla.engine.queue.StepBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides who computes what. Every step hands out one budget of tokens: to every answer that has
 * caught up the one token that it lacks, then to whoever lacks more, running or waiting, in the
 * order of the {@link Backlog}; a long prompt is cut by the budget itself. When blocks run out, the
 * lowest class loses its own first, of one class the youngest, and waits again. Because {@link
 * Engine#submit} refuses what exceeds the whole cache, the first in rank can always go on.
 *
 * <p>Owned by the engine's thread.
 */
final class Scheduler {
  /** Part of a step that guesses leave to those who lack more than a token. */
  private static final int GUESSES_LEAVE = 4;

  private final SequenceBlocks blocks;
  private final Predicate<Sequence> logitsKnown;
  private final Speculation speculation;
  private final KvTiers tiers;
  private final SchedulingPolicy policy;
  private final StepBudget stepBudget;
  private final int maxBatchTokens;
  private final int maxSequences;
  private final ActiveSequences active = new ActiveSequences();

  /** All who wait, and those running that lack more than one token. */
  private final Backlog<Sequence> backlog;

  private final Step step = new Step();
  private int budget; // tokens of this step
  private int waiting;
  private long arrivals;
  private boolean preempted; // in this step
  private @Nullable Sequence blocked; // had no room in the last step
  private long prefixQueryTokens;
  private long prefixHitTokens;
  private long promptTokens;
  private long preemptions;

  /**
   * @param logitsKnown whether the logits at the end of a sequence's prompt are at hand, so that
   *     its first token needs no step
   * @param speculation guesses what follows
   * @param tiers keep blocks that leave memory
   * @param limits of a step; half of its tokens at most go to running answers
   */
  Scheduler(
      SequenceBlocks blocks,
      Predicate<Sequence> logitsKnown,
      Speculation speculation,
      KvTiers tiers,
      EngineLimits limits) {
    this.blocks = blocks;
    this.logitsKnown = logitsKnown;
    this.speculation = speculation;
    this.tiers = tiers;
    this.maxBatchTokens = limits.maxBatchTokens();
    this.maxSequences = limits.maxSequences();
    this.policy = limits.policy();
    this.stepBudget = new StepBudget(maxBatchTokens);
    this.backlog = new Backlog<>(policy);
  }

  /** Queues a new sequence. */
  void add(Sequence sequence) {
    assert sequence.state == State.WAITING : sequence.state;
    sequence.arrival = arrivals++;
    await(sequence);
  }

  private void await(Sequence s) {
    backlog.add(s);
    waiting++;
  }

  /**
   * The next step; empty when there is nothing to compute. Valid until the next call.
   *
   * @param now nanoseconds, on the engine's clock
   * @param admitting whether waiting sequences may be let in
   */
  Step schedule(long now, boolean admitting) {
    step.clear();
    speculation.beginStep();
    backlog.begin();
    makeRoom();
    preempted = false; // what was given up there is for somebody who waits
    decode();
    budget = Math.max(step.tokens(), stepBudget.tokens(step.tokens(), withinNanos()));
    catchUp(now, admitting);
    backlog.end();
    return step;
  }

  /** The next token of every answer that has caught up: nothing that is under way stalls these. */
  private void decode() {
    int leave = backlog.isEmpty() ? 0 : Math.max(1, maxBatchTokens / GUESSES_LEAVE);
    for (int i = 0; i < active.running().size() && step.tokens() < maxBatchTokens; i++) {
      Sequence s = active.running().get(i);
      if (s.missing() == 1 && coverByForce(s, s.numTokens())) {
        int draft = draft(s, leave);
        step.add(s, 1, draft);
        backlog.charge(s, 1 + draft);
      }
    }
  }

  /** How soon the most hurried of the answers in this step wants its next token. */
  private long withinNanos() {
    long within = StepBudget.UNHURRIED;
    for (Sequence s : step.sequences()) {
      ServiceClass asked = s.generation.request.terms().serviceClass();
      Optional<Duration> perToken = policy.level(asked).perToken();
      within = Math.min(within, perToken.map(Duration::toNanos).orElse(StepBudget.UNHURRIED));
    }
    return within;
  }

  /** Notes how long a step has taken, from the end of the one before to that of its draws. */
  void timed(Step done, long nanos) {
    stepBudget.observe(done.singleTokens(), done.tokens() - done.singleTokens(), nanos);
  }

  /** What a prompt token takes, in nanoseconds; 0 while unknown. */
  double promptTokenNanos() {
    return stepBudget.promptNanos();
  }

  /** Hands what is left of the budget to those who lack more, in their turn. */
  private void catchUp(long now, boolean admitting) {
    var admission = new Admissions(now, admitting && !preempted);
    int behind = (int) active.running().stream().filter(s -> s.missing() > 1).count();
    while (behind > 0 || admission.open()) {
      Optional<Sequence> next = backlog.next();
      if (next.isEmpty()) {
        return;
      }
      Sequence s = next.get();
      if (step.tokens() >= budget && !needsNoTokens(s)) {
        return; // the same one is asked first in the next step
      }
      if (s.state == State.RUNNING) {
        behind--;
        goOn(s);
      } else if (preempted || !admission.admit(s)) {
        backlog.skip(s);
      }
    }
  }

  /** Whether it can be let in and drawn from what is known, however full the step is. */
  private boolean needsNoTokens(Sequence s) {
    return s.state == State.WAITING && s.numDrawn() == 0 && logitsKnown.test(s);
  }

  /** The next piece of a running sequence: as much as budget and blocks last. */
  private void goOn(Sequence s) {
    int count = Math.min(s.missing(), budget - step.tokens());
    if (count > 0 && !coverByForce(s, s.numComputed + count)) {
      count = s.blocks.size() * BLOCK_TOKENS - s.numComputed;
    }
    if (count <= 0) {
      backlog.skip(s);
      return;
    }
    step.add(s, count, 0);
    backlog.serve(s, count);
  }

  /**
   * Lets waiting sequences in, while budget, places and blocks last. One whose next block a running
   * sequence is computing right now is passed over: a step later it finds that block in the cache.
   * Where one finds no room, nobody of its class or a lower one is let in before it.
   */
  private final class Admissions {
    private final long now;
    private boolean open;
    private @Nullable ServiceClass shut; // it, and those below it, are not let in
    private int promised = active.promisedBlocks();
    private int passedOver;

    Admissions(long now, boolean admitting) {
      this.now = now;
      this.open = admitting && waiting > 0;
    }

    boolean open() {
      return open;
    }

    /** Lets {@code s} into the step; gives whether it could. */
    boolean admit(Sequence s) {
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
      return start(s, needsNoTokens(s));
    }

    private boolean start(Sequence s, boolean repeat) {
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
      Optional<Load> load = tiers.plan(s, hits, hitLimit(s), s.numDrawn() == 0 && !repeat);
      if (load.isPresent() && blocks.cover(s, (hits + load.get().count) * BLOCK_TOKENS)) {
        leaveQueue(s, 0, repeat);
        backlog.remove(s);
        startLoad(load.get(), now);
        promised += needed - load.get().count;
        return true;
      }
      int count = repeat ? 0 : Math.min(s.missing(), budget - step.tokens());
      if (!blocks.cover(
          s, s.numComputed + count)) { // embeddings hold the rest, and end by themselves
        blocks.giveUp(s);
        block(s);
        return false;
      }
      leaveQueue(s, count, repeat);
      active.start(s);
      promised += needed - (s.blocks.size() - hits);
      noteAdmission(s, 0, now);
      return true;
    }

    private void leaveQueue(Sequence s, int count, boolean repeat) {
      waiting--;
      backlog.serve(s, count);
      if (repeat) {
        step.addRepeat(s); // what of its prompt is not cached comes with the second token
      } else if (count > 0) {
        step.add(s, count, 0);
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
  }

  /** Takes from lower classes what the sequence lacks that had no room in the last step. */
  private void makeRoom() {
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
      preempt(active.running().getLast());
    }
  }

  /** Guesses take what is left of the budget, and no block that somebody may need. */
  private int draft(Sequence s, int leave) {
    int spare = Math.max(0, blocks.free() - active.running().size()) * BLOCK_TOKENS;
    int room = Math.max(0, Math.min(maxBatchTokens - leave - step.tokens() - 1, spare));
    int draft = speculation.draft(s, step.tokens() + 1, room);
    if (draft > 0) {
      boolean covered = blocks.cover(s, s.numTokens() + draft);
      assert covered : "spare blocks were there";
    }
    return draft;
  }

  private void startLoad(Load load, long now) {
    Sequence s = load.sequence;
    active.load(load);
    step.addLoad(load);
    load.isFirst = !s.generation.admitted;
    noteAdmission(s, load.count * BLOCK_TOKENS, now);
  }

  /**
   * Notes that {@code load} has ended: the blocks that it has read can be found from now on, and
   * its sequence computes the rest.
   */
  void loaded(Load load) {
    Sequence s = load.sequence;
    active.remove(s);
    blocks.publishLoaded(load);
    if (load.isFirst) {
      s.generation.loaded(load.sound() * BLOCK_TOKENS, load.count * BLOCK_TOKENS);
    }
    if (s.state == State.FINISHED) {
      blocks.giveUp(s);
      return;
    }
    s.numPublished = load.from + load.sound();
    s.numComputed = s.numPublished * BLOCK_TOKENS;
    active.start(s);
    if (s.missing() > 1) {
      backlog.add(s);
    }
  }

  /** Lets its request know what of its prompt need not be computed; a load brings some of it. */
  private void noteAdmission(Sequence s, int expected, long now) {
    if (!s.generation.admitted) {
      s.generation.admit(s.numComputed + expected, now);
      promptTokens += s.numTokens();
      if (s.keys != null) {
        prefixQueryTokens += s.numTokens();
        prefixHitTokens += s.numComputed;
      }
    }
  }

  /**
   * Like {@link SequenceBlocks#cover}, where needed with blocks of those behind {@code s} in rank.
   */
  private boolean coverByForce(Sequence s, int tokens) {
    while (!blocks.cover(s, tokens)) {
      Sequence victim = active.victimBehind(s, step);
      if (victim == null) {
        return false;
      }
      preempt(victim);
    }
    return true;
  }

  private void preempt(Sequence s) {
    active.remove(s);
    backlog.remove(s);
    blocks.giveUp(s);
    s.state = State.WAITING;
    s.preempted();
    await(s);
    s.generation.preempted();
    preemptions++;
    preempted = true;
  }

  /** Notes that {@code done} was computed: its full blocks can be found from now on. */
  void computed(Step done) {
    for (int i = 0; i < done.size(); i++) {
      Sequence s = done.sequence(i);
      s.numComputed += done.count(i);
      if (s.missing() <= 1) {
        backlog.remove(s);
      }
      blocks.publishComputed(s);
    }
  }

  /**
   * Starts {@code branch} with what {@code trunk} has computed: full blocks are shared, the last
   * one is copied. Where there is no room, or the trunk's blocks are being loaded, it waits, and
   * finds the full blocks in the prefix index.
   */
  void branch(Sequence trunk, Sequence branch) {
    branch.arrival = trunk.arrival;
    if (trunk.state == State.LOADING
        || active.size() >= maxSequences
        || !blocks.share(trunk, branch)) {
      await(branch);
      return;
    }
    active.start(branch);
    if (branch.missing() > 0) { // of a repeated prompt; the token that was drawn is one more
      backlog.add(branch);
    }
  }

  /** Ends {@code s}, wherever it is, and frees its blocks. A second call does nothing. */
  void finish(Sequence s) {
    switch (s.state) {
      case WAITING -> {
        if (backlog.remove(s)) { // branches that have not started are nowhere yet
          waiting--;
        }
      }
      case RUNNING -> {
        active.remove(s);
        backlog.remove(s);
      }
      case LOADING -> {
        Objects.requireNonNull(s.load).cancel();
        s.state = State.FINISHED; // the load's end frees the blocks
        return;
      }
      case FINISHED -> {
        return;
      }
    }
    blocks.giveUp(s);
    s.state = State.FINISHED;
  }

  /** Nothing to compute, as far as is known: loads may be under way. */
  boolean isIdle() {
    return active.running().isEmpty() && waiting == 0;
  }

  int loading() {
    return active.loading().size();
  }

  int running() {
    return active.running().size();
  }

  int waiting() {
    return waiting;
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

  /** All sequences that wait, tenant by tenant and class by class, of each the first in turn. */
  List<List<Sequence>> waitingLines() {
    return backlog.lines().stream()
        .map(line -> line.stream().filter(s -> s.state == State.WAITING).toList())
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /**
   * Checks the invariants of pool and sequences.
   *
   * @param others tables besides the sequences' that own blocks
   * @throws IllegalStateException naming what is wrong
   */
  void checkIntegrity(List<BlockTable> others) {
    var owners = new ArrayList<BlockTable>(others);
    owners.addAll(active.checkedTables());
    List<Sequence> queued = waitingLines().stream().flatMap(List::stream).toList();
    long behind = active.running().stream().filter(s -> s.missing() > 1).count();
    if (queued.size() != waiting || backlog.size() != waiting + behind) {
      throw new IllegalStateException(
          "%d of %d in the backlog wait, but %d should and %d run behind"
              .formatted(queued.size(), backlog.size(), waiting, behind));
    }
    for (Sequence s : queued) {
      if (s.state != State.WAITING || s.blocks.size() != 0 || s.numComputed != 0) {
        throw new IllegalStateException(
            "a waiting sequence is %s and owns %d blocks".formatted(s.state, s.blocks.size()));
      }
    }
    blocks.checkIntegrity(owners);
  }
}

package dev.krafla.engine;

import static dev.krafla.engine.SequenceBlocks.hitLimit;
import static dev.krafla.kernels.KvCache.BLOCK_TOKENS;

import dev.krafla.engine.Sequence.State;
import dev.krafla.engine.cache.BlockTable;
import dev.krafla.engine.queue.AgedTurn;
import dev.krafla.engine.queue.Backlog;
import dev.krafla.engine.queue.StepBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

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

  /** What a prompt token is taken to cost before any was computed. */
  private static final double NOMINAL_TOKEN_NANOS = 1e6;

  private final SequenceBlocks blocks;
  private final Predicate<Sequence> logitsKnown;
  private final Speculation speculation;
  private final HandOffs handOffs;
  private final SchedulingPolicy policy;
  private final StepBudget stepBudget;
  private final int maxBatchTokens;
  private final int maxSequences;
  private final ActiveSequences active = new ActiveSequences();

  /** All who wait, and those running that lack more than one token. */
  private final Backlog<Sequence> backlog;

  private final WaitingSequences waiting;

  private final Step step = new Step();
  private int budget; // tokens of this step
  private long arrivals;
  private boolean preempted; // in this step
  private long preemptions;

  /**
   * @param logitsKnown whether the logits at the end of a sequence's prompt are at hand, so that
   *     its first token needs no step
   * @param speculation guesses what follows
   * @param tiers keep blocks that leave memory
   * @param handOffs bring blocks from other workers
   * @param limits of a step; half of its tokens at most go to running answers
   */
  Scheduler(
      SequenceBlocks blocks,
      Predicate<Sequence> logitsKnown,
      Speculation speculation,
      KvTiers tiers,
      HandOffs handOffs,
      EngineLimits limits) {
    this.blocks = blocks;
    this.logitsKnown = logitsKnown;
    this.speculation = speculation;
    this.handOffs = handOffs;
    this.maxBatchTokens = limits.maxBatchTokens();
    this.maxSequences = limits.maxSequences();
    this.policy = limits.policy();
    this.stepBudget = new StepBudget(maxBatchTokens);
    this.backlog = new Backlog<>(policy);
    this.waiting = new WaitingSequences(blocks, tiers, handOffs, active, backlog, maxSequences);
  }

  /** Queues a new sequence. */
  void add(Sequence sequence) {
    assert sequence.state == State.WAITING : sequence.state;
    sequence.arrival = arrivals++;
    enqueue(sequence);
  }

  /** It has no place from now on; its turn depends on how much of it has to be computed. */
  private void enqueue(Sequence s) {
    int hits = blocks.countPrefix(s);
    boolean atHand = needsNoTokens(s) || comesFromElsewhere(s);
    int tokens = atHand ? 1 : s.numTokens() - hits * BLOCK_TOKENS;
    double perToken = stepBudget.promptNanos() > 0 ? stepBudget.promptNanos() : NOMINAL_TOKEN_NANOS;
    Generation g = s.generation;
    s.turnNanos =
        g.firstTokenWithin.isPresent()
            ? g.dueNanos
            : AgedTurn.of(g.submittedNanos, tokens * perToken, policy.stretch());
    waiting.add(s);
  }

  /**
   * The next step; empty when there is nothing to compute. Valid until the next call.
   *
   * @param now nanoseconds, on the engine's clock
   * @param admitting whether waiting sequences may be let in
   */
  Step schedule(long now, boolean admitting) {
    step.clear();
    backlog.begin();
    waiting.makeRoom(this::preempt);
    speculation.beginStep(active.running());
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
    waiting.begin(now, admitting && !preempted);
    int behind = (int) active.running().stream().filter(s -> s.missing() > 1).count();
    while (behind > 0 || waiting.open()) {
      Optional<Sequence> next = backlog.next();
      if (next.isEmpty()) {
        return;
      }
      Sequence s = next.get();
      if (step.tokens() >= budget && !needsNoTokens(s) && !comesFromElsewhere(s)) {
        return; // the same one is asked first in the next step
      }
      if (s.state == State.RUNNING) {
        behind--;
        goOn(s);
      } else if (preempted || !waiting.admit(s, needsNoTokens(s), step, budget)) {
        backlog.skip(s);
      }
    }
  }

  /** Whether it can be let in and drawn from what is known, however full the step is. */
  private boolean needsNoTokens(Sequence s) {
    return s.state == State.WAITING
        && s.numDrawn() == 0
        && logitsKnown.test(s)
        // What goes to another worker is to be whole, and what comes from one is worth having.
        && (s.generation.request.handOff().isEmpty() || blocks.countPrefix(s) == hitLimit(s));
  }

  /** Whether its KV is to be fetched from another worker. */
  boolean comesFromElsewhere(Sequence s) {
    return s.state == State.WAITING && handOffs.wants(s);
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

  /**
   * Notes that {@code load} has ended: the blocks that it has read can be found from now on, and
   * its sequence computes the rest.
   */
  void loaded(Load load) {
    Sequence s = load.sequence;
    active.remove(s);
    blocks.publishLoaded(load);
    if (load.isFirst) {
      s.generation.loaded(load.soundTokens() - load.from * BLOCK_TOKENS, load.expectedTokens());
    }
    if (s.state == State.FINISHED) {
      blocks.giveUp(s);
      return;
    }
    s.numComputed = load.soundTokens();
    s.numPublished = s.numComputed / BLOCK_TOKENS;
    active.start(s);
    if (s.missing() > 1) {
      backlog.add(s);
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
    speculation.forget(s);
    s.state = State.WAITING;
    s.preempted();
    enqueue(s);
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
      enqueue(branch);
      return;
    }
    active.start(branch);
    branch.turnNanos = trunk.turnNanos;
    if (branch.missing() > 0) { // of a repeated prompt; the token that was drawn is one more
      backlog.add(branch);
    }
  }

  /** Ends {@code s}, wherever it is, and frees its blocks. A second call does nothing. */
  void finish(Sequence s) {
    speculation.forget(s);
    switch (s.state) {
      case WAITING -> waiting.remove(s);
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
    return active.running().isEmpty() && waiting.count() == 0;
  }

  int loading() {
    return active.loading().size();
  }

  int running() {
    return active.running().size();
  }

  int waiting() {
    return waiting.count();
  }

  long prefixQueryTokens() {
    return waiting.prefixQueryTokens();
  }

  long prefixHitTokens() {
    return waiting.prefixHitTokens();
  }

  long promptTokens() {
    return waiting.promptTokens();
  }

  long preemptions() {
    return preemptions;
  }

  /** All sequences that wait, tenant by tenant and class by class, of each the first in turn. */
  List<List<Sequence>> waitingLines() {
    return waiting.lines();
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
    waiting.checkIntegrity();
    speculation.checkIntegrity();
    blocks.checkIntegrity(owners);
  }
}

package dev.krafla.engine;

import dev.krafla.engine.cache.BlockPool;
import dev.krafla.engine.cache.BlockTable;
import dev.krafla.engine.cache.PrefixHasher;
import dev.krafla.engine.kvstore.KvStore;
import dev.krafla.engine.transfer.KvIdentity;
import dev.krafla.engine.transfer.Lease;
import dev.krafla.engine.transfer.TransferConfig;
import dev.krafla.kernels.KvCache;
import dev.krafla.models.CausalLm;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The engine's thread: the one writer of all request and cache state. Takes what others have
 * posted, schedules a step, computes it, draws tokens, hands them out, and starts again; parks when
 * there is nothing to do. A failure ends the requests it concerns and never the loop.
 */
final class StepLoop implements Runnable {
  private static final Logger LOG = System.getLogger(StepLoop.class.getName());

  /** A pass of so little may be measured a few times. */
  private static final long QUICK_PROBE_NANOS = 100_000_000;

  private final EngineLimits limits;
  private final Mailbox mailbox;
  private final Admission admission;
  private final LongAdder rejected;
  private final LongSupplier clock; // nanoseconds
  private final BlockPool blocks;
  private final ModelRunner runner;
  private final KvTiers tiers;
  private final HandOffs handOffs;
  private final Scheduler scheduler;
  private final DeadlineWatch deadlines;
  private final Embedder embedder;
  private final TokenDrawer drawer;
  private final Speculation speculation;
  private final Endings endings;
  private final OutputProcessor outputs;
  private boolean stopping;
  private long computedTokens;
  private long steps;
  private long repeatedPrompts;
  private long busyNanos;
  private volatile EngineStats stats;

  StepLoop(
      CausalLm lm,
      EngineLimits limits,
      Set<Integer> endTokens,
      Mailbox mailbox,
      Admission admission,
      LongAdder rejected,
      EndedListeners ended,
      LongSupplier clock,
      List<KvStore> stores,
      KvTiers.Policy loads,
      Optional<TransferConfig> transfer,
      Optional<DraftModel> draftModel) {
    this.limits = limits;
    this.mailbox = mailbox;
    this.admission = admission;
    this.rejected = rejected;
    this.clock = clock;
    var hasher = new PrefixHasher();
    this.blocks = new BlockPool(limits.numBlocks());
    this.runner = new ModelRunner(lm, limits);
    this.tiers =
        new KvTiers(
            stores,
            hasher.identity(limits.model(), limits.kvType()),
            runner,
            limits,
            lm.info().vocabSize(),
            mailbox,
            loads);
    this.handOffs =
        new HandOffs(
            transfer, identity(lm, limits, runner), blocks, runner, mailbox, loads.executor());
    this.drawer = new TokenDrawer(lm, runner, limits, tiers);
    this.speculation = new Speculation(limits, draftRunner(lm, limits, draftModel, clock));
    this.scheduler =
        new Scheduler(
            new SequenceBlocks(blocks, runner, tiers),
            drawer::knows,
            speculation,
            tiers,
            handOffs,
            limits);
    this.endings = new Endings(scheduler, handOffs, admission, ended, clock);
    this.outputs =
        new OutputProcessor(scheduler, handOffs, endings, hasher, limits, endTokens, clock);
    this.deadlines = new DeadlineWatch(blocks, scheduler::comesFromElsewhere);
    this.embedder = new Embedder(runner, blocks, lm.info(), limits, ended);
    if (!tiers.isEmpty()) {
      tiers.probe();
      timePrefill();
    }
    this.stats = snapshot();
  }

  private static @Nullable DraftRunner draftRunner(
      CausalLm lm, EngineLimits limits, Optional<DraftModel> model, LongSupplier clock) {
    return model.isEmpty() || limits.maxDraftTokens() == 0
        ? null
        : new DraftRunner(model.get().lm(), lm, limits, clock, Speculation.MAX_PER_STEP);
  }

  private static KvIdentity identity(CausalLm lm, EngineLimits limits, ModelRunner runner) {
    return new KvIdentity(
        lm.info().digest(),
        lm.arithmetic(),
        limits.kvType().name(),
        KvCache.LAYOUT_VERSION,
        runner.blockBytes(),
        lm.info().vocabSize() * Float.BYTES);
  }

  /** How fast prompts are computed, before the first comes. */
  private void timePrefill() {
    int tokens = Math.min(limits.maxBatchTokens(), KvTiers.MIN_TIMED_TOKENS);
    var table = new BlockTable();
    if (tokens == KvTiers.MIN_TIMED_TOKENS
        && blocks.allocate(table, tokens / KvCache.BLOCK_TOKENS)) {
      long nanos = Long.MAX_VALUE;
      // The first pass is that of cold code and of weights that nobody has touched yet.
      for (int i = 0; i < 5 && (i < 2 || nanos < QUICK_PROBE_NANOS); i++) {
        long start = clock.getAsLong();
        runner.clear();
        runner.add(new int[tokens], 0, tokens, table);
        runner.want(tokens - 1);
        runner.forward();
        nanos = Math.min(nanos, clock.getAsLong() - start);
      }
      tiers.timed(tokens, nanos);
      blocks.release(table);
    }
  }

  /** As of the end of the last turn. Callable from any thread. */
  EngineStats stats() {
    return stats;
  }

  @Override
  public void run() {
    while (!stopping) {
      boolean worked = runOnce();
      if (!worked && !stopping && mailbox.isEmpty()) {
        park();
      }
    }
    shutDown();
  }

  /** Until there is a command, or a lease expires. */
  private void park() {
    long expiry = handOffs.nextExpiry();
    if (expiry == Lender.NEVER) {
      LockSupport.park(this);
    } else {
      LockSupport.parkNanos(this, Math.max(1, expiry - clock.getAsLong()));
    }
  }

  /** Commands, then one step. Gives whether there was anything to do. */
  boolean runOnce() {
    boolean worked = false;
    try {
      handOffs.expire(clock.getAsLong());
      takeCommands();
      worked = turn();
    } catch (RuntimeException | Error e) {
      recover(e);
    }
    publishOutcomes();
    return worked;
  }

  /** Counters first, then ends: who sees a request end finds it counted and its blocks free. */
  private void publishOutcomes() {
    stats = snapshot();
    embedder.deliver();
    endings.tell();
  }

  private void takeCommands() {
    Optional<Command> next = mailbox.poll();
    while (next.isPresent()) {
      switch (next.get()) {
        case Command.Submit(Generation generation) -> {
          endings.expect(generation);
          scheduler.add(generation.trunk());
        }
        case Command.Abort(Generation generation) -> endings.abort(generation);
        case Command.Embed(Embedder.Job job) -> embedder.add(job);
        case Command.LogitsLoaded(Load load, MemorySegment logits) -> logitsLoaded(load, logits);
        case Command.Loaded(Load load) -> {
          tiers.ended(load);
          if (load instanceof Pull pull) {
            handOffs.ended(pull);
          }
          load.sequence.generation.moved(load.bytes());
          scheduler.loaded(load);
        }
        case Command.LeaseVacated(Lease lease) -> handOffs.vacated(lease);
        case Command.Stop() -> stopping = true;
      }
      next = mailbox.poll();
    }
  }

  /** The first token of a prompt that was computed before, while the rest is being loaded. */
  private void logitsLoaded(Load load, MemorySegment logits) {
    Sequence s = load.sequence;
    if (s.generation.promptKey != null) {
      drawer.remember(s.generation.promptKey, logits);
    }
    if (!s.generation.ended && s.numDrawn() == 0) {
      repeatedPrompts += load instanceof StoreLoad ? 1 : 0;
      outputs.take(drawer.drawFrom(s, logits));
    }
  }

  /** One step of answers and one of embeddings. Gives whether there was anything to do. */
  private boolean turn() {
    if (stopping || (scheduler.isIdle() && embedder.isIdle())) {
      return false;
    }
    long start = clock.getAsLong();
    int embedded = embedder.isIdle() ? 0 : embedder.turn();
    long embeddedAt = clock.getAsLong();
    int refused = shedHopeless(embeddedAt);
    Step step = scheduler.schedule(embeddedAt, !embedder.needsBlocks());
    step.loads().forEach(tiers::start);
    noteAdmissions(step.loads().stream().map(load -> load.sequence).toList());
    noteAdmissions(step.repeats());
    noteAdmissions(step.sequences());
    if (!step.repeats().isEmpty()) {
      repeatedPrompts += step.repeats().size();
      outputs.take(drawer.drawKnown(step.repeats()));
    }
    if (!step.isEmpty() && compute(step)) {
      scheduler.timed(step, clock.getAsLong() - embeddedAt);
    }
    computedTokens += embedded + step.tokens();
    steps += (embedded > 0 ? 1 : 0) + (step.isEmpty() ? 0 : 1);
    boolean moved = embedded + step.tokens() + step.repeats().size() + step.loads().size() > 0;
    if (moved) {
      long end = clock.getAsLong();
      boolean alone = step.tokens() + step.repeats().size() + step.loads().size() == 0;
      if (embedded > 0) {
        embedder.charge((alone ? end : embeddedAt) - start);
      }
      if (!alone) {
        StepShares.charge(step, end - (embedded > 0 ? embeddedAt : start));
      }
      busyNanos += end - start;
    }
    assert integrity();
    if (moved || refused > 0) {
      return true;
    }
    // Whoever waits here goes before whoever may fetch something.
    boolean madeRoom = scheduler.loading() == 0 && handOffs.revokeOldest();
    assert madeRoom || scheduler.loading() > 0 || !handOffs.tables().isEmpty()
        : "nothing moves, yet somebody waits";
    return madeRoom; // if not, the end of a load, or of reading a lease, wakes the loop
  }

  /** Refuses whose first token cannot come in time; gives how many. */
  private int shedHopeless(long now) {
    if (scheduler.waiting() == 0) {
      return 0;
    }
    var all = deadlines.look(scheduler::waitingLines, scheduler.promptTokenNanos(), now);
    for (var hopeless : all) {
      endings.shed(hopeless.generation(), hopeless.why());
    }
    return all.size();
  }

  private void noteAdmissions(List<Sequence> sequences) {
    for (Sequence s : sequences) {
      Generation generation = s.generation;
      if (generation.admitted && !generation.leftQueue) {
        generation.leftQueue = true;
        admission.admitted(clock.getAsLong());
      }
    }
  }

  /** Gives whether the model did. */
  private boolean compute(Step step) {
    long start = clock.getAsLong();
    List<Draw> draws;
    try {
      draws = drawer.compute(step);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "a step of " + step.tokens() + " tokens failed", e);
      for (int i = 0; i < step.size(); i++) {
        endings.fail(step.sequence(i).generation, "the model could not compute a step: " + e, e);
      }
      return false;
    }
    scheduler.computed(step);
    outputs.take(draws);
    for (int i = 0; i < step.size(); i++) {
      if (step.draft(i) > 0) {
        Sequence s = step.sequence(i);
        speculation.checked(s);
        s.generation.checked(s.numDraft, s.numAccepted);
      }
    }
    if (step.decodeOnly()) {
      speculation.timed(step.tokens(), clock.getAsLong() - start);
    } else {
      tiers.timed(step.tokens(), clock.getAsLong() - start);
    }
    return true;
  }

  /** After a fault in the loop itself: nobody's state can be trusted, so all requests end. */
  private void recover(Throwable fault) {
    LOG.log(Level.ERROR, "the engine failed its requests after an error of its own", fault);
    endings.failAll("the engine failed: " + fault, fault);
    embedder.failAll(new GenerationFailed("the engine failed: " + fault, fault));
    blocks.clearIndex();
    drawer.forgetPrompts();
  }

  private void shutDown() {
    mailbox.close();
    takeCommands();
    endings.abortAll();
    embedder.failAll(new EngineClosed("the engine was closed; send the request to another"));
    handOffs.close();
    tiers.awaitLoads();
    publishOutcomes();
    tiers.close();
    speculation.close();
    runner.close();
  }

  private boolean integrity() {
    var others = new ArrayList<>(embedder.tables());
    others.addAll(handOffs.tables());
    scheduler.checkIntegrity(others);
    return true;
  }

  private EngineStats snapshot() {
    return new EngineStats(
        scheduler.running(),
        scheduler.waiting(),
        limits.numBlocks() - blocks.freeBlocks(),
        limits.numBlocks(),
        KvCache.BLOCK_TOKENS,
        scheduler.prefixQueryTokens(),
        scheduler.prefixHitTokens(),
        scheduler.promptTokens(),
        outputs.tokens(),
        computedTokens,
        repeatedPrompts,
        speculation.drafted(),
        speculation.accepted(),
        speculation.draftedByModel(),
        speculation.acceptedByModel(),
        scheduler.preemptions(),
        steps,
        Duration.ofNanos(busyNanos),
        endings.finished(),
        endings.aborted(),
        endings.failed(),
        endings.shed(),
        rejected.sum(),
        tiers.loadedTokens(),
        tiers.droppedWrites(),
        tiers.prefillTokensPerSecond(),
        tiers.stats(),
        handOffs.stats());
  }
}

package dev.krafla.serving.simulate;

import dev.krafla.engine.RequestTooLarge;
import dev.krafla.kernels.KvCache;
import dev.krafla.serving.replay.Driver;
import dev.krafla.serving.replay.MadeUpTokens;
import dev.krafla.serving.replay.Outcome;
import dev.krafla.serving.replay.Run;
import dev.krafla.serving.replay.Work;
import dev.krafla.serving.route.Policy;
import dev.krafla.serving.route.RouteRequest;
import dev.krafla.serving.route.Router;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.PriorityQueue;

/**
 * Sends a load to a fleet in virtual time. Everything but the model is real: the router decides
 * with what it knows at that moment, each worker's scheduler and cache do what they do in
 * production, and only the time that a forward pass takes is made up. Deterministic; one use each,
 * by one thread.
 */
public final class Fleet {
  private final List<SimulatedWorker> workers = new ArrayList<>();
  private final PriorityQueue<SimulatedWorker> busy =
      new PriorityQueue<>(Comparator.comparingLong(SimulatedWorker::now));
  private final Router router;
  private final List<Outcome> outcomes = new ArrayList<>();
  private final Driver.Listener listener;
  private int total;
  private int underWay;
  private long now;

  private Fleet(FleetShape shape, Policy policy, Driver.Listener listener) {
    this.listener = listener;
    for (int i = 0; i < shape.workers(); i++) {
      workers.add(new SimulatedWorker(shape));
    }
    int recordBlocks = Math.ceilDiv(shape.cacheTokens(), KvCache.BLOCK_TOKENS);
    router =
        new Router(
            policy.picker(1), shape.workers(), KvCache.BLOCK_TOKENS, recordBlocks, () -> now);
  }

  /** Token ids that a simulated model knows. */
  public static MadeUpTokens tokens(long seed) {
    return MadeUpTokens.of(0, SimulatedLm.VOCABULARY, _ -> true, seed);
  }

  /**
   * Runs {@code works} on a fleet.
   *
   * @param timed whether requests come when they are due; else as soon as one of {@code
   *     concurrency} places is free
   */
  public static Run run(
      FleetShape shape,
      Policy policy,
      List<Work> works,
      boolean timed,
      int concurrency,
      Driver.Listener listener) {
    var fleet = new Fleet(shape, policy, listener);
    try {
      return fleet.run(works, timed, concurrency);
    } finally {
      fleet.workers.forEach(SimulatedWorker::close);
    }
  }

  private Run run(List<Work> works, boolean timed, int concurrency) {
    total = works.size();
    int next = 0;
    while (next < works.size() || !busy.isEmpty()) {
      long arrival = Long.MAX_VALUE;
      if (next < works.size() && underWay < concurrency) {
        arrival = timed ? Math.max(now, works.get(next).at().toNanos()) : now;
      }
      SimulatedWorker first = busy.peek();
      if (first == null || arrival <= first.now()) {
        now = arrival;
        dispatch(works.get(next++), timed);
      } else {
        turn(busy.remove());
      }
    }
    return new Run(
        outcomes.stream().sorted(Comparator.comparingInt(Outcome::number)).toList(),
        Duration.ofNanos(now),
        Optional.of(
            workers.stream().map(w -> w.stats().busy()).reduce(Duration.ZERO, Duration::plus)),
        "virtual time of steps",
        workers.size());
  }

  private void dispatch(Work work, boolean timed) {
    int[] prompt = work.prompt().get();
    Router.Ticket ticket = router.send(RouteRequest.of(prompt, KvCache.BLOCK_TOKENS));
    SimulatedWorker worker = workers.get(ticket.replica());
    boolean wasIdle = worker.isIdle();
    long due = timed ? work.at().toNanos() : now;
    try {
      worker.submit(work.number(), prompt, work.outputTokens(), due, now, ticket);
    } catch (RequestTooLarge e) {
      ticket.ended();
      ended(failed(work, ticket.replica(), due, prompt.length, String.valueOf(e.getMessage())));
      return;
    }
    underWay++;
    if (wasIdle) {
      worker.awaken(now);
      busy.add(worker);
    }
  }

  private Outcome failed(Work work, int replica, long due, int promptTokens, String why) {
    Duration at = Duration.ofNanos(now);
    return new Outcome(
        work.number(),
        replica,
        Duration.ofNanos(due),
        at,
        at,
        at,
        promptTokens,
        OptionalInt.empty(),
        0,
        Optional.of(why));
  }

  /** The world learns of the worker's last step; then it runs the next one. */
  private void turn(SimulatedWorker worker) {
    now = worker.now();
    worker.tell((request, usage, at) -> {
      underWay--;
      ended(
          new Outcome(
              request.number,
              request.ticket.replica(),
              Duration.ofNanos(request.due),
              Duration.ofNanos(request.sent),
              Duration.ofNanos(request.first),
              Duration.ofNanos(at),
              usage.promptTokens(),
              OptionalInt.of(usage.cachedTokens()),
              usage.outputTokens(),
              Optional.empty()));
    });
    if (!worker.isIdle()) {
      worker.step();
      busy.add(worker);
    }
  }

  private void ended(Outcome outcome) {
    outcomes.add(outcome);
    listener.ended(outcomes.size(), total, outcome);
  }
}

package dev.krafla.serving.replay;

import dev.krafla.engine.EngineException;
import dev.krafla.kernels.KvCache;
import dev.krafla.serving.route.RouteRequest;
import dev.krafla.serving.route.Router;
import dev.krafla.wire.WireException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Sends a load. Timed loads are open: a request goes out when it is due, whatever became of those
 * before, and its times count from when it was due, so that a driver or a server that stalls cannot
 * hide it. Other loads send the next request as soon as one of {@code concurrency} places is free.
 */
public final class Driver {
  /** Follows a run; called from many threads. */
  @FunctionalInterface
  public interface Listener {
    /** One more request has ended. */
    void ended(int done, int of, Outcome outcome);
  }

  private final List<? extends Endpoint> endpoints;
  private final Router router;
  private final boolean timed;
  private final int concurrency;
  private final Listener listener;

  /**
   * @param router knows as many replicas as there are endpoints, in their order
   * @param timed whether requests wait until they are due
   * @param concurrency most requests at the same time; a timed request that has to wait for a place
   *     is late
   */
  public Driver(
      List<? extends Endpoint> endpoints,
      Router router,
      boolean timed,
      int concurrency,
      Listener listener) {
    this.endpoints = List.copyOf(endpoints);
    this.router = router;
    this.timed = timed;
    this.concurrency = concurrency;
    this.listener = listener;
  }

  /** Sends all of {@code works}, in order, and waits for their ends. */
  public Run run(List<Work> works) throws InterruptedException {
    Optional<Duration> before = busy();
    var places = new Semaphore(concurrency);
    var outcomes = new AtomicReferenceArray<Outcome>(works.size());
    var done = new AtomicInteger();
    long start = System.nanoTime();
    for (Work work : works) {
      int[] prompt = work.prompt().get();
      if (timed) {
        awaitNanos(start + work.at().toNanos());
      }
      places.acquire();
      Router.Ticket ticket = router.send(RouteRequest.of(prompt, KvCache.BLOCK_TOKENS));
      Thread.ofVirtual()
          .start(() -> {
            try {
              Outcome outcome = send(work, prompt, ticket, start);
              outcomes.set(work.number(), outcome);
              listener.ended(done.incrementAndGet(), works.size(), outcome);
            } finally {
              ticket.ended();
              places.release();
            }
          });
    }
    places.acquire(concurrency);
    Duration wall = Duration.ofNanos(System.nanoTime() - start);
    Optional<Duration> compute = before.flatMap(b -> busy().map(after -> after.minus(b)));
    return new Run(
        IntStream.range(0, works.size()).mapToObj(outcomes::get).toList(),
        wall,
        compute,
        endpoints.getFirst().busySource(),
        endpoints.size());
  }

  private static void awaitNanos(long when) throws InterruptedException {
    for (long left = when - System.nanoTime(); left > 0; left = when - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted between two requests");
      }
    }
  }

  private Outcome send(Work work, int[] prompt, Router.Ticket ticket, long start) {
    long sent = System.nanoTime() - start;
    Duration due = timed ? work.at() : Duration.ofNanos(sent);
    try {
      Endpoint.Answer answer = endpoints.get(ticket.replica()).ask(prompt, work.outputTokens());
      ticket.begun();
      return new Outcome(
          work.number(),
          ticket.replica(),
          due,
          Duration.ofNanos(sent),
          Duration.ofNanos(answer.firstNanos() - start),
          Duration.ofNanos(answer.lastNanos() - start),
          answer.promptTokens(),
          answer.cachedTokens(),
          answer.outputTokens(),
          answer.outputTokens() == 0 ? Optional.of("the answer had no tokens") : Optional.empty());
    } catch (EngineException | WireException e) {
      Duration end = Duration.ofNanos(System.nanoTime() - start);
      return new Outcome(
          work.number(),
          ticket.replica(),
          due,
          Duration.ofNanos(sent),
          end,
          end,
          prompt.length,
          OptionalInt.empty(),
          0,
          Optional.of(String.valueOf(e.getMessage())));
    }
  }

  private Optional<Duration> busy() {
    Duration sum = Duration.ZERO;
    for (Endpoint endpoint : endpoints) {
      Optional<Duration> busy = endpoint.busy();
      if (busy.isEmpty()) {
        return Optional.empty();
      }
      sum = sum.plus(busy.get());
    }
    return Optional.of(sum);
  }
}

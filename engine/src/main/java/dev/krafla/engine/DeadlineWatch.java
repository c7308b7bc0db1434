package dev.krafla.engine;

import static dev.krafla.kernels.KvCache.BLOCK_TOKENS;

import dev.krafla.engine.DeadlineUnreachable.Reason;
import dev.krafla.engine.cache.BlockPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Finds requests in the queue whose first token cannot come in time any more: they are refused
 * while there is still time to ask elsewhere, and take nothing from those that can be served.
 * Judged by a lower bound: only what its own tenant has before it, each shared beginning once, at
 * the speed that was measured. So nobody is turned away who could have made it at that speed. Owned
 * by the engine's thread.
 */
final class DeadlineWatch {
  /** Looking through the whole queue at every step would be too much. */
  private static final long INTERVAL_NANOS = Duration.ofMillis(20).toNanos();

  private static final Duration SHORTEST_RETRY = Duration.ofSeconds(1);

  private final BlockPool pool;
  private final Predicate<Sequence> comesFromElsewhere;
  private boolean looked;
  private long lastLook;

  /**
   * @param comesFromElsewhere whether a sequence's KV is to be fetched instead of computed
   */
  DeadlineWatch(BlockPool pool, Predicate<Sequence> comesFromElsewhere) {
    this.pool = pool;
    this.comesFromElsewhere = comesFromElsewhere;
  }

  /** A request that is to be refused, and why. */
  record Hopeless(Generation generation, DeadlineUnreachable why) {}

  /**
   * @param lines who waits, of each tenant and class the first in turn
   * @param tokenNanos what a prompt token takes; 0 while unknown
   */
  List<Hopeless> look(Supplier<List<List<Sequence>>> lines, double tokenNanos, long now) {
    if (tokenNanos == 0 || (looked && now - lastLook < INTERVAL_NANOS)) {
      return List.of();
    }
    looked = true;
    lastLook = now;
    var hopeless = new ArrayList<Hopeless>();
    double allNanos = 0;
    for (List<Sequence> line : lines.get()) {
      allNanos += look(line, tokenNanos, now, hopeless);
    }
    if (hopeless.isEmpty()) {
      return List.of();
    }
    Duration retry = Duration.ofNanos((long) allNanos);
    Duration later = retry.compareTo(SHORTEST_RETRY) < 0 ? SHORTEST_RETRY : retry;
    return hopeless.stream().map(h -> withRetry(h, later)).toList();
  }

  /** Gives how long all that stay in this line take. */
  private double look(List<Sequence> line, double tokenNanos, long now, List<Hopeless> hopeless) {
    Set<Long> beginnings = new HashSet<>(); // that somebody before computes
    double ahead = 0;
    for (Sequence s : line) {
      double own = uncached(s, beginnings) * tokenNanos;
      Generation g = s.generation;
      long left = g.dueNanos - now;
      if (g.firstTokenWithin.isPresent() && !g.admitted && ahead + own > left) {
        boolean alone = own > g.firstTokenWithin.get().toNanos();
        hopeless.add(
            new Hopeless(
                g,
                refusal(
                    g,
                    alone ? Reason.PROMPT_TOO_LONG : Reason.QUEUED_BEHIND_OTHERS,
                    (long) (ahead + own),
                    left,
                    Optional.empty())));
      } else {
        ahead += own;
      }
    }
    return ahead;
  }

  /** Tokens that have to be computed before the first can be drawn, at least. */
  private int uncached(Sequence s, Set<Long> beginnings) {
    if (comesFromElsewhere.test(s)) {
      return 1;
    }
    if (s.keys == null) {
      return s.missing();
    }
    int limit = (s.numTokens() - 1) / BLOCK_TOKENS;
    int hits = pool.countPrefix(s.keys, limit);
    if (hits < limit && !beginnings.add(s.keys.key(hits).low())) {
      return 1; // somebody before it computes at least its next block, and perhaps all
    }
    return s.numTokens() - hits * BLOCK_TOKENS;
  }

  private static DeadlineUnreachable refusal(
      Generation g, Reason reason, long neededNanos, long leftNanos, Optional<Duration> retry) {
    String message =
        switch (reason) {
          case PROMPT_TOO_LONG ->
              "the prompt's %d tokens take about %.1f s here, and the first token was wanted within %.1f s: shorten it, or allow more time"
                  .formatted(
                      g.request.prompt().length,
                      neededNanos / 1e9,
                      g.firstTokenWithin.orElse(Duration.ZERO).toMillis() / 1e3);
          case QUEUED_BEHIND_OTHERS ->
              "the first token was wanted within %.1f s; it would take about %.1f s more and %.1f s are left, as others are before it: try again later, or allow more time"
                  .formatted(
                      g.firstTokenWithin.orElse(Duration.ZERO).toMillis() / 1e3,
                      neededNanos / 1e9,
                      Math.max(0, leftNanos) / 1e9);
        };
    return new DeadlineUnreachable(reason, g.request.terms().serviceClass(), retry, message);
  }

  private static Hopeless withRetry(Hopeless h, Duration later) {
    DeadlineUnreachable why = h.why();
    Optional<Duration> retry = why.retriable() ? Optional.of(later) : Optional.empty();
    return new Hopeless(
        h.generation(),
        new DeadlineUnreachable(
            why.reason(), why.serviceClass(), retry, String.valueOf(why.getMessage())));
  }
}

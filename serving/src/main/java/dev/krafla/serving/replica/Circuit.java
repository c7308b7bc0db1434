package dev.krafla.serving.replica;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Keeps requests from a replica that has failed several in a row, for a pause that doubles each
 * time; then one request tries whether it is well again. Thread-safe.
 *
 * <pre>
 * Closed ─failures─→ Open ─pause over, one request─→ HalfOpen ─it succeeds─→ Closed
 *                      ↑                                 └─it fails: twice the pause─┐
 *                      └─────────────────────────────────────────────────────────────┘
 * </pre>
 */
public final class Circuit {
  private static final int FAILURES = 3;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** Whether requests may pass. */
  public sealed interface State {
    /** They may. */
    record Closed(int failuresInARow) implements State {}

    /** They may not, until the clock shows {@code until}. */
    record Open(long until, Duration pause) implements State {}

    /** One is under way and will tell. */
    record HalfOpen(Duration pause) implements State {}
  }

  private final LongSupplier clock;
  private State state = new State.Closed(0);

  /**
   * @param clock nanoseconds
   */
  public Circuit(LongSupplier clock) {
    this.clock = clock;
  }

  /** Where it stands. */
  public synchronized State state() {
    return state;
  }

  /** Whether {@link #enter} would let a request pass now. */
  public synchronized boolean admits() {
    return switch (state) {
      case State.Closed _ -> true;
      case State.Open open -> clock.getAsLong() - open.until >= 0;
      case State.HalfOpen _ -> false;
    };
  }

  /** Lets a request pass, whose end must be told; false where none may pass. */
  public synchronized boolean enter() {
    if (!admits()) {
      return false;
    }
    if (state instanceof State.Open(_, Duration pause)) {
      state = new State.HalfOpen(pause);
    }
    return true;
  }

  /** A request that passed was answered. */
  public synchronized void succeeded() {
    state = new State.Closed(0);
  }

  /** A request that passed was not answered, and the replica is to blame. */
  public synchronized void failed() {
    state =
        switch (state) {
          case State.Closed(int failures) when failures + 1 < FAILURES ->
              new State.Closed(failures + 1);
          case State.Closed _ -> opened(FIRST_PAUSE);
          case State.HalfOpen(Duration pause) -> opened(longer(pause));
          case State.Open open -> open; // a request of before
        };
  }

  /** A request that passed ended without telling anything of the replica: its client left. */
  public synchronized void abandoned() {
    if (state instanceof State.HalfOpen(Duration pause)) {
      state = new State.Open(clock.getAsLong(), pause); // the next one tries
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  private State opened(Duration pause) {
    return new State.Open(clock.getAsLong() + pause.toNanos(), pause);
  }
}

package dev.krafla.gateway.route;

import dev.krafla.serving.replica.Circuit;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** How a target is doing: its circuit, and until when it asked to be left alone. Thread-safe. */
public final class TargetHealth {
  /** A provider that asks for more is asked again all the same. */
  private static final Duration LONGEST_REST = Duration.ofMinutes(10);

  private final LongSupplier clock;
  private final Circuit circuit;
  private final AtomicInteger underWay = new AtomicInteger();
  private volatile long restsUntil;

  /**
   * @param clock nanoseconds
   */
  TargetHealth(LongSupplier clock) {
    this.clock = clock;
    this.circuit = new Circuit(clock);
    this.restsUntil = clock.getAsLong();
  }

  /** Whether a request may go there now. */
  public boolean admits() {
    return !rests() && circuit.admits();
  }

  private boolean rests() {
    return restsUntil - clock.getAsLong() > 0;
  }

  /** Lets a request pass, whose end must be told; false where none may pass. */
  public boolean enter() {
    if (rests() || !circuit.enter()) {
      return false;
    }
    underWay.incrementAndGet();
    return true;
  }

  /** It answered. */
  public void succeeded() {
    underWay.decrementAndGet();
    circuit.succeeded();
  }

  /** It did not answer, and is to blame. */
  public void failed() {
    underWay.decrementAndGet();
    circuit.failed();
  }

  /** It has no room for {@code pause}. */
  public void asksForRest(Duration pause) {
    underWay.decrementAndGet();
    circuit.succeeded();
    Duration rest = pause.compareTo(LONGEST_REST) < 0 ? pause : LONGEST_REST;
    restsUntil = clock.getAsLong() + rest.toNanos();
  }

  /** The request ended without telling anything of it. */
  public void abandoned() {
    underWay.decrementAndGet();
    circuit.abandoned();
  }

  /** How long it is left alone from now; zero when it is not. */
  public Duration pause() {
    long until =
        circuit.state() instanceof Circuit.State.Open open
            ? Math.max(open.until() - clock.getAsLong(), 0)
            : 0;
    return Duration.ofNanos(Math.max(until, Math.max(0, restsUntil - clock.getAsLong())));
  }

  /** Requests that are there now. */
  public int underWay() {
    return underWay.get();
  }

  /** Where its circuit stands. */
  public Circuit.State circuit() {
    return circuit.state();
  }
}

package dev.krafla.platform.up;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** Keeps programs running. Closing it stops all of them, the last first. Thread-safe. */
public final class Supervisor implements AutoCloseable {
  private final Duration grace;
  private final BiConsumer<ChildSpec, ChildState> onChange;
  private final List<Child> children = new ArrayList<>(); // guarded by this

  /**
   * @param grace how long a program may take to end before it is killed
   * @param onChange told every change, from a thread of the program's own; must return quickly
   */
  public Supervisor(Duration grace, BiConsumer<ChildSpec, ChildState> onChange) {
    this.grace = grace;
    this.onChange = onChange;
  }

  /** Starts a program and goes on at once. */
  public synchronized void start(ChildSpec spec) {
    var child = new Child(spec, onChange);
    children.add(child);
    child.start();
  }

  /** What is known of one program. */
  public record Status(String name, ChildState state) {}

  /** All programs, in the order in which they were started. */
  public synchronized List<Status> status() {
    return children.stream().map(c -> new Status(c.spec().name(), c.state())).toList();
  }

  /**
   * Waits until all are ready.
   *
   * @return false when one failed or was stopped before it was; it is tried again all the same
   */
  public boolean awaitReady() throws InterruptedException {
    for (Child child : children()) {
      if (!child.awaitReady()) {
        return false;
      }
    }
    return true;
  }

  private synchronized List<Child> children() {
    return List.copyOf(children);
  }

  /** Stops all, the last first. */
  @Override
  public void close() {
    try {
      for (Child child : children().reversed()) {
        child.stop(grace);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      for (Child child : children()) {
        child.kill();
      }
    }
  }
}

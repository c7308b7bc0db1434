package dev.krafla.kernels;

import static java.util.Objects.requireNonNull;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The compute pool of every tier. Workers wait for the next task in three stages: spin (hand-over
 * well under a microsecond), yield (so that a busy neighbour gets the core), park (an idle engine
 * costs nothing; waking takes tens of microseconds). The caller of {@link #run} takes over the
 * shares that no worker has begun when its own is done: one that still sleeps, or whose core
 * another process has, is not waited for. For those that are at it, it spins, then yields.
 *
 * <p>INVARIANT: a share is run by whoever advances its member's {@code claimed} cell from the last
 * generation to the task's, and {@link #run} returns when all are done: so a worker that comes late
 * cannot begin a share of a task that is over.
 *
 * <p>INVARIANT: a worker sets its {@code parked} flag before it looks at {@code generation} for the
 * last time, and the caller advances {@code generation} before it looks at the flags; both are
 * volatile, so one of the two sees the other and no wake-up is lost.
 */
@SuppressWarnings("ThreadPriorityCheck") // yielding to a busy neighbour is the point
public final class SpinPool implements ComputePool {
  private static final int SPINS = 2_000; // about 50 µs: longer than the gap between two kernels
  private static final int YIELDS = 2_000; // about 1 ms: longer than sampling between two steps

  /** Ints from one thread's cell to the next: two cache lines, the unit that prefetchers pair. */
  private static final int STRIDE = 32;

  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(int[].class);

  private final Thread[] workers;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /**
   * Cell 0: generation, advanced by one per task. Cell m ≥ 1: the last one whose share m is done.
   */
  private final int[] generations;

  /** Cell m ≥ 1: the last generation whose share m somebody has begun. */
  private final int[] claimed;

  /** Cell m: 1 while member m is parked or about to. */
  private final int[] parked;

  private @Nullable Body body; // published by the write of the generation
  private volatile boolean closed;

  /** A pool of {@code size} members: the caller and {@code size - 1} daemon threads. */
  public SpinPool(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("pool of %d threads; needs at least 1".formatted(size));
    }
    generations = new int[(size + 1) * STRIDE];
    claimed = new int[(size + 1) * STRIDE];
    parked = new int[(size + 1) * STRIDE];
    workers = new Thread[size - 1];
    for (int i = 0; i < workers.length; i++) {
      int member = i + 1;
      workers[i] =
          Thread.ofPlatform().daemon().name("krafla-compute-" + member).start(() -> work(member));
    }
  }

  @Override
  public int size() {
    return workers.length + 1;
  }

  /**
   * {@inheritDoc} A failed member does not stop the others.
   *
   * @throws IllegalStateException when called from within a task, from two threads at once, or
   *     after {@link #close}
   */
  @Override
  public void run(Body body) {
    if (closed) {
      throw new IllegalStateException("the compute pool is closed");
    }
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "the compute pool already runs a task; run() takes one at a time and does not nest");
    }
    try {
      this.body = body;
      int generation = generation() + 1;
      CELL.setVolatile(generations, 0, generation);
      wakeParked();
      runShare(body, 0);
      for (int m = 1; m <= workers.length; m++) {
        runUnlessClaimed(body, m, generation);
      }
      awaitWorkers(generation);
      this.body = null;
    } finally {
      busy.set(false);
    }
    Throwable thrown = failure.get();
    if (thrown != null) {
      failure.set(null);
      rethrow(thrown);
    }
  }

  /**
   * Lets a running task finish, ends the threads and waits for them. A second call does nothing.
   * Not to be called from within a task.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    while (!busy.compareAndSet(false, true)) {
      Thread.yield();
    }
    closed = true; // and busy for good: the workers are going
    CELL.getAndAdd(generations, 0, 1);
    for (Thread worker : workers) {
      LockSupport.unpark(worker);
    }
    boolean interrupted = false;
    for (Thread worker : workers) {
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true; // the threads end by themselves; the caller learns of it below
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private int generation() {
    return (int) CELL.getVolatile(generations, 0);
  }

  private void wakeParked() {
    for (int m = 1; m <= workers.length; m++) {
      if ((int) CELL.getVolatile(parked, m * STRIDE) != 0) {
        LockSupport.unpark(workers[m - 1]);
      }
    }
  }

  private void awaitWorkers(int generation) {
    for (int m = 1; m <= workers.length; m++) {
      int waits = 0;
      while ((int) CELL.getAcquire(generations, m * STRIDE) != generation) {
        if (++waits < SPINS) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
    }
  }

  private void work(int member) {
    int seen = 0;
    while (true) {
      seen = awaitNext(member, seen);
      if (closed) {
        return;
      }
      runUnlessClaimed(body, member, seen);
    }
  }

  /**
   * Runs share {@code member} of generation {@code generation}, unless somebody has begun it. The
   * worker's {@code task} may be of a later generation, or none: then the share is claimed already.
   */
  private void runUnlessClaimed(@Nullable Body task, int member, int generation) {
    if (CELL.compareAndSet(claimed, member * STRIDE, generation - 1, generation)) {
      runShare(requireNonNull(task), member);
      CELL.setRelease(generations, member * STRIDE, generation);
    }
  }

  /** Returns the first generation after {@code seen}. */
  private int awaitNext(int member, int seen) {
    for (int waits = 0; ; waits++) {
      int generation = generation();
      if (generation != seen) {
        return generation;
      }
      if (waits < SPINS) {
        Thread.onSpinWait();
      } else if (waits < SPINS + YIELDS) {
        Thread.yield();
      } else {
        CELL.setVolatile(parked, member * STRIDE, 1);
        if (generation() == seen) {
          LockSupport.park(this);
        }
        CELL.setVolatile(parked, member * STRIDE, 0);
      }
    }
  }

  private void runShare(Body task, int member) {
    try {
      task.run(member, size());
    } catch (Throwable t) { // whatever it is, the caller must get it and the team must go on
      failure.compareAndSet(null, t);
    }
  }

  private static void rethrow(Throwable thrown) {
    switch (thrown) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException("a compute task failed", thrown);
    }
  }
}

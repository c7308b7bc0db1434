package dev.krafla.platform.up;

import dev.krafla.platform.up.ChildState.Failed;
import dev.krafla.platform.up.ChildState.Ready;
import dev.krafla.platform.up.ChildState.Starting;
import dev.krafla.platform.up.ChildState.Stopped;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One program, started again whenever it ends unasked. A virtual thread of its own follows it;
 * states are told from that thread. Thread-safe.
 */
final class Child {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** A program that did its work this long failed for another reason than the last time. */
  private static final Duration SETTLED = Duration.ofMinutes(1);

  /** For the last lines of what has ended, which say why. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private static final Duration LOOK = Duration.ofMillis(100);
  private static final long LOG_BYTES = 10L << 20;
  private static final int OLD_LOGS = 3;

  private final ChildSpec spec;
  private final BiConsumer<ChildSpec, ChildState> onChange;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private ChildState state = new Stopped(); // guarded by lock, as is all that follows
  private @Nullable Process process;
  private boolean stopping;
  private @Nullable Thread follower;

  Child(ChildSpec spec, BiConsumer<ChildSpec, ChildState> onChange) {
    this.spec = spec;
    this.onChange = onChange;
  }

  ChildSpec spec() {
    return spec;
  }

  ChildState state() {
    lock.lock();
    try {
      return state;
    } finally {
      lock.unlock();
    }
  }

  /** Starts it, once. */
  void start() {
    lock.lock();
    try {
      if (follower != null) {
        throw new IllegalStateException(spec.name() + " was started already");
      }
      follower = Thread.ofVirtual().name("follows " + spec.name()).start(this::follow);
    } finally {
      lock.unlock();
    }
  }

  private void follow() {
    Duration pause = FIRST_PAUSE;
    while (true) {
      long began = System.nanoTime();
      String reason = runOnce();
      if (System.nanoTime() - began > SETTLED.toNanos()) {
        pause = FIRST_PAUSE;
      }
      if (!pauseAfter(reason, pause)) {
        set(new Stopped());
        return;
      }
      Duration twice = pause.multipliedBy(2);
      pause = twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
    }
  }

  /** Whether it is to be started again, once the pause is over. */
  private boolean pauseAfter(String reason, Duration pause) {
    if (!stopping()) {
      set(new Failed(reason, pause));
    }
    lock.lock();
    try {
      long left = pause.toNanos();
      while (!stopping && left > 0) {
        left = changed.awaitNanos(left);
      }
      return !stopping;
    } catch (InterruptedException e) {
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** From its start to its end; returns why it ended. */
  private String runOnce() {
    Process running;
    try {
      running = launch();
    } catch (IOException e) {
      return "it cannot be started: " + e.getMessage();
    }
    if (running == null) {
      return "stopped";
    }
    Thread logger = Thread.ofVirtual().name("logs " + spec.name()).start(() -> log(running));
    try {
      set(new Starting(running.pid()));
      String hung = awaitReady(running);
      int code = running.waitFor();
      running.getOutputStream().close(); // tells programs that it has started, too
      logger.join(LAST_WORDS);
      return hung.isEmpty() ? "it ended with exit status " + code : hung;
    } catch (IOException e) {
      return "its input cannot be closed: " + e.getMessage();
    } catch (InterruptedException e) {
      running.destroyForcibly();
      return "interrupted";
    }
  }

  private @Nullable Process launch() throws IOException {
    var builder = new ProcessBuilder(spec.command()).redirectErrorStream(true);
    builder.environment().putAll(spec.environment());
    lock.lock();
    try {
      if (stopping) {
        return null;
      }
      process = builder.start();
      return process;
    } finally {
      lock.unlock();
    }
  }

  private void log(Process running) {
    try (var log = new RotatingLog(spec.log(), LOG_BYTES, OLD_LOGS);
        var out = running.getInputStream()) {
      log.copy(out);
    } catch (IOException e) {
      System.getLogger(Child.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "the output of %s is no longer kept in %s: %s".formatted(spec.name(), spec.log(), e));
    }
  }

  /** Returns when it is ready or has ended; kills it when it takes too long, and then says so. */
  private String awaitReady(Process running) throws InterruptedException {
    long end = System.nanoTime() + spec.patience().toNanos();
    while (!running.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
      if (spec.ready().getAsBoolean()) {
        set(new Ready(running.pid()));
        return "";
      }
      if (System.nanoTime() > end) {
        running.destroyForcibly();
        return "it was not ready within %d s".formatted(spec.patience().toSeconds());
      }
    }
    return "";
  }

  private boolean stopping() {
    lock.lock();
    try {
      return stopping;
    } finally {
      lock.unlock();
    }
  }

  private void set(ChildState next) {
    lock.lock();
    try {
      state = next;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    onChange.accept(spec, next);
  }

  /**
   * Waits until it is ready.
   *
   * @return false when it failed or was stopped before
   */
  boolean awaitReady() throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        switch (state) {
          case Ready _ -> {
            return true;
          }
          case Failed _ -> {
            return false;
          }
          case Stopped _ when stopping -> {
            return false;
          }
          case Starting _, Stopped _ -> changed.await();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Asks it to end and does not start it again; kills it where it has not ended within {@code
   * limit}.
   */
  void stop(Duration limit) throws InterruptedException {
    Process running;
    Thread following;
    lock.lock();
    try {
      stopping = true;
      changed.signalAll();
      running = process;
      following = follower;
    } finally {
      lock.unlock();
    }
    if (running != null) {
      running.destroy();
      if (!running.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        running.destroyForcibly();
      }
    }
    if (following != null) {
      following.join();
    }
  }

  /** Ends it now, whatever it is doing. */
  void kill() {
    lock.lock();
    try {
      stopping = true;
      changed.signalAll();
      if (process != null) {
        process.destroyForcibly();
      }
    } finally {
      lock.unlock();
    }
  }
}

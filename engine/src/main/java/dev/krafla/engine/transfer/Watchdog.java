package dev.krafla.engine.transfer;

import dev.krafla.engine.transfer.TransferException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Closes channels that do not move: channels have no timeouts of their own, and who waits on a
 * closed one is woken. Thread-safe.
 */
final class Watchdog implements AutoCloseable {
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(
          1, task -> Thread.ofPlatform().name("krafla-kv-watchdog").daemon().unstarted(task));

  Watchdog() {
    timer.setRemoveOnCancelPolicy(true);
  }

  /**
   * Closes {@code channel} unless the watch ends within {@code limit}.
   *
   * @throws TransferException when the watchdog itself is closed
   */
  Watch over(Channel channel, Duration limit) throws TransferException {
    try {
      return new Watch(channel, limit);
    } catch (RejectedExecutionException e) {
      throw new TransferException(Reason.CANCELLED, "this worker is being closed", e);
    }
  }

  /** One operation under watch. */
  final class Watch implements AutoCloseable {
    private final ScheduledFuture<?> bite;
    private volatile boolean bitten;

    private Watch(Channel channel, Duration limit) {
      bite =
          timer.schedule(
              () -> {
                bitten = true;
                try {
                  channel.close();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              limit.toNanos(),
              TimeUnit.NANOSECONDS);
    }

    /** Whether it took too long. */
    boolean bitten() {
      return bitten;
    }

    @Override
    public void close() {
      bite.cancel(false);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}

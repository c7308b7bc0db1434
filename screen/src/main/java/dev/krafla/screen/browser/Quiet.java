package dev.krafla.screen.browser;

import dev.krafla.screen.ScreenException;
import dev.krafla.screen.SurfaceLostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.node.ObjectNode;

/**
 * Waits until a page stands still: no navigation under way, nothing fetched that it needs, its
 * document unchanged for a moment. Bounded, and never longer than the page needs.
 */
final class Quiet {
  /** Two frames at 60 a second, and what a framework defers to. */
  private static final int STILL_MILLIS = 35;

  /** A document that never stands still (clocks, tickers) is looked at as it is. */
  private static final int RESTLESS_MILLIS = 600;

  /** While nothing but scripts run. */
  static final Duration SHORT = Duration.ofSeconds(4);

  /** While a page is loaded. */
  static final Duration LONG = Duration.ofSeconds(20);

  private Quiet() {}

  /** How the wait ended. */
  enum End {
    STILL,
    DIALOG,
    /** Not still in time. */
    RESTLESS
  }

  /**
   * Waits.
   *
   * @throws SurfaceLostException when the tab is gone
   */
  static End await(PageTab tab) {
    long start = System.nanoTime();
    long until = start + SHORT.toNanos();
    long atMost = start + LONG.toNanos();
    while (true) {
      tab.crash()
          .ifPresent(reason -> {
            throw new SurfaceLostException(reason);
          });
      if (tab.dialog().isPresent()) {
        return End.DIALOG;
      }
      if (tab.isNavigating()) {
        until = atMost;
        if (!tab.await(() -> !tab.isNavigating() || interrupted(tab), atMost)) {
          return End.RESTLESS;
        }
        continue;
      }
      int documents = tab.documents();
      boolean still = standsStill(tab, until);
      if (still && documents == tab.documents() && !tab.isNavigating() && !interrupted(tab)) {
        if (!tab.isFetching()) {
          return End.STILL;
        }
        boolean fetched =
            tab.await(
                () -> !tab.isFetching() || tab.isNavigating() || interrupted(tab), nextLook(until));
        if (!fetched && System.nanoTime() >= until) {
          return End.RESTLESS;
        }
      } else if (System.nanoTime() >= until && !tab.isNavigating()) {
        return End.RESTLESS;
      }
    }
  }

  /** Requests grow too old to be waited for without an event. */
  private static long nextLook(long until) {
    return Math.min(until, System.nanoTime() + 200_000_000L);
  }

  private static boolean interrupted(PageTab tab) {
    return tab.dialog().isPresent() || tab.crash().isPresent();
  }

  private static boolean standsStill(PageTab tab, long until) {
    try {
      List<Frame> frames = tab.frames();
      CompletableFuture<ObjectNode> answer =
          tab.callIn(frames.getFirst(), Scripts.QUIET, STILL_MILLIS, RESTLESS_MILLIS);
      tab.awaitUnlessMoved(answer, until);
      return answer.isDone() && !answer.isCompletedExceptionally();
    } catch (ScreenException e) {
      if (tab.crash().isPresent()) {
        throw e;
      }
      return false; // the document went away under the question: ask the next one
    }
  }
}

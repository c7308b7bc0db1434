package dev.krafla.screen.browser;

import dev.krafla.screen.Observation;
import dev.krafla.screen.Role;
import dev.krafla.screen.render.ScreenText;
import dev.krafla.screen.render.TokenCount;
import java.util.Arrays;
import java.util.function.LongSupplier;

/** Measures what looks and clicks cost on a real browser; prints medians. Not a test. */
final class Costs {
  private static final int ROUNDS = 15;

  private Costs() {}

  public static void main(String[] arguments) {
    for (int nodes : new int[] {500, 2_000, 10_000}) {
      try (var page = TestBrowser.open("many.html?" + nodes)) {
        Observation seen = page.surface().observe();
        long look = median(() -> page.surface().observe().took().toNanos());
        long click = median(() -> page.click(Role.BUTTON, "Menu").took().toNanos());
        String text = ScreenText.standard().of(seen);
        System.out.printf(
            "%,d DOM nodes, %,d on the screen: look %.1f ms, click %.1f ms, %d tokens (estimate)%n",
            nodes,
            seen.screen().stream().count(),
            look / 1e6,
            click / 1e6,
            TokenCount.estimate().of(text));
      }
    }
    System.exit(0);
  }

  /** The middle of the second half, when code is warm. */
  private static long median(LongSupplier measure) {
    long[] taken = new long[ROUNDS];
    for (int i = 0; i < 2 * ROUNDS; i++) {
      taken[i % ROUNDS] = measure.getAsLong();
    }
    Arrays.sort(taken);
    return taken[ROUNDS / 2];
  }
}

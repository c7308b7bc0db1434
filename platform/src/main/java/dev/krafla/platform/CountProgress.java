package dev.krafla.platform;

/**
 * How many of a known number are done, on standard error: a bar on a terminal, elsewhere a line at
 * the start. Thread-safe.
 */
final class CountProgress implements AutoCloseable {
  private static final int CELLS = 24;
  private static final long REDRAW_NANOS = 100_000_000L;

  private final CliOutput output;
  private final String what;
  private final int total;
  private long drawnNanos = System.nanoTime() - REDRAW_NANOS;

  CountProgress(CliOutput output, String what, int total) {
    this.output = output;
    this.what = what;
    this.total = total;
    if (output.errTerminal()) {
      at(0);
    } else {
      output.note("%s: %d requests".formatted(what, total));
    }
  }

  /** {@code done} are done. */
  synchronized void at(int done) {
    long now = System.nanoTime();
    if (!output.errTerminal() || (done < total && now - drawnNanos < REDRAW_NANOS)) {
      return;
    }
    drawnNanos = now;
    int full = (int) ((long) done * CELLS / Math.max(1, total));
    output
        .err()
        .print(
            "\r\u001b[K%s  %s%s  %d of %d"
                .formatted(what, "█".repeat(full), "░".repeat(CELLS - full), done, total));
    output.err().flush();
  }

  @Override
  public synchronized void close() {
    if (output.errTerminal()) {
      output.err().println();
      output.err().flush();
    }
  }
}

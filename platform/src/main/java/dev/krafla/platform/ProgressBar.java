package dev.krafla.platform;

import java.time.Duration;
import java.util.Locale;

/**
 * Progress on standard error: a bar redrawn ten times a second on a terminal, elsewhere a line at
 * the start and one at the end of each part.
 */
final class ProgressBar implements Progress {
  private static final int CELLS = 24;
  private static final long REDRAW_NANOS = 100_000_000L;

  private final CliOutput output;
  private String what = "";
  private long first;
  private long done;
  private long total;
  private long startedNanos;
  private long drawnNanos;

  ProgressBar(CliOutput output) {
    this.output = output;
  }

  @Override
  public void begin(String what, long done, long total) {
    this.what = what;
    this.first = done;
    this.done = done;
    this.total = total;
    startedNanos = System.nanoTime();
    drawnNanos = startedNanos - REDRAW_NANOS;
    if (output.errTerminal()) {
      draw();
    } else {
      String from = done > 0 ? ", going on from " + ByteSize.text(done) : "";
      output.note(what + (total < 0 ? "" : " (" + ByteSize.text(total) + ")") + from);
    }
  }

  @Override
  public void at(long done) {
    this.done = done;
    if (output.errTerminal() && System.nanoTime() - drawnNanos >= REDRAW_NANOS) {
      draw();
    }
  }

  @Override
  public void end() {
    if (output.errTerminal()) {
      draw();
      output.err().println();
    } else {
      double seconds = Math.max(elapsed(), 1) / 1e9;
      output.note(
          String.format(
              Locale.ROOT, "%s: %s in %.1f s", what, ByteSize.text(done - first), seconds));
    }
  }

  @Override
  public void note(String text) {
    if (output.errTerminal()) {
      output.err().print("\r\u001b[K");
    }
    output.note(text);
  }

  private long elapsed() {
    return System.nanoTime() - startedNanos;
  }

  private void draw() {
    drawnNanos = System.nanoTime();
    double seconds = Math.max(elapsed() / 1e9, 0.001);
    double rate = (done - first) / seconds;
    var line = new StringBuilder("\r\u001b[K").append(what).append("  ");
    if (total > 0) {
      int full = (int) Math.min(CELLS, done * CELLS / total);
      line.append("█".repeat(full)).append("░".repeat(CELLS - full)).append("  ");
      line.append(ByteSize.text(done)).append(" of ").append(ByteSize.text(total));
    } else {
      line.append(ByteSize.text(done));
    }
    if (rate > 0) {
      line.append("  ").append(ByteSize.text((long) rate)).append("/s");
      if (total > done && seconds > 1) {
        line.append("  ").append(text(Duration.ofSeconds((long) ((total - done) / rate))));
      }
    }
    output.err().print(line);
    output.err().flush();
  }

  private static String text(Duration left) {
    return left.toMinutes() > 0
        ? left.toMinutes() + " min " + left.toSecondsPart() + " s"
        : left.toSeconds() + " s";
  }
}

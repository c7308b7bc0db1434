package dev.krafla.platform;

import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Log set-up of the command line: one line per record, on standard error. */
final class Logging {
  /** Kept here because JUL holds loggers weakly, and a collected one forgets its level. */
  private static final Logger KRAFLA = Logger.getLogger("dev.krafla");

  private Logging() {}

  /** Shows Krafla's own INFO and others' WARNING; with {@code verbose}, FINE and INFO. */
  static void configure(boolean verbose) {
    Logger root = Logger.getLogger("");
    for (Handler old : root.getHandlers()) {
      root.removeHandler(old);
    }
    Handler handler = new ConsoleHandler();
    handler.setFormatter(new OneLine(verbose));
    handler.setLevel(Level.ALL);
    root.addHandler(handler);
    root.setLevel(verbose ? Level.INFO : Level.WARNING);
    KRAFLA.setLevel(verbose ? Level.FINE : Level.INFO);
  }

  private static final class OneLine extends Formatter {
    private final boolean traces;

    OneLine(boolean traces) {
      this.traces = traces;
    }

    @Override
    public String format(LogRecord entry) {
      String name = entry.getLoggerName();
      var line = new StringBuilder();
      line.append(
          LocalTime.ofInstant(entry.getInstant(), ZoneId.systemDefault())
              .truncatedTo(ChronoUnit.SECONDS)
              .format(DateTimeFormatter.ISO_LOCAL_TIME));
      line.append(' ').append(entry.getLevel().getName().charAt(0)).append(' ');
      if (name != null) {
        line.append(name.substring(name.lastIndexOf('.') + 1)).append(": ");
      }
      line.append(formatMessage(entry));
      Throwable thrown = entry.getThrown();
      if (thrown != null) {
        line.append(" (").append(thrown).append(')');
      }
      line.append('\n');
      if (thrown != null && traces) {
        for (StackTraceElement frame : thrown.getStackTrace()) {
          line.append("    at ").append(frame).append('\n');
        }
      }
      return line.toString();
    }
  }
}

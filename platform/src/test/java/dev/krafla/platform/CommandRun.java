package dev.krafla.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/** One run of the command line in this JVM, without a terminal; standard output by lines. */
final class CommandRun {
  private static final long PATIENCE_SECONDS = 60;

  final StopSignal stop = StopSignal.byHand();
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final StringWriter all = new StringWriter();
  private final StringWriter errors = new StringWriter();
  private final CompletableFuture<Integer> code;

  private CommandRun(KraflaHome home, Map<String, String> environment, String... args) {
    var output =
        new CliOutput(
            new PrintWriter(new Lines(), true), new PrintWriter(errors, true), false, false, false);
    var context = new CliContext(home, output, environment);
    code = new CompletableFuture<>();
    Thread.ofPlatform()
        .name("command")
        .start(() -> {
          try {
            code.complete(Main.commandLine(context, stop).execute(args));
          } catch (RuntimeException | Error e) {
            code.completeExceptionally(e);
          }
        });
  }

  /** Starts a command. */
  static CommandRun start(KraflaHome home, String... args) {
    return new CommandRun(home, new HashMap<>(), args);
  }

  /** Starts a command with environment variables. */
  static CommandRun start(KraflaHome home, Map<String, String> environment, String... args) {
    return new CommandRun(home, environment, args);
  }

  /** Waits for the command's end. */
  int exitCode() throws Exception {
    return code.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** Waits for a line that matches {@code regex}. */
  String line(String regex) throws InterruptedException {
    while (true) {
      String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(line).as("no line like %s in%n%s%s", regex, all, errors).isNotNull();
      if (line.matches(regex)) {
        return line;
      }
    }
  }

  /** Waits until what it has written to standard error has a part that matches {@code regex}. */
  void awaitErr(String regex) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!Pattern.compile(regex).matcher(err()).find()) {
      assertThat(System.nanoTime()).as("no %s in%n%s", regex, err()).isLessThan(end);
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** Everything it has written to standard output. */
  String out() {
    return all.toString();
  }

  /** Everything it has written to standard error. */
  String err() {
    return errors.toString();
  }

  private final class Lines extends Writer {
    private final StringBuilder line = new StringBuilder();

    @Override
    public void write(char[] chars, int from, int length) {
      all.write(chars, from, length);
      for (int i = from; i < from + length; i++) {
        if (chars[i] == '\n') {
          lines.add(line.toString());
          line.setLength(0);
        } else {
          line.append(chars[i]);
        }
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}

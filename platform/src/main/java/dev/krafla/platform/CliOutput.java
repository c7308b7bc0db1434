package dev.krafla.platform;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * Where commands write: answers and data to {@code out}, everything about them to {@code err}.
 * Thread-safe as {@link PrintWriter} is.
 */
public final class CliOutput {
  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean inTerminal;
  private final boolean outTerminal;
  private final boolean errTerminal;

  /**
   * Output over two writers.
   *
   * @param inTerminal whether a person types
   * @param outTerminal whether a person sees {@code out} on a terminal
   * @param errTerminal whether a person sees {@code err} on a terminal
   */
  public CliOutput(
      PrintWriter out,
      PrintWriter err,
      boolean inTerminal,
      boolean outTerminal,
      boolean errTerminal) {
    this.out = out;
    this.err = err;
    this.inTerminal = inTerminal;
    this.outTerminal = outTerminal;
    this.errTerminal = errTerminal;
  }

  /** Standard output and error; the launcher says in {@code krafla.tty} which are terminals. */
  static CliOutput ofProcess() {
    String terminals = System.getProperty("krafla.tty", "");
    return new CliOutput(
        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
        new PrintWriter(System.err, true, StandardCharsets.UTF_8),
        terminals.contains("0"),
        terminals.contains("1"),
        terminals.contains("2"));
  }

  /** Answers and data. */
  public PrintWriter out() {
    return out;
  }

  /** Progress, notes and errors. */
  public PrintWriter err() {
    return err;
  }

  /** Whether a person types at standard input and sees {@link #out}. */
  public boolean inTerminal() {
    return inTerminal && outTerminal;
  }

  /** Whether {@link #err} shows a progress bar well. */
  public boolean errTerminal() {
    return errTerminal;
  }

  /** Whether {@link #out} takes colours. */
  public boolean colours() {
    return outTerminal && System.getenv("NO_COLOR") == null;
  }

  /** {@code text} in bold on a terminal, else as it is. */
  public String bold(String text) {
    return styled("1", text);
  }

  /** {@code text} dimmed on a terminal, else as it is. */
  public String dim(String text) {
    return styled("2", text);
  }

  /** {@code text} in an accent colour on a terminal, else as it is. */
  public String accent(String text) {
    return styled("36", text);
  }

  private String styled(String code, String text) {
    return colours() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  /** Writes a line of data. */
  public void line(String text) {
    out.println(text);
  }

  /** Writes a line about what is going on. */
  public void note(String text) {
    err.println(text);
  }

  /** Writes out what is buffered. */
  public void flush() {
    out.flush();
    err.flush();
  }
}

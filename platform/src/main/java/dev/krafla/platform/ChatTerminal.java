package dev.krafla.platform;

import dev.krafla.wire.WireException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;

/** The chat as a person sees it on a terminal. For one thread. */
final class ChatTerminal {
  private static final String HELP =
      """
      /reset          forget the conversation
      /system TEXT    start anew with TEXT as the system message (none: without one)
      /help           this page
      Ctrl-C stops an answer, Ctrl-D leaves.\
      """;

  private static final int MOST_REMEMBERED_LINES = 1000;

  private final ChatSession session;
  private final String name;
  private final Path history;

  /**
   * A chat over {@code session}.
   *
   * @param name the model, for the first line
   * @param history file that remembers what was typed
   */
  ChatTerminal(ChatSession session, String name, Path history) {
    this.session = session;
    this.name = name;
    this.history = history;
  }

  /** Talks until the person leaves. */
  void run() {
    try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
      run(terminal);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Talks on {@code terminal} until its input ends. */
  void run(Terminal terminal) throws IOException {
    Files.createDirectories(history.toAbsolutePath().getParent());
    LineReader reader = reader(terminal);
    PrintWriter out = terminal.writer();
    out.println(dim(terminal, "Talking to " + name + ". /help for help, Ctrl-D to leave."));
    while (true) {
      out.println();
      String line;
      try {
        line = reader.readLine(prompt(terminal)).strip();
      } catch (UserInterruptException e) {
        out.println(dim(terminal, "Ctrl-D leaves."));
        continue;
      } catch (EndOfFileException e) {
        return;
      }
      switch (line.split("\\s+", 2)[0]) {
        case "" -> {}
        case "/reset" -> {
          session.reset();
          out.println(dim(terminal, "Forgotten."));
        }
        case "/system" -> {
          session.system(line.substring("/system".length()).strip());
          out.println(dim(terminal, "Starting anew."));
        }
        case "/help", "/?" -> out.println(HELP);
        case "/exit", "/quit", "/bye" -> {
          return;
        }
        default -> answer(line, terminal);
      }
    }
  }

  private void answer(String question, Terminal terminal) {
    Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, signal -> session.stop());
    PrintWriter out = terminal.writer();
    try {
      var printer = new AnswerPrinter(terminal);
      Answer answer = session.ask(question, printer);
      printer.end();
      out.println(dim(terminal, answer.summary()));
    } catch (WireException e) {
      out.println();
      out.println(
          styled(
              terminal,
              AttributedStyle.DEFAULT.foreground(AttributedStyle.RED),
              String.valueOf(e.getMessage())));
    } finally {
      terminal.handle(Terminal.Signal.INT, before);
      terminal.flush();
    }
  }

  private LineReader reader(Terminal terminal) {
    DefaultParser plain = new DefaultParser(); // quotes and backslashes mean nothing in prose
    plain.setQuoteChars(new char[0]);
    plain.setEscapeChars(new char[0]);
    return LineReaderBuilder.builder()
        .terminal(terminal)
        .parser(plain)
        .appName("krafla")
        .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
        .variable(LineReader.HISTORY_FILE, history)
        .variable(LineReader.HISTORY_FILE_SIZE, MOST_REMEMBERED_LINES)
        .build();
  }

  private static String prompt(Terminal terminal) {
    return styled(terminal, AttributedStyle.BOLD.foreground(AttributedStyle.CYAN), "› ");
  }

  private static String dim(Terminal terminal, String text) {
    return styled(terminal, AttributedStyle.DEFAULT.faint(), text);
  }

  private static String styled(Terminal terminal, AttributedStyle style, String text) {
    return new AttributedString(text, style).toAnsi(terminal);
  }

  /** Prints pieces as they come; what the model thinks is faint. */
  private static final class AnswerPrinter implements ChatSession.Listener {
    private final Terminal terminal;
    private boolean thinking;

    AnswerPrinter(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public void reasoning(String piece) {
      thinking = true;
      terminal.writer().print(dim(terminal, piece));
      terminal.flush();
    }

    @Override
    public void text(String piece) {
      if (thinking) {
        terminal.writer().print("\n\n");
        thinking = false;
      }
      terminal.writer().print(piece);
      terminal.flush();
    }

    void end() {
      terminal.writer().println();
    }
  }
}

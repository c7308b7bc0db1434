package dev.krafla.platform;

/**
 * Prints an answer to standard output as it comes; what the model thinks goes to standard error.
 */
final class PlainPrinter implements ChatSession.Listener {
  private final CliOutput output;

  PlainPrinter(CliOutput output) {
    this.output = output;
  }

  @Override
  public void reasoning(String piece) {
    output.err().print(output.dim(piece));
    output.err().flush();
  }

  @Override
  public void text(String piece) {
    output.out().print(piece);
    output.out().flush();
  }
}

package dev.krafla.models.output;

/** Reads the arguments of a call whose name was before them: a JSON object. Not thread-safe. */
final class NamedCall implements CallReader {
  private final String name;
  private final OutputEvents out;
  private final ArgumentsScan arguments = new ArgumentsScan();
  private final BrokenArguments broken;
  private final StringBuilder fresh = new StringBuilder();
  private boolean isBroken;
  private boolean isClosed;

  /**
   * @param closing marker up to which broken arguments go; empty for none
   */
  NamedCall(String name, String closing, OutputEvents out) {
    this.name = name;
    this.out = out;
    this.broken = new BrokenArguments(closing, out);
  }

  /** Whether {@code c} may be in a tool's name, as the OpenAI wire has them. */
  static boolean inName(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '.'
        || c == '-';
  }

  /** Whether the closing marker of broken arguments has come. */
  boolean isClosed() {
    return isClosed;
  }

  /** Whether the arguments are complete. */
  boolean ended() {
    return arguments.ended();
  }

  @Override
  public Verdict accept(char c) {
    if (isClosed || arguments.ended()) {
      return Verdict.REFUSED;
    }
    boolean begun = arguments.begun();
    if (isBroken || !arguments.accept(c, fresh)) {
      if (!begun) {
        return Verdict.REFUSED;
      }
      isBroken = true;
      isClosed = broken.accept(c);
      return Verdict.SETTLED;
    }
    if (!arguments.begun()) {
      fresh.setLength(0); // white space before them
      return Verdict.HELD;
    }
    if (!begun) {
      out.start(name);
    }
    out.arguments(fresh);
    fresh.setLength(0);
    if (arguments.ended()) {
      out.end();
    }
    return Verdict.SETTLED;
  }

  @Override
  public void finish() {
    broken.finish();
  }
}

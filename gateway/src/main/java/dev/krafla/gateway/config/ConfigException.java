package dev.krafla.gateway.config;

/** A file that cannot be used, with the place that is wrong. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int line;
  private final int column;

  /**
   * @param line from 1; 0 where the file as a whole is meant
   * @param column from 1
   */
  public ConfigException(String file, int line, int column, String reason) {
    super(
        line == 0
            ? "%s: %s".formatted(file, reason)
            : "%s, line %d, column %d: %s".formatted(file, line, column, reason));
    this.line = line;
    this.column = column;
  }

  public int line() {
    return line;
  }

  public int column() {
    return column;
  }
}

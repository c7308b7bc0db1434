package dev.krafla.platform;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them: {@code 98362432}, {@code 253 MB}, {@code 2GiB}. */
public final class ByteSize {
  private static final Pattern FORM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([KMGT]?)(i?)B?");

  private ByteSize() {}

  /**
   * Reads a size in bytes; K, M, G, T are powers of 1000, Ki, Mi, Gi, Ti of 1024.
   *
   * @throws UserError when {@code text} is no size
   */
  public static long parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw new UserError("'%s' is no size; write for example 512MiB or 4GB".formatted(text));
    }
    int power = " KMGT".indexOf(form.group(2).isEmpty() ? " " : form.group(2));
    double unit = Math.pow(form.group(3).isEmpty() ? 1000 : 1024, power);
    return Math.round(Double.parseDouble(form.group(1)) * unit);
  }

  /** {@code bytes} with three digits and a decimal unit, for example {@code 98.4 MB}. */
  public static String text(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    double value = bytes;
    int unit = -1;
    while (value >= 999.5 && unit < 3) {
      value /= 1000;
      unit++;
    }
    String digits = value < 99.95 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, digits + " %cB", value, "kMGT".charAt(unit));
  }
}

package dev.krafla.image.plan;

import dev.krafla.image.scene.Copy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One thing that is said in one or two strings: a heading with its text, a dish with its price.
 *
 * @param detail the second string, where two belong together
 */
record Cell(Copy head, Optional<Copy> detail) {
  private static final String MONEY =
      "(?:[$€£¥￥]\\s?\\d[\\d.,]*|\\d[\\d.,]*\\s?(?:元|円|€|EUR|USD|kr))";
  private static final Pattern PRICE = Pattern.compile("\\s*" + MONEY + "(?:\\s?/\\s?\\S+)?\\s*");
  private static final Pattern ITEM =
      Pattern.compile("(.*\\S)\\s*(?:[-–—:：·.…]+\\s*|\\s)(" + MONEY + ")\\s*");
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(?:[.,]\\d+)?");

  /** Pairs where headings and texts alternate all through; single strings where they do not. */
  static List<Cell> of(List<Copy> copies) {
    var cells = new ArrayList<Cell>();
    boolean alternate = copies.size() >= 4 && copies.size() % 2 == 0;
    for (int i = 0; i + 1 < copies.size() && alternate; i += 2) {
      String a = copies.get(i).text();
      String b = copies.get(i + 1).text();
      alternate = isPrice(b) ? !isPrice(a) : a.length() <= 34 && a.length() < 0.8 * b.length();
    }
    for (int i = 0; i < copies.size(); i += alternate ? 2 : 1) {
      cells.add(
          new Cell(copies.get(i), alternate ? Optional.of(copies.get(i + 1)) : Optional.empty()));
    }
    return cells;
  }

  private static boolean isPrice(String text) {
    return PRICE.matcher(text).matches();
  }

  /** Dishes and goods with their prices where these are strings of their own; none is cut. */
  static List<Cell> priced(List<Copy> copies) {
    var cells = new ArrayList<Cell>();
    for (int i = 0; i < copies.size(); i++) {
      Copy copy = copies.get(i);
      boolean priceNext = i + 1 < copies.size() && isPrice(copies.get(i + 1).text());
      if (priceNext && !isPrice(copy.text())) {
        cells.add(new Cell(copy, Optional.of(copies.get(++i))));
        continue;
      }
      cells.add(new Cell(copy, Optional.empty()));
    }
    return cells;
  }

  /** Whether most of them name a price. */
  static boolean mostlyPriced(List<Copy> copies) {
    long priced =
        copies.stream().filter(c -> isPrice(c.text()) || ITEM.matcher(c.text()).matches()).count();
    return copies.size() >= 3 && priced * 2 >= copies.size() - 1;
  }

  /** The last number of a string, which a chart can show. */
  static Optional<Double> number(Copy copy) {
    Matcher m = NUMBER.matcher(copy.text());
    Optional<Double> last = Optional.empty();
    while (m.find()) {
      last = Optional.of(Double.parseDouble(m.group().replace(',', '.')));
    }
    return last;
  }
}

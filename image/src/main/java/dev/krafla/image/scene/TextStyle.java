package dev.krafla.image.scene;

/**
 * How a text is set.
 *
 * @param font family token: {@code sans} or {@code serif}
 * @param weight 100 to 900
 * @param minSize smallest size in pixels that may be chosen to make it fit
 * @param maxSize largest size in pixels
 * @param color token or {@code #RRGGBB}
 * @param lineHeight distance of baselines ÷ size
 * @param tracking added between clusters, in thousandths of the size
 * @param vertical top to bottom, columns from right to left
 * @param maxLines 0 for any number
 * @param contrast smallest WCAG ratio to what is beneath; 0 does not ask
 */
public record TextStyle(
    String font,
    int weight,
    double minSize,
    double maxSize,
    String color,
    Align align,
    double lineHeight,
    double tracking,
    boolean vertical,
    int maxLines,
    double contrast) {
  /** Ragged-right text in {@code color} that may shrink from {@code max} to {@code min} pixels. */
  public static TextStyle sans(int weight, double min, double max, String color) {
    return new TextStyle(
        "sans", weight, min, max, color, Align.START, 1.3, 0, false, 0, max >= 48 ? 3 : 4.5);
  }

  public TextStyle serif() {
    return new TextStyle(
        "serif",
        weight,
        minSize,
        maxSize,
        color,
        align,
        lineHeight,
        tracking,
        vertical,
        maxLines,
        contrast);
  }

  public TextStyle align(Align to) {
    return new TextStyle(
        font,
        weight,
        minSize,
        maxSize,
        color,
        to,
        lineHeight,
        tracking,
        vertical,
        maxLines,
        contrast);
  }

  public TextStyle leading(double ratio) {
    return new TextStyle(
        font, weight, minSize, maxSize, color, align, ratio, tracking, vertical, maxLines,
        contrast);
  }

  public TextStyle tracking(double thousandths) {
    return new TextStyle(
        font,
        weight,
        minSize,
        maxSize,
        color,
        align,
        lineHeight,
        thousandths,
        vertical,
        maxLines,
        contrast);
  }

  public TextStyle lines(int most) {
    return new TextStyle(
        font,
        weight,
        minSize,
        maxSize,
        color,
        align,
        lineHeight,
        tracking,
        vertical,
        most,
        contrast);
  }

  public TextStyle upright() {
    return new TextStyle(
        font,
        weight,
        minSize,
        maxSize,
        color,
        align,
        lineHeight,
        tracking,
        true,
        maxLines,
        contrast);
  }

  public TextStyle sizes(double min, double max) {
    return new TextStyle(
        font, weight, min, max, color, align, lineHeight, tracking, vertical, maxLines, contrast);
  }

  public TextStyle weight(int newWeight) {
    return new TextStyle(
        font,
        newWeight,
        minSize,
        maxSize,
        color,
        align,
        lineHeight,
        tracking,
        vertical,
        maxLines,
        contrast);
  }

  public TextStyle color(String token) {
    return new TextStyle(
        font,
        weight,
        minSize,
        maxSize,
        token,
        align,
        lineHeight,
        tracking,
        vertical,
        maxLines,
        contrast);
  }
}

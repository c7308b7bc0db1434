package dev.krafla.image.scene;

/**
 * A rectangle in pixels of the canvas.
 *
 * @param x left edge
 * @param y upper edge
 */
public record Box(double x, double y, double width, double height) {
  /** From thousandths of the canvas, {@code [y0, x0, y1, x1]}. */
  public static Box ofThousandths(double[] t, Canvas canvas) {
    double x = t[1] * canvas.width() / 1000;
    double y = t[0] * canvas.height() / 1000;
    return new Box(x, y, t[3] * canvas.width() / 1000 - x, t[2] * canvas.height() / 1000 - y);
  }

  public double right() {
    return x + width;
  }

  public double bottom() {
    return y + height;
  }

  public double centerX() {
    return x + width / 2;
  }

  public double centerY() {
    return y + height / 2;
  }

  public Box moved(double dx, double dy) {
    return new Box(x + dx, y + dy, width, height);
  }

  /** Smaller by these on each side; never negative. */
  public Box inset(double left, double top, double right, double bottom) {
    return new Box(
        x + left, y + top, Math.max(0, width - left - right), Math.max(0, height - top - bottom));
  }

  public Box inset(double all) {
    return inset(all, all, all, all);
  }

  public Box union(Box other) {
    double left = Math.min(x, other.x);
    double top = Math.min(y, other.y);
    return new Box(
        left,
        top,
        Math.max(right(), other.right()) - left,
        Math.max(bottom(), other.bottom()) - top);
  }

  /** Area shared with {@code other} in square pixels. */
  public double overlap(Box other) {
    double w = Math.min(right(), other.right()) - Math.max(x, other.x);
    double h = Math.min(bottom(), other.bottom()) - Math.max(y, other.y);
    return w > 0 && h > 0 ? w * h : 0;
  }

  /** Whether {@code other} lies within this, to within {@code slack} pixels. */
  public boolean contains(Box other, double slack) {
    return other.x >= x - slack
        && other.y >= y - slack
        && other.right() <= right() + slack
        && other.bottom() <= bottom() + slack;
  }

  /** Intersection over union, in [0, 1]. */
  public double iou(Box other) {
    double shared = overlap(other);
    double all = width * height + other.width * other.height - shared;
    return all <= 0 ? 0 : shared / all;
  }

  @Override
  public String toString() {
    return "[x %.0f..%.0f, y %.0f..%.0f]".formatted(x, right(), y, bottom());
  }
}

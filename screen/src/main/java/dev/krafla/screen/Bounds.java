package dev.krafla.screen;

/** A box in CSS pixels of the viewport: (0, 0) is its top left. */
public record Bounds(double x, double y, double width, double height) {
  /** Nowhere. */
  public static final Bounds EMPTY = new Bounds(0, 0, 0, 0);

  public double right() {
    return x + width;
  }

  public double bottom() {
    return y + height;
  }

  public double area() {
    return width * height;
  }

  public boolean isEmpty() {
    return width <= 0 || height <= 0;
  }

  public Point center() {
    return new Point(x + width / 2, y + height / 2);
  }

  public boolean contains(double px, double py) {
    return px >= x && px < right() && py >= y && py < bottom();
  }

  /** What both cover; {@link #EMPTY} when nothing. */
  public Bounds intersect(Bounds other) {
    double left = Math.max(x, other.x);
    double top = Math.max(y, other.y);
    double w = Math.min(right(), other.right()) - left;
    double h = Math.min(bottom(), other.bottom()) - top;
    return w <= 0 || h <= 0 ? EMPTY : new Bounds(left, top, w, h);
  }

  /** The smallest box around both. */
  public Bounds union(Bounds other) {
    if (isEmpty()) {
      return other;
    }
    if (other.isEmpty()) {
      return this;
    }
    double left = Math.min(x, other.x);
    double top = Math.min(y, other.y);
    return new Bounds(
        left,
        top,
        Math.max(right(), other.right()) - left,
        Math.max(bottom(), other.bottom()) - top);
  }

  public Bounds moved(double dx, double dy) {
    return new Bounds(x + dx, y + dy, width, height);
  }
}

package dev.krafla.screen;

/** A place in CSS pixels of the viewport. */
public record Point(double x, double y) implements Target {
  public Point {
    if (!Double.isFinite(x) || !Double.isFinite(y)) {
      throw new IllegalArgumentException("a point needs finite numbers, not " + x + ", " + y);
    }
  }

  @Override
  public String toString() {
    return "(%.0f, %.0f)".formatted(x, y);
  }
}

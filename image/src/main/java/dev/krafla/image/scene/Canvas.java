package dev.krafla.image.scene;

import dev.krafla.image.InvalidScene;

/**
 * The picture's size in pixels.
 *
 * @param margin kept free of text on every side
 */
public record Canvas(int width, int height, double margin) {
  /** Longest side that is drawn. */
  public static final int MAX_SIDE = 8192;

  /** Most pixels that are drawn: 128 MB of memory for each layer. */
  public static final long MAX_PIXELS = 1L << 25;

  public Canvas {
    if (width < 16 || height < 16 || width > MAX_SIDE || height > MAX_SIDE) {
      throw new InvalidScene(
          "canvas", "is %d×%d; sides are from 16 to %d pixels".formatted(width, height, MAX_SIDE));
    }
    if ((long) width * height > MAX_PIXELS) {
      throw new InvalidScene(
          "canvas",
          "is %d×%d = %d pixels; at most %d are drawn"
              .formatted(width, height, (long) width * height, MAX_PIXELS));
    }
    if (!(margin >= 0 && margin <= Math.min(width, height) / 2.5)) {
      throw new InvalidScene("canvas.margin", "is %s; it must leave room".formatted(margin));
    }
  }

  public Box box() {
    return new Box(0, 0, width, height);
  }

  /** The canvas within its margin. */
  public Box safe() {
    return box().inset(margin);
  }
}

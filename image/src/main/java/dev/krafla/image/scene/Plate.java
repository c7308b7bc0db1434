package dev.krafla.image.scene;

import java.util.List;

/**
 * What lies below everything.
 *
 * @param colors tokens or {@code #RRGGBB}; the first is the ground
 * @param seed of what is strewn
 */
public record Plate(Style style, List<String> colors, long seed) {
  /** Ways to fill a canvas. */
  public enum Style {
    FLAT,
    GRADIENT,
    /** Soft blobs of colour. */
    MESH,
    DOTS,
    GRID,
    STRIPES,
    /** Rays from a point. */
    RAYS,
    WAVES,
    /** Large overlapping circles and arcs. */
    CIRCLES,
    CONFETTI,
    /** Hills below a sky. */
    HILLS,
    /** Houses below a sky. */
    SKYLINE
  }

  public Plate {
    colors = List.copyOf(colors);
  }
}

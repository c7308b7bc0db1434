package dev.krafla.image.scene;

import java.util.List;
import java.util.Optional;

/**
 * How a surface looks.
 *
 * @param fill colours by token or {@code #RRGGBB[AA]}; none is transparent, several make a gradient
 * @param angle of the gradient, degrees, 0 from left to right
 * @param radius of corners, pixels
 * @param stroke colour of the outline
 * @param strokeWidth pixels
 * @param shadow blur radius of a soft shadow below, pixels; 0 has none
 */
public record Skin(
    List<String> fill,
    double angle,
    double radius,
    Optional<String> stroke,
    double strokeWidth,
    double shadow) {
  public Skin {
    fill = List.copyOf(fill);
  }

  public static Skin of(String... fill) {
    return new Skin(List.of(fill), 90, 0, Optional.empty(), 0, 0);
  }

  public Skin radius(double pixels) {
    return new Skin(fill, angle, pixels, stroke, strokeWidth, shadow);
  }

  public Skin stroke(String color, double pixels) {
    return new Skin(fill, angle, radius, Optional.of(color), pixels, shadow);
  }

  public Skin shadow(double pixels) {
    return new Skin(fill, angle, radius, stroke, strokeWidth, pixels);
  }

  public Skin angle(double degrees) {
    return new Skin(fill, degrees, radius, stroke, strokeWidth, shadow);
  }
}

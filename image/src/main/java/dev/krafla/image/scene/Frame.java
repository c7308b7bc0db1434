package dev.krafla.image.scene;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What every node says of its place.
 *
 * @param box in thousandths of the canvas, {@code [y0, x0, y1, x1]}; such a node is out of its
 *     container's flow
 * @param width in pixels
 * @param height in pixels
 * @param grow share of the room left along the container's main axis; 0 takes none
 * @param aspect width ÷ height
 */
public record Frame(
    String id,
    Optional<double[]> box,
    OptionalDouble width,
    OptionalDouble height,
    double grow,
    OptionalDouble aspect) {
  /** A node that takes what it needs. */
  public static Frame of(String id) {
    return new Frame(
        id,
        Optional.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        0,
        OptionalDouble.empty());
  }

  public Frame grow(double share) {
    return new Frame(id, box, width, height, share, aspect);
  }

  public Frame size(double newWidth, double newHeight) {
    return new Frame(
        id, box, OptionalDouble.of(newWidth), OptionalDouble.of(newHeight), grow, aspect);
  }

  public Frame width(double newWidth) {
    return new Frame(id, box, OptionalDouble.of(newWidth), height, grow, aspect);
  }

  public Frame height(double newHeight) {
    return new Frame(id, box, width, OptionalDouble.of(newHeight), grow, aspect);
  }

  /** At a place in thousandths of the canvas. */
  public Frame at(double y0, double x0, double y1, double x1) {
    return new Frame(id, Optional.of(new double[] {y0, x0, y1, x1}), width, height, grow, aspect);
  }
}

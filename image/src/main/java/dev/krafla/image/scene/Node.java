package dev.krafla.image.scene;

import java.util.List;
import java.util.Optional;

/** A node of the scene's tree: a container or one of the leaves. */
public sealed interface Node {
  Frame frame();

  default String id() {
    return frame().id();
  }

  /**
   * A container.
   *
   * @param gap between children, pixels
   * @param padding top, right, bottom, left, pixels
   * @param align across the main axis
   * @param justify along the main axis
   */
  record Group(
      Frame frame,
      Flex flex,
      double gap,
      List<Double> padding,
      Align align,
      Align justify,
      Optional<Skin> skin,
      List<Node> children)
      implements Node {
    public Group {
      padding = List.copyOf(padding);
      children = List.copyOf(children);
    }

    /** Top, right, bottom, left. */
    public double pad(int side) {
      return padding.get(side);
    }
  }

  /** Strings of the table, each a paragraph. */
  record Text(Frame frame, List<String> strings, TextStyle style) implements Node {
    public Text {
      strings = List.copyOf(strings);
    }
  }

  /** A plain form. */
  record Shape(Frame frame, Form form, Skin skin) implements Node {}

  /** A drawn symbol from the built-in set. */
  record Icon(Frame frame, String name, String color) implements Node {}

  /** Numbers as a picture. */
  record Chart(Frame frame, Plot plot, List<Datum> data, List<String> colors) implements Node {
    public Chart {
      data = List.copyOf(data);
      colors = List.copyOf(colors);
    }
  }

  /** A picture that the user supplies, cropped to its box; {@code source} is a file. */
  record Picture(Frame frame, String source, double radius) implements Node {}

  /**
   * Room for objects that a generative backend draws; without one, a designed placeholder.
   *
   * @param count of objects in the box
   */
  record Slot(Frame frame, String prompt, int count, long seed, List<String> controls)
      implements Node {
    public Slot {
      controls = List.copyOf(controls);
    }
  }

  /** Plain forms. */
  enum Form {
    RECT,
    ELLIPSE,
    LINE,
    RING,
    TRIANGLE,
    STAR,
    HEART,
    BLOB,
    ARROW,
    WAVE,
    SPEECH
  }

  /** Kinds of charts. */
  enum Plot {
    BARS,
    COLUMNS,
    LINE,
    DONUT
  }

  /** One number of a chart. */
  record Datum(double value) {}
}

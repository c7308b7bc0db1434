package dev.krafla.image.plan;

import dev.krafla.image.scene.Align;
import dev.krafla.image.scene.Canvas;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Flex;
import dev.krafla.image.scene.Frame;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Plate;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.Skin;
import dev.krafla.image.scene.TextStyle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A scene that is being written: gives ids, holds the string table, and knows the type scale of its
 * canvas. Used by one thread.
 */
final class Draft {
  private final Canvas canvas;
  private final SequencedMap<String, Copy> strings = new LinkedHashMap<>();
  private final SequencedMap<String, String> colors;
  private final boolean compact;
  private int nodes;

  /** {@code compact} takes less room around things and lets type be as small as it may. */
  Draft(Canvas canvas, SequencedMap<String, String> colors, boolean compact) {
    this.compact = compact;
    this.canvas = canvas;
    this.colors = new LinkedHashMap<>(colors);
  }

  Canvas canvas() {
    return canvas;
  }

  boolean wide() {
    return canvas.width() > canvas.height() * 1.25;
  }

  boolean tall() {
    return canvas.height() > canvas.width() * 1.25;
  }

  /** Pixels for a length that is given for a canvas of 1000 × 1000; others by side and area. */
  double px(double thousandth) {
    double shorter = Math.min(canvas.width(), canvas.height());
    double mean = Math.sqrt((double) canvas.width() * canvas.height());
    return thousandth * (compact ? 0.55 : 1) * (shorter + mean) / 2000;
  }

  /** Smallest type, for reading: 14 px and never below 1 % of the shorter side. */
  double smallest() {
    return Math.max(14, px(11));
  }

  TextStyle style(int weight, double min, double max, String color) {
    double least = compact ? 14 : Math.max(14, px(min));
    return TextStyle.sans(weight, least, Math.max(least, px(max)), color);
  }

  /** A style for headlines, in serifs where the palette is a quiet one. */
  TextStyle headline(boolean serif, double max, String color) {
    TextStyle style =
        style(serif ? 600 : 800, 26, max, color).leading(1.12).tracking(serif ? -6 : -14);
    return serif ? style.serif() : style;
  }

  TextStyle body(double max, String color) {
    return style(400, 13, max, color).leading(1.42);
  }

  Frame frame(String kind) {
    return Frame.of(kind + ++nodes);
  }

  Node.Text text(Copy copy, TextStyle style) {
    return text(frame("t"), copy, style);
  }

  Node.Text text(Frame frame, Copy copy, TextStyle style) {
    String id = "s" + (strings.size() + 1);
    strings.put(id, copy);
    TextStyle fitted = style;
    if (copy.lang().startsWith("zh")
        || copy.lang().startsWith("ja")
        || copy.lang().startsWith("ko")) {
      // ideographs fill their line: more air between lines, none taken between characters
      fitted =
          style.leading(Math.max(1.24, style.lineHeight())).tracking(Math.max(0, style.tracking()));
    } else if (copy.lang().equals("ar") || copy.lang().equals("th") || copy.lang().equals("hi")) {
      fitted = style.leading(Math.max(1.5, style.lineHeight())).tracking(0);
    }
    return new Node.Text(frame, List.of(id), fitted);
  }

  Node.Group group(
      Frame frame,
      Flex flex,
      double gap,
      double pad,
      Align align,
      Align justify,
      Skin skin,
      List<Node> kids) {
    double p = px(pad);
    return new Node.Group(
        frame,
        flex,
        px(gap),
        List.of(p, p, p, p),
        align,
        justify,
        skin.fill().isEmpty() && skin.stroke().isEmpty() ? Optional.empty() : Optional.of(skin),
        kids);
  }

  Node.Group col(Frame frame, double gap, Align justify, List<Node> kids) {
    return group(frame, Flex.COL, gap, 0, Align.STRETCH, justify, Skin.of(), kids);
  }

  Node.Group row(Frame frame, double gap, Align align, List<Node> kids) {
    return group(frame, Flex.ROW, gap, 0, align, Align.START, Skin.of(), kids);
  }

  Node.Group card(Frame frame, double pad, Skin skin, List<Node> kids) {
    return group(frame, Flex.COL, pad * 0.45, pad, Align.STRETCH, Align.CENTER, skin, kids);
  }

  /** A short bar of colour. */
  Node bar(String color, double width, double height) {
    return new Node.Shape(
        frame("bar").size(px(width), Math.max(2, px(height))), Node.Form.LINE, Skin.of(color));
  }

  /** A bar of colour in a column that stretches its children; it keeps to the beginning. */
  Node ruleLeft(String color, double width, double height) {
    return row(
        frame("rule").height(Math.max(2, px(height))),
        0,
        Align.STRETCH,
        List.of(bar(color, width, height)));
  }

  Node ruleCentered(String color, double width, double height) {
    return new Node.Group(
        frame("rule").height(Math.max(2, px(height))),
        Flex.ROW,
        0,
        List.of(0.0, 0.0, 0.0, 0.0),
        Align.STRETCH,
        Align.CENTER,
        Optional.empty(),
        List.of(bar(color, width, height)));
  }

  Node hairline(String color) {
    return new Node.Shape(
        frame("line").height(Math.max(1.5, px(1))), Node.Form.RECT, Skin.of(color));
  }

  Node space(double grow) {
    return new Node.Group(
        frame("space").grow(grow),
        Flex.STACK,
        0,
        List.of(0.0, 0.0, 0.0, 0.0),
        Align.START,
        Align.START,
        Optional.empty(),
        List.of());
  }

  /** Short strings side by side, in pills. */
  Node pills(List<Copy> copies, TextStyle style, Skin skin, Align justify) {
    var kids = new ArrayList<Node>();
    for (Copy copy : copies) {
      kids.add(
          new Node.Group(
              frame("pill"),
              Flex.COL,
              0,
              List.of(px(10), px(22), px(10), px(22)),
              Align.STRETCH,
              Align.CENTER,
              Optional.of(skin),
              List.of(text(copy, style.align(Align.CENTER)))));
    }
    return new Node.Group(
        frame("pills"),
        Flex.ROW,
        px(14),
        List.of(0.0, 0.0, 0.0, 0.0),
        Align.CENTER,
        justify,
        Optional.empty(),
        kids);
  }

  /** Nodes in rows of {@code perRow}; the last row is filled with space. */
  Node grid(List<Node> cells, int perRow, double gap, boolean grow) {
    var rows = new ArrayList<Node>();
    for (int i = 0; i < cells.size(); i += perRow) {
      var row = new ArrayList<Node>(cells.subList(i, Math.min(cells.size(), i + perRow)));
      if (i > 0) {
        while (row.size() < perRow) {
          row.add(space(1));
        }
      }
      Frame frame = frame("row");
      rows.add(row(grow ? frame.grow(1) : frame, gap, Align.STRETCH, row));
    }
    Frame frame = frame("grid");
    return col(grow ? frame.grow(1) : frame, gap, Align.START, rows);
  }

  /** The whole: {@code kids} in a column within the margin. */
  Scene scene(Plate plate, Align justify, double gap, List<Node> kids) {
    double m = canvas.margin();
    Node root =
        new Node.Group(
            Frame.of("root"),
            Flex.COL,
            px(gap),
            List.of(m, m, m, m),
            Align.STRETCH,
            justify,
            Optional.empty(),
            kids);
    return scene(plate, root);
  }

  Scene scene(Plate plate, Node root) {
    return new Scene(canvas, strings, colors, plate, root, List.of());
  }
}

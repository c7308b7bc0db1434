package dev.krafla.image.layout;

import dev.krafla.image.TextDoesNotFit;
import dev.krafla.image.scene.Align;
import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Flex;
import dev.krafla.image.scene.Frame;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.TextStyle;
import dev.krafla.image.text.SetText;
import dev.krafla.image.text.TextSetter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * One pass over the tree. Where the children of a container do not fit, their type shrinks, all by
 * the same factor, down to the smallest size of each style. Used by one thread.
 */
final class FlexPass {
  /** Halvings in the search for the factor: to 1/500. */
  private static final int STEPS = 9;

  private static final double SMALLEST_FACTOR = 0.02;

  private final Scene scene;
  private final TextSetter setter;
  private final Map<TextStyle, Double> caps;
  private final SequencedMap<String, Box> boxes = new LinkedHashMap<>();
  private final SequencedMap<String, SetText> texts = new LinkedHashMap<>();

  /** A width and a height in pixels. */
  private record Size(double width, double height) {}

  FlexPass(Scene scene, TextSetter setter, Map<TextStyle, Double> caps) {
    this.scene = scene;
    this.setter = setter;
    this.caps = caps;
  }

  SequencedMap<String, Box> boxes() {
    return boxes;
  }

  SequencedMap<String, SetText> texts() {
    return texts;
  }

  // ---- placing ------------------------------------------------------------------------------

  /** Puts {@code node} into {@code box}; type is at most {@code scale} of its largest size. */
  void place(Node node, Box box, double scale) {
    boxes.put(node.id(), box);
    switch (node) {
      case Node.Text text -> texts.put(text.id(), set(text, box, scale));
      case Node.Group group -> placeChildren(group, box, scale);
      case Node.Shape _, Node.Icon _, Node.Chart _, Node.Picture _, Node.Slot _ -> {}
    }
  }

  private SetText set(Node.Text text, Box box, double scale) {
    TextStyle style = text.style();
    double along = style.vertical() ? box.height() : box.width();
    double across = style.vertical() ? box.width() : box.height();
    double largest = cap(style) * scale;
    TextSetter.Measure measure = setter.measure(scene.copies(text), style, along, largest);
    double taken = style.vertical() ? measure.width() : measure.height();
    double low = style.minSize();
    double high = measure.size();
    if (taken > across + 0.6) { // its box is given: the largest size that fits across too
      while (high - low > 0.5) {
        double middle = (low + high) / 2;
        TextSetter.Measure tried = setter.measure(scene.copies(text), style, along, middle);
        if ((style.vertical() ? tried.width() : tried.height()) > across + 0.6) {
          high = middle;
        } else {
          low = middle;
        }
      }
      measure = setter.measure(scene.copies(text), style, along, low);
      taken = style.vertical() ? measure.width() : measure.height();
      if (taken > across + 0.6) {
        throw new TextDoesNotFit(
            "text '%s' takes %.0f px at its smallest size, %.0f px; its box %s has %.0f px"
                .formatted(text.id(), taken, style.minSize(), box, across));
      }
    }
    return setter.set(scene.copies(text), style, box, measure);
  }

  private double cap(TextStyle style) {
    return caps.getOrDefault(style, style.maxSize());
  }

  private void placeChildren(Node.Group group, Box box, double scale) {
    for (Node child : group.children()) {
      child.frame().box().ifPresent(t -> place(child, Box.ofThousandths(t, scene.canvas()), scale));
    }
    List<Node> flow = flow(group);
    Box inner = box.inset(group.pad(3), group.pad(0), group.pad(1), group.pad(2));
    switch (group.flex()) {
      case STACK -> flow.forEach(child -> place(child, inner, fitting(child, inner, scale)));
      case COL -> placeColumn(group, flow, inner, scale);
      case ROW -> placeRow(group, flow, inner, scale);
    }
  }

  private static List<Node> flow(Node.Group group) {
    return group.children().stream().filter(child -> child.frame().box().isEmpty()).toList();
  }

  /** The largest factor at which {@code node} is no higher than {@code box}. */
  private double fitting(Node node, Box box, double scale) {
    return largestFactor(
        scale,
        s -> measure(node, box.width(), box.height(), s).height() <= box.height() + 0.5,
        node.id(),
        box);
  }

  private void placeColumn(Node.Group group, List<Node> flow, Box inner, double scale) {
    double gaps = group.gap() * Math.max(0, flow.size() - 1);
    double room = inner.height() - gaps;
    double s =
        largestFactor(
            scale,
            f -> total(columnHeights(flow, inner.width(), room, f)) <= room + 0.5,
            group.id(),
            inner);
    double[] heights = columnHeights(flow, inner.width(), room, s);
    double left = Math.max(0, room - total(heights));
    double y = inner.y() + before(group.justify(), left);
    double between =
        group.justify() == Align.BETWEEN && flow.size() > 1 ? left / (flow.size() - 1) : 0;
    for (int i = 0; i < flow.size(); i++) {
      Node child = flow.get(i);
      double width = crossWidth(group, child, inner, heights[i], s);
      double x = inner.x() + before(group.align(), inner.width() - width);
      place(child, new Box(x, y, width, heights[i]), s);
      y += heights[i] + group.gap() + between;
    }
  }

  private double crossWidth(Node.Group group, Node child, Box inner, double height, double s) {
    Frame frame = child.frame();
    if (frame.width().isPresent()) {
      return Math.min(inner.width(), frame.width().getAsDouble());
    }
    if (frame.aspect().isPresent()) {
      return Math.min(inner.width(), height * frame.aspect().getAsDouble());
    }
    boolean whole =
        group.align() == Align.STRETCH
            || (child instanceof Node.Text text && !text.style().vertical())
            || child instanceof Node.Chart;
    return whole
        ? inner.width()
        : Math.min(inner.width(), natural(child, inner.width(), height, s));
  }

  private void placeRow(Node.Group group, List<Node> flow, Box inner, double scale) {
    double gaps = group.gap() * Math.max(0, flow.size() - 1);
    double room = inner.width() - gaps;
    double s =
        largestFactor(
            scale,
            f -> {
              double[] widths = rowWidths(flow, room, inner.height(), f);
              for (int i = 0; i < widths.length; i++) {
                if (measure(flow.get(i), widths[i], inner.height(), f).height()
                    > inner.height() + 0.5) {
                  return false;
                }
              }
              return total(widths) <= room + 0.5;
            },
            group.id(),
            inner);
    double[] widths = rowWidths(flow, room, inner.height(), s);
    double left = Math.max(0, room - total(widths));
    double x = inner.x() + before(group.justify(), left);
    double between =
        group.justify() == Align.BETWEEN && flow.size() > 1 ? left / (flow.size() - 1) : 0;
    for (int i = 0; i < flow.size(); i++) {
      Node child = flow.get(i);
      boolean stretch = group.align() == Align.STRETCH && child.frame().height().isEmpty();
      double height =
          stretch
              ? inner.height()
              : Math.min(inner.height(), measure(child, widths[i], inner.height(), s).height());
      double y = inner.y() + before(group.align(), inner.height() - height);
      place(child, new Box(x, y, widths[i], height), s);
      x += widths[i] + group.gap() + between;
    }
  }

  private static double before(Align align, double left) {
    return switch (align) {
      case CENTER -> left / 2;
      case END -> left;
      case START, STRETCH, BETWEEN -> 0;
    };
  }

  /** Whether something fits at a factor. */
  private interface Fits {
    boolean at(double factor);
  }

  private static double largestFactor(double scale, Fits fits, String id, Box box) {
    if (attempt(fits, scale)) {
      return scale;
    }
    double low = SMALLEST_FACTOR * scale;
    if (!attempt(fits, low)) {
      fits.at(low); // says itself which text is too wide
      throw new TextDoesNotFit(
          "what '%s' holds does not fit its %.0f × %.0f px even in the smallest type; give it less or more room"
              .formatted(id, box.width(), box.height()));
    }
    double high = scale;
    for (int step = 0; step < STEPS; step++) {
      double middle = (low + high) / 2;
      if (attempt(fits, middle)) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static boolean attempt(Fits fits, double factor) {
    try {
      return fits.at(factor);
    } catch (TextDoesNotFit tooNarrow) {
      return false;
    }
  }

  private static double total(double[] lengths) {
    double sum = 0;
    for (double length : lengths) {
      sum += length;
    }
    return sum;
  }

  // ---- measuring ----------------------------------------------------------------------------

  private double[] columnHeights(List<Node> flow, double width, double room, double s) {
    double[] heights = new double[flow.size()];
    double shares = 0;
    double fixed = 0;
    for (int i = 0; i < heights.length; i++) {
      Node child = flow.get(i);
      if (child.frame().grow() > 0) {
        shares += child.frame().grow();
      } else {
        heights[i] = measure(child, width, room, s).height();
        fixed += heights[i];
      }
    }
    double left = Math.max(0, room - fixed);
    for (int i = 0; i < heights.length; i++) {
      Node child = flow.get(i);
      if (child.frame().grow() > 0) {
        double share = left * child.frame().grow() / shares;
        heights[i] = Math.max(share, measure(child, width, share, s).height());
      }
    }
    return heights;
  }

  private double[] rowWidths(List<Node> flow, double room, double height, double s) {
    double[] widths = new double[flow.size()];
    double shares = 0;
    double rigid = 0;
    double soft = 0;
    for (int i = 0; i < widths.length; i++) {
      Frame frame = flow.get(i).frame();
      if (frame.width().isPresent() || frame.aspect().isPresent()) {
        widths[i] = natural(flow.get(i), room, height, s);
        rigid += widths[i];
      } else if (frame.grow() > 0) {
        shares += frame.grow();
      } else {
        widths[i] = natural(flow.get(i), room, height, s);
        soft += widths[i];
      }
    }
    double left = room - rigid - soft;
    if (left < 0 && soft > 0) { // texts wrap
      double factor = Math.max(0, (room - rigid) / soft);
      for (int i = 0; i < widths.length; i++) {
        Frame frame = flow.get(i).frame();
        if (frame.width().isEmpty() && frame.aspect().isEmpty() && frame.grow() == 0) {
          widths[i] *= factor;
        }
      }
    }
    for (int i = 0; i < widths.length; i++) {
      Frame frame = flow.get(i).frame();
      if (frame.width().isEmpty() && frame.aspect().isEmpty() && frame.grow() > 0) {
        widths[i] = Math.max(0, left) * frame.grow() / shares;
      }
    }
    return widths;
  }

  /** Width that a node would like to have. */
  private double natural(Node node, double room, double height, double s) {
    Frame frame = node.frame();
    if (frame.width().isPresent()) {
      return frame.width().getAsDouble();
    }
    if (frame.aspect().isPresent()) {
      return frame.height().orElse(height) * frame.aspect().getAsDouble();
    }
    return switch (node) {
      case Node.Text text -> {
        TextStyle style = text.style();
        double size = Math.max(style.minSize(), cap(style) * s);
        yield style.vertical()
            ? setter.measure(scene.copies(text), style, frame.height().orElse(height), size).width()
            : Math.min(room, Math.ceil(setter.naturalWidth(scene.copies(text), style, size)) + 1);
      }
      case Node.Group group -> {
        double inner = 0;
        List<Node> flow = flow(group);
        double within = height - group.pad(0) - group.pad(2);
        for (Node child : flow) {
          double width = natural(child, room, within, s);
          inner = group.flex() == Flex.ROW ? inner + width : Math.max(inner, width);
        }
        double gaps = group.flex() == Flex.ROW ? group.gap() * Math.max(0, flow.size() - 1) : 0;
        yield Math.min(room, inner + gaps + group.pad(1) + group.pad(3));
      }
      case Node.Shape _, Node.Icon _, Node.Chart _, Node.Picture _, Node.Slot _ ->
          frame.height().orElse(0);
    };
  }

  /** What a node takes of {@code width} and {@code height}. */
  private Size measure(Node node, double width, double height, double s) {
    Frame frame = node.frame();
    double w = Math.min(width, frame.width().orElse(width));
    if (frame.height().isPresent()) {
      return new Size(w, frame.height().getAsDouble());
    }
    if (frame.aspect().isPresent()) {
      return new Size(w, w / frame.aspect().getAsDouble());
    }
    return switch (node) {
      case Node.Text text -> {
        TextStyle style = text.style();
        if (style.vertical()) {
          yield new Size(w, height);
        }
        TextSetter.Measure m = setter.measure(scene.copies(text), style, w, cap(style) * s);
        yield new Size(w, m.height());
      }
      case Node.Group group -> measureGroup(group, w, height, s);
      case Node.Shape _, Node.Icon _, Node.Chart _, Node.Picture _, Node.Slot _ -> new Size(w, 0);
    };
  }

  private Size measureGroup(Node.Group group, double w, double height, double s) {
    List<Node> flow = flow(group);
    double width = Math.max(0, w - group.pad(1) - group.pad(3));
    double within = Math.max(0, height - group.pad(0) - group.pad(2));
    double gaps = group.gap() * Math.max(0, flow.size() - 1);
    double content = 0;
    switch (group.flex()) {
      case COL -> {
        content = gaps;
        for (Node child : flow) {
          content += measure(child, width, within, s).height();
        }
      }
      case ROW -> {
        double[] widths = rowWidths(flow, width - gaps, within, s);
        for (int i = 0; i < widths.length; i++) {
          content = Math.max(content, measure(flow.get(i), widths[i], within, s).height());
        }
      }
      case STACK -> {
        for (Node child : flow) {
          content = Math.max(content, measure(child, width, within, s).height());
        }
      }
    }
    return new Size(w, content + group.pad(0) + group.pad(2));
  }
}

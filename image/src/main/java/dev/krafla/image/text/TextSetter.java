package dev.krafla.image.text;

import dev.krafla.image.TextDoesNotFit;
import dev.krafla.image.scene.Align;
import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.TextStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Measures and sets texts: size first, then tracking, so that they fit. Nothing is left out or
 * changed to make it fit; what cannot fit is refused. Thread-safe.
 */
public final class TextSetter {
  /** Sizes are chosen to this many pixels. */
  private static final double STEP = 0.5;

  /** Tightest tracking, thousandths of the size, where the smallest size is still too large. */
  private static final double TIGHTEST = -30;

  /** Large type, from this size on, has the forms for display. */
  private static final double DISPLAY_SIZE = 40;

  private static final int MAX_CACHED = 2_000;

  private final Itemizer itemizer;
  private final Map<ParagraphKey, Paragraph> paragraphs = new ConcurrentHashMap<>();

  private record ParagraphKey(
      Copy copy, String font, int weight, boolean display, boolean vertical, double tracking) {}

  /** A paragraph ready to be broken. */
  record Paragraph(Copy copy, List<Cluster> clusters, LineBreaker breaker) {}

  public TextSetter(FontLibrary fonts) {
    this.itemizer = new Itemizer(fonts);
  }

  /**
   * What a text takes.
   *
   * @param size chosen, pixels
   */
  public record Measure(double width, double height, double size, double tracking) {}

  /**
   * The size of text that fits {@code width}, no larger than {@code largest}, and what it takes.
   *
   * @param width pixels, for vertical text the height of its columns
   * @throws TextDoesNotFit when not even the smallest size fits
   */
  public Measure measure(List<Copy> copies, TextStyle style, double width, double largest) {
    double max = Math.max(style.minSize(), Math.min(style.maxSize(), largest));
    for (double tracking = style.tracking(); ; tracking -= 10) {
      List<Paragraph> ready = ready(copies, style, tracking);
      if (fits(ready, style, width, style.minSize())) {
        double size = largestFitting(ready, style, width, max);
        return extent(ready, style, width, size, tracking);
      }
      if (tracking <= TIGHTEST) {
        throw doesNotFit(copies, style, width);
      }
    }
  }

  private static TextDoesNotFit doesNotFit(List<Copy> copies, TextStyle style, double width) {
    String text = copies.isEmpty() ? "" : copies.getFirst().text();
    return new TextDoesNotFit(
        "'%s' does not fit %.0f px at %.0f px, the smallest size of its style%s; make room or shorten it"
            .formatted(
                text.substring(0, Math.min(60, text.length())),
                width,
                style.minSize(),
                style.maxLines() > 0 ? ", in %d lines".formatted(style.maxLines()) : ""));
  }

  private double largestFitting(
      List<Paragraph> ready, TextStyle style, double width, double largest) {
    if (fits(ready, style, width, largest)) {
      return largest;
    }
    double low = style.minSize();
    double high = largest;
    while (high - low > STEP) {
      double middle = (low + high) / 2;
      if (fits(ready, style, width, middle)) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static boolean fits(List<Paragraph> ready, TextStyle style, double width, double size) {
    int lines = 0;
    for (Paragraph paragraph : ready) {
      int count = paragraph.breaker().count(width / size);
      if (count < 0) {
        return false;
      }
      lines += count;
    }
    return style.maxLines() == 0 || lines <= style.maxLines();
  }

  private static Measure extent(
      List<Paragraph> ready, TextStyle style, double width, double size, double tracking) {
    double widest = 0;
    int lines = 0;
    for (Paragraph paragraph : ready) {
      List<LineBreaker.Line> broken = paragraph.breaker().lines(width / size);
      lines += broken.size();
      widest =
          Math.max(
              widest, broken.stream().mapToDouble(LineBreaker.Line::width).max().orElse(0) * size);
    }
    double across = lines * style.lineHeight() * size;
    return style.vertical()
        ? new Measure(across, widest, size, tracking)
        : new Measure(widest, across, size, tracking);
  }

  /** Width of the text on as few lines as it has paragraphs, at {@code size} pixels. */
  public double naturalWidth(List<Copy> copies, TextStyle style, double size) {
    List<Paragraph> ready = ready(copies, style, style.tracking());
    if (style.vertical()) {
      return ready.size() * style.lineHeight() * size;
    }
    return ready.stream().mapToDouble(p -> p.breaker().widestParagraph()).max().orElse(0) * size;
  }

  /**
   * Sets a text into {@code box} with a size that {@link #measure} chose for it, centred across its
   * lines where there is room left.
   */
  public SetText set(List<Copy> copies, TextStyle style, Box box, Measure measure) {
    List<Paragraph> ready = ready(copies, style, measure.tracking());
    var glyphs = new ArrayList<PlacedGlyph>();
    var lines = new ArrayList<SetText.SetLine>();
    double along = style.vertical() ? box.height() : box.width();
    // half a pixel of tolerance: the box may have been rounded since it was measured
    double ems = (along + 0.5) / measure.size();
    int n = 0;
    for (int string = 0; string < ready.size(); string++) {
      Paragraph paragraph = ready.get(string);
      List<LineBreaker.Line> broken = paragraph.breaker().lines(ems);
      if (broken.isEmpty() && !paragraph.clusters().isEmpty()) {
        throw doesNotFit(copies, style, along);
      }
      for (LineBreaker.Line line : broken) {
        new LineSetter(paragraph, style, measure, box, string).set(line, n++, glyphs);
        lines.add(
            new SetText.SetLine(
                string,
                paragraph.clusters().get(line.from()).from(),
                paragraph.clusters().get(line.to() - 1).to()));
      }
    }
    double across = n * style.lineHeight() * measure.size();
    Box taken =
        style.vertical()
            ? new Box(box.right() - across, box.y(), across, box.height())
            : new Box(box.x(), box.y(), box.width(), across);
    SetText set = new SetText(glyphs, lines, measure.size(), measure.tracking(), taken);
    double left = (style.vertical() ? box.width() : box.height()) - across;
    if (left <= 0.5) {
      return set;
    }
    return style.vertical()
        ? set.moved(style.align() == Align.CENTER ? -left / 2 : 0, 0)
        : set.moved(0, left / 2);
  }

  private List<Paragraph> ready(List<Copy> copies, TextStyle style, double tracking) {
    boolean display = style.maxSize() >= DISPLAY_SIZE;
    var out = new ArrayList<Paragraph>(copies.size());
    for (Copy copy : copies) {
      ParagraphKey key =
          new ParagraphKey(copy, style.font(), style.weight(), display, style.vertical(), tracking);
      if (paragraphs.size() > MAX_CACHED) {
        paragraphs.clear();
      }
      out.add(paragraphs.computeIfAbsent(key, this::paragraph));
    }
    return out;
  }

  private Paragraph paragraph(ParagraphKey key) {
    Copy copy = key.copy();
    List<Cluster> clusters =
        copy.text().isEmpty()
            ? List.of()
            : itemizer.clusters(
                copy.text(), copy.lang(), key.font(), key.weight(), key.display(), key.vertical());
    if (key.vertical()) {
      clusters = clusters.stream().map(TextSetter::upright).toList();
    }
    return new Paragraph(
        copy, clusters, new LineBreaker(copy.text(), clusters, key.tracking() / 1000));
  }

  /** In vertical lines a wide cluster advances by one em down, whatever its width. */
  private static Cluster upright(Cluster c) {
    return LineSetter.standsUpright(c)
        ? new Cluster(
            c.from(),
            c.to(),
            c.face(),
            c.glyphs(),
            c.dx(),
            c.dy(),
            1,
            c.level(),
            c.first(),
            c.last())
        : c;
  }
}

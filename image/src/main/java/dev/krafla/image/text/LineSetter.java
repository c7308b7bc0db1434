package dev.krafla.image.text;

import dev.krafla.image.scene.Align;
import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.TextStyle;
import java.text.Bidi;
import java.util.List;

/** Places the glyphs of one line. */
final class LineSetter {
  /**
   * Baseline below the middle of a line, ems: half a Latin capital (0.73) and about half of an
   * ideograph (−0.12 to 0.88), so that both stand in the middle.
   */
  private static final double BASELINE = 0.37;

  private final TextSetter.Paragraph paragraph;
  private final TextStyle style;
  private final double size;
  private final double trackingEm;
  private final Box box;
  private final int string;

  LineSetter(
      TextSetter.Paragraph paragraph,
      TextStyle style,
      TextSetter.Measure measure,
      Box box,
      int string) {
    this.paragraph = paragraph;
    this.style = style;
    this.size = measure.size();
    this.trackingEm = measure.tracking() / 1000;
    this.box = box;
    this.string = string;
  }

  static boolean standsUpright(Cluster c) {
    return Scripts.isCjk(c.first())
        || Scripts.isWidePunctuation(c.first())
        || (Scripts.isAmbiguous(c.first()) && c.advance() > 0.9)
        || Character.isEmojiPresentation(c.first());
  }

  /** Line {@code n} of its text, counted over all paragraphs. */
  void set(LineBreaker.Line line, int n, List<PlacedGlyph> out) {
    int count = line.to() - line.from();
    int[] visual = visualOrder(line.from(), count);
    if (style.vertical()) {
      down(visual, line, n, out);
    } else {
      across(visual, line, n, out);
    }
  }

  /** Indices of clusters from left to right. */
  private int[] visualOrder(int from, int count) {
    Object[] order = new Object[count];
    byte[] levels = new byte[count];
    for (int i = 0; i < count; i++) {
      order[i] = from + i;
      levels[i] = (byte) paragraph.clusters().get(from + i).level();
    }
    // spaces at the end of a line have the paragraph's own direction (UAX #9, L1)
    byte base = (byte) (rightToLeft() ? 1 : 0);
    for (int i = count - 1; i >= 0 && paragraph.clusters().get(from + i).isSpace(); i--) {
      levels[i] = base;
    }
    Bidi.reorderVisually(levels, 0, order, 0, count);
    int[] out = new int[count];
    for (int i = 0; i < count; i++) {
      out[i] = (Integer) order[i];
    }
    return out;
  }

  private boolean rightToLeft() {
    return !paragraph.clusters().isEmpty() && (paragraph.clusters().getFirst().level() & 1) == 1;
  }

  private double slackBefore(double length, double room) {
    Align align = style.align();
    if (rightToLeft() && align == Align.START) {
      align = Align.END;
    } else if (rightToLeft() && align == Align.END) {
      align = Align.START;
    }
    return switch (align) {
      case CENTER -> (room - length) / 2;
      case END -> room - length;
      case START, STRETCH, BETWEEN -> 0;
    };
  }

  private void across(int[] visual, LineBreaker.Line line, int n, List<PlacedGlyph> out) {
    double length = line.width() * size;
    double x = box.x() + slackBefore(length, box.width());
    if (rightToLeft()) { // trailing spaces hang to the left
      x -= hanging(line) * size;
    }
    double y = box.y() + (n + 0.5) * style.lineHeight() * size + BASELINE * size;
    for (int i : visual) {
      Cluster c = paragraph.clusters().get(i);
      for (int g = 0; g < c.glyphs().length; g++) {
        out.add(
            new PlacedGlyph(
                c.face(),
                size,
                c.glyphs()[g],
                x + c.dx()[g] * size,
                y + c.dy()[g] * size,
                false,
                string,
                c.from(),
                c.to()));
      }
      x += (c.advance() + paragraph.breaker().spacing(i, trackingEm)) * size;
    }
  }

  private double hanging(LineBreaker.Line line) {
    double ems = 0;
    for (int i = line.to() - 1; i >= line.from() && paragraph.clusters().get(i).isSpace(); i--) {
      ems += paragraph.clusters().get(i).advance();
    }
    return ems;
  }

  private void down(int[] visual, LineBreaker.Line line, int n, List<PlacedGlyph> out) {
    double pitch = style.lineHeight() * size;
    double middle = box.right() - (n + 0.5) * pitch;
    double y = box.y() + slackBefore(line.width() * size, box.height());
    for (int i : visual) {
      Cluster c = paragraph.clusters().get(i);
      boolean upright = standsUpright(c);
      for (int g = 0; g < c.glyphs().length; g++) {
        // an ideograph's box reaches from 0.88 above to 0.12 below its baseline
        double gx = upright ? middle - size / 2 : middle - BASELINE * size - c.dy()[g] * size;
        double gy = upright ? y + 0.88 * size : y + c.dx()[g] * size;
        out.add(
            new PlacedGlyph(
                c.face(), size, c.glyphs()[g], gx, gy, !upright, string, c.from(), c.to()));
      }
      y += (c.advance() + paragraph.breaker().spacing(i, trackingEm)) * size;
    }
  }
}

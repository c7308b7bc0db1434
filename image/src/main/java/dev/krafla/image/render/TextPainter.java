package dev.krafla.image.render;

import dev.krafla.image.text.PlacedGlyph;
import dev.krafla.image.text.SetText;
import dev.krafla.image.text.SkijaFace;
import io.github.humbleui.skija.Canvas;
import io.github.humbleui.skija.Font;
import io.github.humbleui.skija.Paint;
import io.github.humbleui.skija.TextBlob;
import io.github.humbleui.types.Point;
import java.util.List;

/** Draws placed glyphs, and nothing but them. */
final class TextPainter {
  private TextPainter() {}

  static void paint(Canvas canvas, SetText text, int argb) {
    try (Paint paint = Paints.fill(argb)) {
      List<PlacedGlyph> glyphs = text.glyphs();
      int from = 0;
      for (int i = 1; i <= glyphs.size(); i++) {
        if (i == glyphs.size() || !together(glyphs.get(from), glyphs.get(i))) {
          run(canvas, glyphs.subList(from, i), paint);
          from = i;
        }
      }
    }
  }

  private static boolean together(PlacedGlyph a, PlacedGlyph b) {
    return a.face().equals(b.face()) && a.quarterTurn() == b.quarterTurn();
  }

  private static void run(Canvas canvas, List<PlacedGlyph> glyphs, Paint paint) {
    PlacedGlyph first = glyphs.getFirst();
    if (!(first.face() instanceof SkijaFace face)) {
      throw new IllegalStateException("%s is no face of Skia's".formatted(first.face().name()));
    }
    short[] ids = new short[glyphs.size()];
    Point[] at = new Point[glyphs.size()];
    for (int i = 0; i < ids.length; i++) {
      PlacedGlyph g = glyphs.get(i);
      ids[i] = (short) g.glyph();
      at[i] =
          g.quarterTurn()
              ? new Point((float) g.y(), (float) -g.x())
              : new Point((float) g.x(), (float) g.y());
    }
    try (Font font = face.font((float) first.size());
        TextBlob blob = TextBlob.makeFromPos(ids, at, font)) {
      if (blob == null) {
        return; // nothing but spaces
      }
      if (first.quarterTurn()) {
        canvas.save();
        canvas.rotate(90);
        canvas.drawTextBlob(blob, 0, 0, paint);
        canvas.restore();
      } else {
        canvas.drawTextBlob(blob, 0, 0, paint);
      }
    }
  }
}

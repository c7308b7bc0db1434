package dev.krafla.image.text;

import dev.krafla.image.MissingGlyph;
import java.text.Bidi;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A string to clusters: grapheme by grapheme the face is chosen, runs of one face and direction are
 * shaped, and glyphs are given back to the UTF-16 units that they came from.
 */
final class Itemizer {
  private final FontLibrary fonts;

  Itemizer(FontLibrary fonts) {
    this.fonts = fonts;
  }

  /** Clusters in logical order; they cover the string without gap. */
  List<Cluster> clusters(
      String text, String lang, String family, int weight, boolean display, boolean vertical) {
    int[] bounds = graphemes(text);
    Bidi bidi = new Bidi(text, Bidi.DIRECTION_DEFAULT_LEFT_TO_RIGHT);
    var out = new ArrayList<Cluster>();
    int from = 0;
    Face face = null;
    int level = 0;
    boolean upright = false;
    for (int i = 0; i + 1 < bounds.length; i++) {
      int at = bounds[i];
      String grapheme = text.substring(at, bounds[i + 1]);
      boolean newline = grapheme.equals("\n") || grapheme.equals("\r\n");
      int newLevel = bidi.getLevelAt(at);
      boolean cjk = amongCjk(text, lang, at, grapheme);
      boolean newUpright =
          vertical && (Scripts.isCjk(grapheme.codePointAt(0)) || cjk || Scripts.isEmoji(grapheme));
      Face next;
      if (newline || face == null || !Scripts.isInvisible(grapheme.codePointAt(0))) {
        next = fonts.face(family, weight, display, lang, cjk, newline ? " " : grapheme);
      } else {
        next = face;
      }
      boolean continues =
          face != null
              && next.equals(face)
              && newLevel == level
              && newUpright == upright
              && !newUpright
              && !newline
              && text.charAt(from) != '\n';
      if (!continues) {
        if (face != null) {
          shape(text, from, at, face, level, lang, upright, out);
        }
        from = at;
        face = next;
        level = newLevel;
        upright = newUpright;
      }
    }
    if (face != null) {
      shape(text, from, text.length(), face, level, lang, upright, out);
    }
    return out;
  }

  static int[] graphemes(String text) {
    BreakIterator it = BreakIterator.getCharacterInstance(Locale.ROOT);
    it.setText(text);
    var bounds = new ArrayList<Integer>();
    for (int i = it.first(); i != BreakIterator.DONE; i = it.next()) {
      bounds.add(i);
    }
    return bounds.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Whether what stands at {@code at} is set in the CJK font, as its neighbours are. */
  private static boolean amongCjk(String text, String lang, int at, String grapheme) {
    int c = grapheme.codePointAt(0);
    if (Scripts.isCjk(c) || Scripts.isWidePunctuation(c)) {
      return true;
    }
    if (!Scripts.isAmbiguous(c) || !(lang.startsWith("zh") || lang.startsWith("ja"))) {
      return false;
    }
    int before = at == 0 ? ' ' : text.codePointBefore(at);
    int after =
        at + grapheme.length() >= text.length() ? ' ' : text.codePointAt(at + grapheme.length());
    return Scripts.isCjk(before)
        || Scripts.isCjk(after)
        || Scripts.isWidePunctuation(before)
        || Scripts.isWidePunctuation(after)
        || Scripts.isAmbiguous(before)
        || Scripts.isAmbiguous(after);
  }

  private static void shape(
      String text,
      int from,
      int to,
      Face face,
      int level,
      String lang,
      boolean upright,
      List<Cluster> out) {
    String run = text.substring(from, to);
    if (run.equals("\n") || run.equals("\r\n")) {
      out.add(
          new Cluster(
              from, to, face, new int[0], new float[0], new float[0], 0, level, '\n', '\n'));
      return;
    }
    boolean rtl = (level & 1) == 1;
    Face.Shaped shaped = face.shape(run, rtl, lang, upright);
    int n = shaped.glyphs().length;
    var visual = new ArrayList<Cluster>();
    for (int i = 0; i < n; ) {
      int end = i + 1;
      while (end < n && shaped.clusters()[end] == shaped.clusters()[i]) {
        end++;
      }
      // pen positions telescope; the first cluster begins at 0 even if a mark of it is set off
      float left = i == 0 ? 0 : shaped.x()[i];
      float right = end < n ? shaped.x()[end] : shaped.advance();
      visual.add(cluster(run, from, face, shaped, i, end, left, right - left, level));
      i = end;
    }
    if (rtl) {
      visual = new ArrayList<>(visual.reversed());
    }
    close(text, from, to, visual, out);
  }

  private static Cluster cluster(
      String run,
      int from,
      Face face,
      Face.Shaped shaped,
      int i,
      int end,
      float left,
      float advance,
      int level) {
    int[] glyphs = new int[end - i];
    float[] dx = new float[end - i];
    float[] dy = new float[end - i];
    for (int k = i; k < end; k++) {
      glyphs[k - i] = shaped.glyphs()[k];
      dx[k - i] = shaped.x()[k] - left;
      dy[k - i] = shaped.y()[k];
      if (glyphs[k - i] == 0) {
        throw new MissingGlyph(run.codePointAt(shaped.clusters()[k]), run);
      }
    }
    int at = from + shaped.clusters()[i];
    return new Cluster(at, at, face, glyphs, dx, dy, advance, level, 0, 0);
  }

  /** Gives each cluster its end, the beginning of the next one. */
  private static void close(
      String text, int from, int to, List<Cluster> logical, List<Cluster> out) {
    if (logical.isEmpty() || logical.getFirst().from() != from) {
      throw new IllegalStateException(
          "shaping lost the beginning of '%s'".formatted(text.substring(from, to)));
    }
    for (int i = 0; i < logical.size(); i++) {
      Cluster c = logical.get(i);
      int end = i + 1 < logical.size() ? logical.get(i + 1).from() : to;
      out.add(
          new Cluster(
              c.from(),
              end,
              c.face(),
              c.glyphs(),
              c.dx(),
              c.dy(),
              c.advance(),
              c.level(),
              text.codePointAt(c.from()),
              text.codePointBefore(end)));
    }
  }
}

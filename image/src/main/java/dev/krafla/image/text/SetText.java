package dev.krafla.image.text;

import dev.krafla.image.scene.Box;
import java.util.List;
import java.util.Optional;

/**
 * A text node set: its glyphs, placed.
 *
 * @param box that its lines take
 * @param lines what each line says, with the paragraph it belongs to
 */
public record SetText(
    List<PlacedGlyph> glyphs, List<SetLine> lines, double size, double tracking, Box box) {
  public SetText {
    glyphs = List.copyOf(glyphs);
    lines = List.copyOf(lines);
  }

  /** UTF-16 units {@code from} to {@code to} of paragraph {@code string}. */
  public record SetLine(int string, int from, int to) {}

  /** The rectangle around all ink, if there is any. */
  public Optional<Box> ink() {
    return glyphs.stream()
        .map(PlacedGlyph::ink)
        .filter(ink -> ink.width() > 0 && ink.height() > 0)
        .reduce(Box::union);
  }

  /** The same elsewhere. */
  public SetText moved(double dx, double dy) {
    return new SetText(
        glyphs.stream().map(glyph -> glyph.moved(dx, dy)).toList(),
        lines,
        size,
        tracking,
        box.moved(dx, dy));
  }
}

package dev.krafla.image.render;

import dev.krafla.image.layout.Layout;
import dev.krafla.image.scene.Box;

/** Draws layouts. The interface keeps Skia out of everything else. */
public interface Renderer {
  /** The whole picture. Text comes last, after its colours have been checked against the plate. */
  Drawn draw(Layout layout);

  /**
   * As {@link #draw}, but only {@code dirty} is drawn anew, and what has to change with it: a text
   * of which a part gets another ground may need another colour. Outside of what the result names
   * every byte is the one of {@code before}, whose size must be the same.
   */
  Redrawn redraw(Drawn before, Layout layout, Box dirty);

  /** A picture, and the rectangle of it that was drawn anew. */
  record Redrawn(Drawn drawn, Box dirty) {}

  /** A file of a drawn picture. The manifest is in it, whatever the format. */
  byte[] encode(Drawn drawn, Format format, String manifest);

  /** Draws the glyphs of a text, and nothing else, over pixels of {@link Drawn#plate}. */
  byte[] textOver(byte[] plate, Drawn drawn);
}

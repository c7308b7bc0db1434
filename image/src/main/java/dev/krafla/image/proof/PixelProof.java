package dev.krafla.image.proof;

import dev.krafla.image.render.Drawn;
import dev.krafla.image.render.Renderer;
import dev.krafla.image.scene.Box;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Composes a picture again, its text over its plate: every byte must come out as before. And every
 * text must be seen: its ink changes the plate.
 */
public final class PixelProof {
  private PixelProof() {}

  /** Faults of {@code drawn}, none where it holds. */
  public static List<String> of(Drawn drawn, Renderer renderer) {
    var faults = new ArrayList<String>();
    byte[] again = renderer.textOver(drawn.plate(), drawn);
    int differs = Arrays.mismatch(again, drawn.pixels());
    if (differs >= 0) {
      int pixel = differs / 4;
      faults.add(
          "text over plate differs from the picture at (%d, %d)"
              .formatted(pixel % drawn.width(), pixel / drawn.width()));
    }
    drawn
        .layout()
        .texts()
        .forEach((id, text) -> {
          Optional<Box> ink = text.ink();
          if (ink.isPresent() && !changed(drawn, ink.get())) {
            faults.add("text '%s' cannot be seen at %s".formatted(id, ink.get()));
          }
        });
    return faults;
  }

  private static boolean changed(Drawn drawn, Box ink) {
    int left = (int) Math.max(0, ink.x());
    int right = (int) Math.min(drawn.width(), Math.ceil(ink.right()));
    int bottom = (int) Math.min(drawn.height(), Math.ceil(ink.bottom()));
    for (int y = (int) Math.max(0, ink.y()); y < bottom; y++) {
      int row = 4 * y * drawn.width();
      if (left < right
          && !Arrays.equals(
              drawn.plate(),
              row + 4 * left,
              row + 4 * right,
              drawn.pixels(),
              row + 4 * left,
              row + 4 * right)) {
        return true;
      }
    }
    return false;
  }
}

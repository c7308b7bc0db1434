package dev.krafla.image.render;

import dev.krafla.image.InvalidScene;
import dev.krafla.image.scene.Canvas;
import io.github.humbleui.skija.Codec;
import io.github.humbleui.skija.Data;

/** Looks at what a picture announces before memory is taken for its pixels. */
final class PictureSize {
  private PictureSize() {}

  static void check(String id, byte[] bytes) {
    try (Data data = Data.makeFromBytes(bytes);
        Codec codec = Codec.makeFromData(data)) {
      long pixels = (long) codec.getWidth() * codec.getHeight();
      if (pixels > Canvas.MAX_PIXELS) {
        throw new InvalidScene(
            id,
            "shows a picture of %d×%d = %d pixels; at most %d are decoded"
                .formatted(codec.getWidth(), codec.getHeight(), pixels, Canvas.MAX_PIXELS));
      }
    } catch (IllegalArgumentException e) {
      throw new InvalidScene(id, "shows a file that is no PNG, JPEG or WebP", e);
    }
  }
}

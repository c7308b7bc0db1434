package dev.krafla.image.render;

import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.TextStyle;
import dev.krafla.image.text.SetText;
import io.github.humbleui.skija.Bitmap;
import io.github.humbleui.skija.Canvas;
import io.github.humbleui.skija.ColorAlphaType;
import io.github.humbleui.skija.ColorType;
import io.github.humbleui.skija.ImageInfo;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Chooses the colour of a text: the one that the scene names, if 95 of 100 pixels under the glyphs
 * give it the contrast that its style asks for; else the token that has most; else black or white
 * with a scrim behind.
 */
final class Inking {
  /**
   * Widest and highest mask that is looked at pixel by pixel; larger ones are looked at coarser.
   */
  private static final int MOST_MASK_PIXELS = 1 << 19;

  private final Scene scene;
  private final byte[] plate;

  Inking(Scene scene, byte[] plate) {
    this.scene = scene;
    this.plate = plate;
  }

  Ink ink(SetText text, TextStyle style) {
    int wanted = scene.argb(style.color());
    Optional<Box> ink = text.ink();
    if (ink.isEmpty() || style.contrast() == 0) {
      return new Ink(wanted, 21, Optional.empty(), text.box(), false);
    }
    int[] histogram = underGlyphs(text, ink.get());
    double ratio = ratio(wanted, histogram);
    if (ratio >= style.contrast()) {
      return new Ink(wanted, ratio, Optional.empty(), ink.get(), false);
    }
    int best = wanted;
    for (int candidate : candidates()) {
      double reached = ratio(candidate, histogram);
      if (reached > ratio) {
        best = candidate;
        ratio = reached;
      }
      if (ratio >= style.contrast()) {
        break;
      }
    }
    if (ratio >= style.contrast()) {
      return new Ink(best, ratio, Optional.empty(), ink.get(), true);
    }
    double l = Contrast.luminance(best);
    int scrim = l > 0.4 ? 0xD9000000 : 0xE6FFFFFF;
    int ground = l > 0.4 ? 0xFF262626 : 0xFFE6E6E6;
    double pad = text.size() * 0.35;
    return new Ink(
        l > 0.4 ? 0xFFFFFFFF : 0xFF000000,
        Contrast.ratio(l > 0.4 ? 1 : 0, Contrast.luminance(ground)),
        Optional.of(scrim),
        ink.get().inset(-pad),
        true);
  }

  private static double ratio(int argb, int[] histogram) {
    return Contrast.atFifthPercentile(Contrast.luminance(argb), histogram);
  }

  /** The scene's own inks first, so that a repaired text still belongs to it. */
  private Set<Integer> candidates() {
    var all = new LinkedHashSet<Integer>();
    for (String token : new String[] {"ink", "paper", "onBrand", "brand"}) {
      if (scene.colors().containsKey(token)) {
        all.add(scene.argb(token) | 0xFF000000);
      }
    }
    all.add(0xFF111111);
    all.add(0xFFFFFFFF);
    all.add(0xFF000000);
    return all;
  }

  /** Luminances of the plate where glyphs cover more than half of a pixel. */
  private int[] underGlyphs(SetText text, Box ink) {
    int[] histogram = new int[256];
    int width = scene.canvas().width();
    int left = (int) Math.max(0, Math.floor(ink.x()));
    int top = (int) Math.max(0, Math.floor(ink.y()));
    int w = (int) Math.min(width, Math.ceil(ink.right())) - left;
    int h = (int) Math.min(scene.canvas().height(), Math.ceil(ink.bottom())) - top;
    if (w <= 0 || h <= 0) {
      return histogram;
    }
    double coarse = Math.sqrt(Math.max(1, (double) w * h / MOST_MASK_PIXELS));
    int mw = (int) Math.max(1, w / coarse);
    int mh = (int) Math.max(1, h / coarse);
    byte[] mask = mask(text, left, top, coarse, mw, mh);
    for (int y = 0; y < mh; y++) {
      int row = width * (int) (top + y * coarse);
      for (int x = 0; x < mw; x++) {
        if ((mask[y * mw + x] & 255) > 127) {
          int at = 4 * (row + (int) (left + x * coarse));
          double l = Contrast.luminance(plate[at] & 255, plate[at + 1] & 255, plate[at + 2] & 255);
          histogram[Contrast.bucket(l)]++;
        }
      }
    }
    return histogram;
  }

  @SuppressWarnings("NullAway") // Skija marks the array, JSpecify reads that of its elements
  private static byte[] mask(SetText text, int left, int top, double coarse, int mw, int mh) {
    try (Bitmap bitmap = new Bitmap()) {
      ImageInfo info = new ImageInfo(mw, mh, ColorType.ALPHA_8, ColorAlphaType.PREMUL);
      bitmap.allocPixels(info);
      bitmap.erase(0);
      try (Canvas canvas = new Canvas(bitmap)) {
        canvas.scale((float) (1 / coarse), (float) (1 / coarse));
        canvas.translate(-left, -top);
        TextPainter.paint(canvas, text, 0xFF000000);
      }
      byte[] pixels = bitmap.readPixels(info, mw, 0, 0);
      if (pixels == null) {
        throw new IllegalStateException("no mask of %d×%d pixels".formatted(mw, mh));
      }
      return pixels;
    }
  }
}

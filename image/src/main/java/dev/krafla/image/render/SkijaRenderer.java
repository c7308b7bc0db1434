package dev.krafla.image.render;

import dev.krafla.image.layout.Layout;
import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.SceneWriter;
import dev.krafla.image.text.SetText;
import io.github.humbleui.skija.Bitmap;
import io.github.humbleui.skija.Canvas;
import io.github.humbleui.skija.ColorAlphaType;
import io.github.humbleui.skija.ColorType;
import io.github.humbleui.skija.ImageInfo;
import io.github.humbleui.skija.Paint;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Draws with Skia on the CPU. Thread-safe. */
public final class SkijaRenderer implements Renderer {
  /** How often a part that is drawn anew may grow before all is. */
  private static final int ROUNDS = 4;

  public SkijaRenderer() {}

  @Override
  public Drawn draw(Layout layout) {
    return draw(layout, layout.scene().canvas().box(), new byte[0], new byte[0], Map.of());
  }

  @Override
  public Redrawn redraw(Drawn before, Layout layout, Box dirty) {
    int width = layout.scene().canvas().width();
    int height = layout.scene().canvas().height();
    if (before.width() != width || before.height() != height) {
      throw new IllegalArgumentException(
          "a picture of %d×%d cannot become one of %d×%d by redrawing a part of it"
              .formatted(before.width(), before.height(), width, height));
    }
    Box reach = dirty;
    for (int round = 0; round < ROUNDS; round++) {
      Box wider = withScrims(before, reach);
      Drawn drawn = draw(layout, wider, before.plate(), before.pixels(), before.inks());
      reach = withChangedInks(before, drawn, wider);
      if (reach.equals(wider)) {
        return new Redrawn(drawn, wider);
      }
    }
    return new Redrawn(draw(layout), layout.scene().canvas().box());
  }

  /** What of {@code dirty} is under a scrim is drawn with the whole of it. */
  private static Box withScrims(Drawn before, Box dirty) {
    Box reach = dirty;
    for (Ink ink : before.inks().values()) {
      if (ink.scrim().isPresent() && ink.scrimBox().overlap(reach) > 0) {
        reach = reach.union(ink.scrimBox());
      }
    }
    return reach;
  }

  /** A text that takes another colour is drawn as a whole. */
  private static Box withChangedInks(Drawn before, Drawn after, Box dirty) {
    Box reach = dirty;
    for (var e : after.inks().entrySet()) {
      Ink old = before.inks().get(e.getKey());
      Ink now = e.getValue();
      if (old == null || old.argb() != now.argb() || !old.scrim().equals(now.scrim())) {
        reach = reach.union(now.scrimBox());
        reach = old == null ? reach : reach.union(old.scrimBox());
      }
    }
    return reach;
  }

  /** Draws what lies in {@code dirty}; elsewhere the pixels given stay, if any are. */
  private static Drawn draw(
      Layout layout, Box dirty, byte[] oldPlate, byte[] oldPixels, Map<String, Ink> oldInks) {
    Scene scene = layout.scene();
    ImageInfo info =
        new ImageInfo(
            scene.canvas().width(),
            scene.canvas().height(),
            ColorType.RGBA_8888,
            ColorAlphaType.PREMUL);
    try (Bitmap bitmap = new Bitmap()) {
      bitmap.allocPixels(info);
      int stride = 4 * info.getWidth();
      if (oldPlate.length > 0) {
        bitmap.installPixels(info, oldPlate, stride);
      }
      byte[] plate;
      Map<String, Ink> inks;
      try (Canvas canvas = new Canvas(bitmap)) {
        canvas.clipRect(whole(dirty));
        paintPlate(canvas, layout);
        plate = read(bitmap, info, stride);
        inks = inks(layout, plate, dirty, oldInks);
        if (scrims(canvas, inks)) {
          plate = read(bitmap, info, stride);
        }
      }
      if (oldPixels.length > 0) {
        plate = keepOutside(oldPlate, plate, dirty, info.getWidth(), info.getHeight());
      }
      byte[] pixels = textOver(plate, layout, inks, dirty, oldPixels);
      return new Drawn(layout, inks, plate, pixels);
    }
  }

  private static io.github.humbleui.types.Rect whole(Box dirty) {
    return io.github.humbleui.types.Rect.makeLTRB(
        (float) Math.floor(dirty.x()),
        (float) Math.floor(dirty.y()),
        (float) Math.ceil(dirty.right()),
        (float) Math.ceil(dirty.bottom()));
  }

  private static byte[] keepOutside(byte[] old, byte[] fresh, Box dirty, int width, int height) {
    byte[] out = old.clone();
    copy(fresh, out, dirty, width, height);
    return out;
  }

  /** Copies the rows of {@code dirty}. */
  private static void copy(byte[] from, byte[] to, Box dirty, int width, int height) {
    int left = (int) Math.max(0, Math.floor(dirty.x()));
    int right = (int) Math.min(width, Math.ceil(dirty.right()));
    int top = (int) Math.max(0, Math.floor(dirty.y()));
    int bottom = (int) Math.min(height, Math.ceil(dirty.bottom()));
    for (int y = top; y < bottom && left < right; y++) {
      int at = 4 * (y * width + left);
      System.arraycopy(from, at, to, at, 4 * (right - left));
    }
  }

  @SuppressWarnings("NullAway") // Skija marks the array, JSpecify reads that of its elements
  private static byte[] read(Bitmap bitmap, ImageInfo info, int stride) {
    byte[] pixels = bitmap.readPixels(info, stride, 0, 0);
    if (pixels == null) {
      throw new IllegalStateException(
          "Skia gave no pixels of %d×%d".formatted(info.getWidth(), info.getHeight()));
    }
    return pixels;
  }

  private static void paintPlate(Canvas canvas, Layout layout) {
    Scene scene = layout.scene();
    new PlatePainter(scene).paint(canvas);
    var shapes = new ShapePainter(scene);
    for (Node node : scene.nodes()) {
      Box box = layout.boxes().get(node.id());
      if (box != null) {
        shapes.paint(canvas, node, box);
      }
    }
  }

  private static Map<String, Ink> inks(
      Layout layout, byte[] plate, Box dirty, Map<String, Ink> oldInks) {
    var inking = new Inking(layout.scene(), plate);
    var inks = new LinkedHashMap<String, Ink>();
    for (Node node : layout.scene().nodes()) {
      SetText set = layout.texts().get(node.id());
      if (node instanceof Node.Text text && set != null) {
        Ink old = oldInks.get(text.id());
        boolean untouched =
            old != null && set.ink().map(ink -> ink.overlap(dirty) == 0).orElse(false);
        inks.put(text.id(), old != null && untouched ? old : inking.ink(set, text.style()));
      }
    }
    return inks;
  }

  private static boolean scrims(Canvas canvas, Map<String, Ink> inks) {
    boolean any = false;
    for (Ink ink : inks.values()) {
      if (ink.scrim().isPresent()) {
        any = true;
        try (Paint paint = Paints.fill(ink.scrim().get())) {
          canvas.drawRRect(Paints.rounded(ink.scrimBox(), ink.scrimBox().height() * 0.12), paint);
        }
      }
    }
    return any;
  }

  @Override
  public byte[] textOver(byte[] plate, Drawn drawn) {
    return textOver(
        plate, drawn.layout(), drawn.inks(), drawn.layout().scene().canvas().box(), new byte[0]);
  }

  private static byte[] textOver(
      byte[] plate, Layout layout, Map<String, Ink> inks, Box dirty, byte[] oldPixels) {
    Scene scene = layout.scene();
    ImageInfo info =
        new ImageInfo(
            scene.canvas().width(),
            scene.canvas().height(),
            ColorType.RGBA_8888,
            ColorAlphaType.PREMUL);
    int stride = 4 * info.getWidth();
    try (Bitmap bitmap = new Bitmap()) {
      bitmap.installPixels(info, plate, stride);
      try (Canvas canvas = new Canvas(bitmap)) {
        canvas.clipRect(whole(dirty));
        paintText(canvas, layout, inks);
      }
      byte[] pixels = read(bitmap, info, stride);
      return oldPixels.length == 0
          ? pixels
          : keepOutside(oldPixels, pixels, dirty, info.getWidth(), info.getHeight());
    }
  }

  private static void paintText(Canvas canvas, Layout layout, Map<String, Ink> inks) {
    layout
        .texts()
        .forEach((id, text) -> {
          Ink ink = inks.get(id);
          if (ink != null) {
            TextPainter.paint(canvas, text, ink.argb());
          }
        });
  }

  @Override
  public byte[] encode(Drawn drawn, Format format, String manifest) {
    return switch (format) {
      case PNG -> PngWriter.write(drawn.pixels(), drawn.width(), drawn.height(), manifest);
      case JPEG -> Containers.jpeg(drawn, manifest);
      case WEBP -> Containers.webp(drawn, manifest);
      case SVG -> Vectors.svg(drawn, SkijaRenderer::paintAll, manifest);
      case PDF -> Vectors.pdf(drawn, SkijaRenderer::paintAll, manifest);
      case JSON -> SceneWriter.write(drawn.layout().scene()).getBytes(StandardCharsets.UTF_8);
    };
  }

  private static void paintAll(Canvas canvas, Drawn drawn) {
    paintPlate(canvas, drawn.layout());
    scrims(canvas, drawn.inks());
    paintText(canvas, drawn.layout(), drawn.inks());
  }
}

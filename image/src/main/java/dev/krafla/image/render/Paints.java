package dev.krafla.image.render;

import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.Skin;
import io.github.humbleui.skija.Canvas;
import io.github.humbleui.skija.Paint;
import io.github.humbleui.skija.PaintMode;
import io.github.humbleui.skija.PaintStrokeCap;
import io.github.humbleui.skija.PaintStrokeJoin;
import io.github.humbleui.skija.Shader;
import io.github.humbleui.types.RRect;
import io.github.humbleui.types.Rect;
import java.util.List;

/** Colours and surfaces of a scene as Skia's paints. */
final class Paints {
  /** A soft shadow is this many translucent layers, which every output format can draw. */
  private static final int SHADOW_LAYERS = 12;

  private final Scene scene;

  Paints(Scene scene) {
    this.scene = scene;
  }

  Paint fill(String color) {
    return fill(scene.argb(color));
  }

  static Paint fill(int argb) {
    return new Paint().setAntiAlias(true).setColor(argb);
  }

  Paint stroke(String color, double width) {
    return stroke(scene.argb(color), width);
  }

  static Paint stroke(int argb, double width) {
    return fill(argb)
        .setMode(PaintMode.STROKE)
        .setStrokeWidth((float) width)
        .setStrokeCap(PaintStrokeCap.ROUND)
        .setStrokeJoin(PaintStrokeJoin.ROUND);
  }

  /** The fill of {@code skin} over {@code box}; without colours it is transparent. */
  Paint fill(Skin skin, Box box) {
    List<String> colors = skin.fill();
    if (colors.isEmpty()) {
      return fill(0);
    }
    if (colors.size() == 1) {
      return fill(colors.getFirst());
    }
    return gradient(colors, skin.angle(), box);
  }

  /** Colours evenly along a line through the middle of {@code box}. */
  Paint gradient(List<String> colors, double angle, Box box) {
    double radians = Math.toRadians(angle);
    double dx = Math.cos(radians) * box.width() / 2;
    double dy = Math.sin(radians) * box.height() / 2;
    int[] argb = colors.stream().mapToInt(scene::argb).toArray();
    return fill(0xFFFFFFFF)
        .setDither(true)
        .setShader(
            Shader.makeLinearGradient(
                (float) (box.centerX() - dx),
                (float) (box.centerY() - dy),
                (float) (box.centerX() + dx),
                (float) (box.centerY() + dy),
                argb));
  }

  /** {@code color} with its alpha multiplied. */
  int faded(String color, double alpha) {
    return faded(scene.argb(color), alpha);
  }

  static int faded(int argb, double alpha) {
    int a = (int) Math.round((argb >>> 24) * alpha);
    return (a << 24) | (argb & 0xFFFFFF);
  }

  static Rect rect(Box box) {
    return Rect.makeXYWH(
        (float) box.x(), (float) box.y(), (float) box.width(), (float) box.height());
  }

  static RRect rounded(Box box, double radius) {
    double most = Math.min(box.width(), box.height()) / 2;
    return RRect.makeXYWH(
        (float) box.x(),
        (float) box.y(),
        (float) box.width(),
        (float) box.height(),
        (float) Math.min(radius, most));
  }

  /** A rectangle with all that its skin asks for. */
  void surface(Canvas canvas, Skin skin, Box box) {
    if (skin.shadow() > 0) {
      shadow(canvas, skin, box);
    }
    if (!skin.fill().isEmpty()) {
      try (Paint paint = fill(skin, box)) {
        if (skin.radius() > 0) {
          canvas.drawRRect(rounded(box, skin.radius()), paint);
        } else {
          canvas.drawRect(rect(box), paint);
        }
      }
    }
    if (skin.stroke().isPresent() && skin.strokeWidth() > 0) {
      try (Paint paint = stroke(skin.stroke().get(), skin.strokeWidth())) {
        canvas.drawRRect(rounded(box.inset(skin.strokeWidth() / 2), skin.radius()), paint);
      }
    }
  }

  private static void shadow(Canvas canvas, Skin skin, Box box) {
    double blur = skin.shadow();
    for (int i = 0; i < SHADOW_LAYERS; i++) {
      double grow = blur * (1 - i / (double) SHADOW_LAYERS) - blur * 0.35;
      try (Paint paint = fill(0x04000000)) {
        canvas.drawRRect(
            rounded(box.moved(0, blur * 0.35).inset(-grow), skin.radius() + Math.max(0, grow)),
            paint);
      }
    }
  }
}

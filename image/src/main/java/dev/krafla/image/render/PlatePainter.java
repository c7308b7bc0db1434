package dev.krafla.image.render;

import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Plate;
import dev.krafla.image.scene.Scene;
import io.github.humbleui.skija.Canvas;
import io.github.humbleui.skija.Paint;
import io.github.humbleui.skija.Path;
import io.github.humbleui.skija.PathBuilder;
import io.github.humbleui.skija.Shader;
import java.util.List;
import java.util.SplittableRandom;

/** What lies below everything: grounds, patterns and landscapes, all from the scene's seed. */
final class PlatePainter {
  private final Plate plate;
  private final Paints paints;
  private final Box box;
  private final SplittableRandom random;

  PlatePainter(Scene scene) {
    this.plate = scene.plate();
    this.paints = new Paints(scene);
    this.box = scene.canvas().box();
    this.random = new SplittableRandom(plate.seed());
  }

  private String color(int i) {
    List<String> colors = plate.colors();
    return colors.isEmpty() ? "#FFFFFF" : colors.get(Math.min(i, colors.size() - 1));
  }

  private double unit() {
    return Math.min(box.width(), box.height());
  }

  void paint(Canvas canvas) {
    try (Paint ground = paints.fill(color(0))) {
      canvas.drawRect(Paints.rect(box), ground);
    }
    switch (plate.style()) {
      case FLAT -> {}
      case GRADIENT -> gradient(canvas, plate.colors());
      case MESH -> mesh(canvas);
      case DOTS -> dots(canvas);
      case GRID -> grid(canvas);
      case STRIPES -> stripes(canvas);
      case RAYS -> rays(canvas);
      case WAVES -> waves(canvas);
      case CIRCLES -> circles(canvas);
      case CONFETTI -> confetti(canvas);
      case HILLS -> hills(canvas);
      case SKYLINE -> skyline(canvas);
    }
  }

  private void gradient(Canvas canvas, List<String> colors) {
    if (colors.size() > 1) {
      try (Paint paint = paints.gradient(colors, 60, box)) {
        canvas.drawRect(Paints.rect(box), paint);
      }
    }
  }

  private void glow(Canvas canvas, double x, double y, double radius, int argb) {
    int clear = argb & 0xFFFFFF;
    try (Paint paint =
        Paints.fill(0xFFFFFFFF)
            .setDither(true)
            .setShader(
                Shader.makeRadialGradient(
                    (float) x,
                    (float) y,
                    (float) radius,
                    new int[] {argb, Paints.faded(argb, 0.55), clear},
                    new float[] {0, 0.45f, 1}))) {
      Box around = new Box(x - radius, y - radius, 2 * radius, 2 * radius);
      canvas.drawRect(Paints.rect(around), paint);
    }
  }

  private void mesh(Canvas canvas) {
    double[][] places = {{0.92, 0.08}, {0.08, 0.95}, {0.95, 0.85}, {0.2, 0.15}};
    for (int i = 1; i < plate.colors().size() && i <= places.length; i++) {
      double x = places[i - 1][0] + random.nextDouble(-0.08, 0.08);
      double y = places[i - 1][1] + random.nextDouble(-0.08, 0.08);
      glow(
          canvas,
          x * box.width(),
          y * box.height(),
          (0.62 + random.nextDouble(0.2)) * Math.max(box.width(), box.height()),
          paints.faded(color(i), 0.9));
    }
  }

  private void dots(Canvas canvas) {
    double pitch = unit() / 34;
    try (Paint paint = paints.fill(color(1));
        PathBuilder path = new PathBuilder()) {
      for (double y = pitch / 2; y < box.height(); y += pitch) {
        for (double x = pitch / 2; x < box.width(); x += pitch) {
          path.addCircle((float) x, (float) y, (float) (pitch * 0.06));
        }
      }
      try (Path all = path.build()) {
        canvas.drawPath(all, paint);
      }
    }
  }

  private void grid(Canvas canvas) {
    double pitch = unit() / 20;
    try (Paint paint = paints.stroke(color(1), Math.max(1, unit() / 1024))) {
      for (double x = pitch; x < box.width(); x += pitch) {
        canvas.drawLine((float) x, 0, (float) x, (float) box.height(), paint);
      }
      for (double y = pitch; y < box.height(); y += pitch) {
        canvas.drawLine(0, (float) y, (float) box.width(), (float) y, paint);
      }
    }
  }

  private void stripes(Canvas canvas) {
    double pitch = unit() / 12;
    try (Paint paint = paints.stroke(color(1), pitch * 0.5)) {
      for (double x = -box.height(); x < box.width(); x += pitch * 1.6) {
        canvas.drawLine(
            (float) x, (float) box.height() + 50, (float) (x + box.height()), -50, paint);
      }
    }
  }

  private void rays(Canvas canvas) {
    double cx = box.width() * 0.5;
    double cy = box.height() * 0.62;
    double far = box.width() + box.height();
    int count = 18;
    try (Paint paint = paints.fill(color(1));
        PathBuilder path = new PathBuilder()) {
      for (int i = 0; i < count; i++) {
        double a = 2 * Math.PI * i / count;
        double b = a + Math.PI / count;
        path.moveTo((float) cx, (float) cy)
            .lineTo((float) (cx + far * Math.cos(a)), (float) (cy + far * Math.sin(a)))
            .lineTo((float) (cx + far * Math.cos(b)), (float) (cy + far * Math.sin(b)))
            .closePath();
      }
      try (Path all = path.build()) {
        canvas.drawPath(all, paint);
      }
    }
    if (plate.colors().size() > 2) {
      glow(canvas, cx, cy, unit() * 0.6, paints.faded(color(2), 0.8));
    }
  }

  private void waves(Canvas canvas) {
    int bands = Math.max(1, plate.colors().size() - 1);
    for (int i = 0; i < bands; i++) {
      double base = box.height() * (0.74 + 0.26 * i / bands);
      wave(canvas, base, box.height() * 0.035, color(i + 1), random.nextDouble(2 * Math.PI));
    }
  }

  /** A filled band whose upper edge is a wave. */
  private void wave(Canvas canvas, double base, double height, String color, double phase) {
    try (Paint paint = paints.fill(color);
        PathBuilder path = new PathBuilder()) {
      path.moveTo(0, (float) box.height());
      int steps = 48;
      for (int i = 0; i <= steps; i++) {
        double x = box.width() * i / steps;
        double y =
            base
                + height * Math.sin(phase + 5.2 * i / steps)
                + height * 0.4 * Math.sin(phase * 2 + 11.0 * i / steps);
        path.lineTo((float) x, (float) y);
      }
      path.lineTo((float) box.width(), (float) box.height()).closePath();
      try (Path all = path.build()) {
        canvas.drawPath(all, paint);
      }
    }
  }

  private void circles(Canvas canvas) {
    double u = unit();
    try (Paint a = paints.fill(color(1));
        Paint b = paints.fill(color(2));
        Paint ring = paints.stroke(color(3), u * 0.012)) {
      canvas.drawCircle(
          (float) (box.width() * 0.9), (float) (box.height() * 0.1), (float) (u * 0.34), a);
      canvas.drawCircle(
          (float) (box.width() * 0.04), (float) (box.height() * 0.97), (float) (u * 0.27), b);
      canvas.drawCircle(
          (float) (box.width() * 0.9), (float) (box.height() * 0.1), (float) (u * 0.42), ring);
      canvas.drawCircle(
          (float) (box.width() * 0.04), (float) (box.height() * 0.97), (float) (u * 0.34), ring);
    }
  }

  private void confetti(Canvas canvas) {
    double u = unit();
    Box quiet =
        box.inset(box.width() * 0.1, box.height() * 0.12, box.width() * 0.1, box.height() * 0.12);
    for (int i = 0; i < 150; i++) {
      double x = random.nextDouble() * box.width();
      double y = random.nextDouble() * box.height();
      double size = u * random.nextDouble(0.006, 0.016);
      double turn = random.nextDouble() * 180;
      String color = color(1 + random.nextInt(Math.max(1, plate.colors().size() - 1)));
      if (quiet.contains(new Box(x, y, 0, 0), 0)) {
        continue;
      }
      canvas.save();
      canvas.translate((float) x, (float) y);
      canvas.rotate((float) turn);
      try (Paint paint = paints.fill(color)) {
        if (i % 3 == 0) {
          canvas.drawCircle(0, 0, (float) size * 0.7f, paint);
        } else {
          canvas.drawRRect(
              Paints.rounded(new Box(-size, -size * 0.35, 2 * size, size * 0.7), size * 0.2),
              paint);
        }
      }
      canvas.restore();
    }
  }

  private void hills(Canvas canvas) {
    gradient(canvas, plate.colors().subList(0, Math.min(2, plate.colors().size())));
    double u = unit();
    glow(canvas, box.width() * 0.76, box.height() * 0.55, u * 0.4, 0x99FFFFFF);
    try (Paint sun = Paints.fill(0xE6FFF6DC)) {
      canvas.drawCircle(
          (float) (box.width() * 0.76), (float) (box.height() * 0.55), (float) (u * 0.075), sun);
    }
    int bands = Math.max(1, plate.colors().size() - 2);
    for (int i = 0; i < bands; i++) {
      double base = box.height() * (0.66 + 0.34 * i / bands);
      wave(canvas, base, box.height() * 0.05, color(i + 2), random.nextDouble(2 * Math.PI));
    }
  }

  private void skyline(Canvas canvas) {
    gradient(canvas, plate.colors().subList(0, Math.min(2, plate.colors().size())));
    int rows = Math.max(1, plate.colors().size() - 2);
    for (int row = 0; row < rows; row++) {
      double base = box.height() * (0.66 + 0.12 * row);
      double x = -box.width() * 0.02;
      try (Paint paint = paints.fill(color(row + 2))) {
        while (x < box.width()) {
          double w = box.width() * random.nextDouble(0.045, 0.1);
          double top = base - box.height() * random.nextDouble(0.02, 0.16);
          canvas.drawRect(Paints.rect(new Box(x, top, w, box.height() - top)), paint);
          windows(canvas, x, top, w, row);
          x += w + box.width() * 0.004;
        }
      }
    }
  }

  private void windows(Canvas canvas, double x, double top, double w, int row) {
    double pitch = unit() / 64;
    try (Paint light = Paints.fill(row == 0 ? 0x26FFE9B8 : 0x55FFE2A0)) {
      for (double wy = top + pitch; wy < box.height(); wy += pitch * 1.5) {
        for (double wx = x + pitch * 0.6; wx + pitch * 0.5 < x + w; wx += pitch) {
          if (random.nextInt(3) == 0) {
            canvas.drawRect(Paints.rect(new Box(wx, wy, pitch * 0.42, pitch * 0.6)), light);
          }
        }
      }
    }
  }
}

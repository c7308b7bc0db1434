package dev.krafla.image.render;

import dev.krafla.image.InvalidScene;
import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.Skin;
import io.github.humbleui.skija.Canvas;
import io.github.humbleui.skija.Image;
import io.github.humbleui.skija.Paint;
import io.github.humbleui.skija.Path;
import io.github.humbleui.skija.PathBuilder;
import io.github.humbleui.skija.SamplingMode;
import io.github.humbleui.types.Rect;
import java.io.IOException;
import java.nio.file.Files;

/** Draws everything of the tree that is not text. */
final class ShapePainter {
  private static final long MAX_PICTURE_BYTES = 64L << 20;

  private final Paints paints;

  ShapePainter(Scene scene) {
    this.paints = new Paints(scene);
  }

  void paint(Canvas canvas, Node node, Box box) {
    switch (node) {
      case Node.Group group -> group.skin().ifPresent(skin -> paints.surface(canvas, skin, box));
      case Node.Shape shape -> shape(canvas, shape.form(), shape.skin(), box);
      case Node.Icon icon -> icon(canvas, icon.name(), paints.faded(icon.color(), 1), box);
      case Node.Chart chart -> new ChartPainter(paints, chart, box).paint(canvas);
      case Node.Picture picture -> picture(canvas, picture, box);
      case Node.Slot slot -> slot(canvas, slot, box);
      case Node.Text _ -> {}
    }
  }

  private void shape(Canvas canvas, Node.Form form, Skin skin, Box box) {
    switch (form) {
      case RECT -> paints.surface(canvas, skin, box);
      case LINE -> {
        try (Paint paint = paints.fill(skin, box)) {
          canvas.drawRRect(Paints.rounded(box, Math.min(box.width(), box.height()) / 2), paint);
        }
      }
      case RING -> {
        double width = Math.min(box.width(), box.height()) * 0.14;
        try (Paint paint = paints.stroke(first(skin), width)) {
          canvas.drawOval(Paints.rect(box.inset(width / 2)), paint);
        }
      }
      case ELLIPSE -> {
        try (Paint paint = paints.fill(skin, box)) {
          canvas.drawOval(Paints.rect(box), paint);
        }
        outlineOval(canvas, skin, box);
      }
      case TRIANGLE, STAR, HEART, BLOB, ARROW, WAVE, SPEECH -> path(canvas, form, skin, box);
    }
  }

  private void outlineOval(Canvas canvas, Skin skin, Box box) {
    if (skin.stroke().isPresent()) {
      try (Paint paint = paints.stroke(skin.stroke().get(), skin.strokeWidth())) {
        canvas.drawOval(Paints.rect(box.inset(skin.strokeWidth() / 2)), paint);
      }
    }
  }

  private static String first(Skin skin) {
    return skin.fill().isEmpty() ? "#000000" : skin.fill().getFirst();
  }

  private void path(Canvas canvas, Node.Form form, Skin skin, Box box) {
    try (Path path = Forms.path(form, box);
        Paint paint = paints.fill(skin, box)) {
      canvas.drawPath(path, paint);
      if (skin.stroke().isPresent()) {
        try (Paint outline = paints.stroke(skin.stroke().get(), skin.strokeWidth())) {
          canvas.drawPath(path, outline);
        }
      }
    }
  }

  /** The symbol in the largest square in the middle of {@code box}. */
  static void icon(Canvas canvas, String name, int argb, Box box) {
    double side = Math.min(box.width(), box.height());
    canvas.save();
    canvas.translate((float) (box.centerX() - side / 2), (float) (box.centerY() - side / 2));
    canvas.scale((float) side / 24, (float) side / 24);
    try (Path path = Path.makeFromSVGString(Icons.path(name));
        Paint paint = Paints.stroke(argb, 1.6)) {
      canvas.drawPath(path, paint);
    }
    canvas.restore();
  }

  private static void picture(Canvas canvas, Node.Picture picture, Box box) {
    byte[] bytes;
    try {
      java.nio.file.Path file = java.nio.file.Path.of(picture.source());
      if (Files.size(file) > MAX_PICTURE_BYTES) {
        throw new InvalidScene(
            picture.id(), "'%s' has more than %d bytes".formatted(file, MAX_PICTURE_BYTES));
      }
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new InvalidScene(
          picture.id(), "'%s' cannot be read: %s".formatted(picture.source(), e.getMessage()), e);
    }
    PictureSize.check(picture.id(), bytes);
    try (Image image = Image.makeDeferredFromEncodedBytes(bytes)) {
      double scale = Math.max(box.width() / image.getWidth(), box.height() / image.getHeight());
      double w = box.width() / scale;
      double h = box.height() / scale;
      Rect from =
          Rect.makeXYWH(
              (float) ((image.getWidth() - w) / 2),
              (float) ((image.getHeight() - h) / 2),
              (float) w,
              (float) h);
      canvas.save();
      canvas.clipRRect(Paints.rounded(box, picture.radius()), true);
      canvas.drawImageRect(image, from, Paints.rect(box), SamplingMode.LINEAR, null, true);
      canvas.restore();
    } catch (IllegalArgumentException e) {
      throw new InvalidScene(
          picture.id(), "'%s' is no PNG, JPEG or WebP".formatted(picture.source()), e);
    }
  }

  /** A still life in the scene's colours that says what is to come, and how many of it. */
  private void slot(Canvas canvas, Node.Slot slot, Box box) {
    paints.surface(
        canvas, Skin.of("slotA", "slotB").radius(Math.min(box.width(), box.height()) * 0.06), box);
    double u = Math.min(box.width(), box.height());
    int ink = paints.faded("slotInk", 1);
    canvas.save();
    canvas.clipRRect(Paints.rounded(box, u * 0.06), true);
    try (Paint sun = Paints.fill(Paints.faded(ink, 0.10));
        Paint floor = Paints.fill(Paints.faded(ink, 0.08))) {
      canvas.drawCircle(
          (float) (box.x() + box.width() * 0.7),
          (float) (box.y() + box.height() * 0.34),
          (float) (u * 0.3),
          sun);
      canvas.drawRect(
          Paints.rect(
              new Box(box.x(), box.y() + box.height() * 0.74, box.width(), box.height() * 0.26)),
          floor);
    }
    int columns = (int) Math.ceil(Math.sqrt(slot.count() * box.width() / box.height()));
    int rows = (slot.count() + columns - 1) / columns;
    double side = Math.min(box.width() * 0.8 / columns, box.height() * 0.7 / rows);
    String name = Icons.forPrompt(slot.prompt());
    for (int i = 0; i < slot.count(); i++) {
      int row = i / columns;
      int inRow = Math.min(columns, slot.count() - row * columns);
      double x = box.centerX() + (i % columns - inRow / 2.0) * side;
      double y = box.centerY() + (row - rows / 2.0) * side;
      icon(canvas, name, ink, new Box(x, y, side, side).inset(side * 0.12));
    }
    canvas.restore();
  }

  /** Plain forms that have outlines. */
  private static final class Forms {
    private Forms() {}

    static Path path(Node.Form form, Box b) {
      try (PathBuilder p = new PathBuilder()) {
        switch (form) {
          case TRIANGLE -> polygon(p, b, new double[] {0.5, 0, 1, 1, 0, 1});
          case ARROW ->
              polygon(p, b, new double[] {0, .35, .6, .35, .6, .1, 1, .5, .6, .9, .6, .65, 0, .65});
          case STAR -> polygon(p, b, star());
          case HEART -> {
            p.moveTo(x(b, .5), y(b, .95));
            p.cubicTo(x(b, -.1), y(b, .55), x(b, .02), y(b, -.05), x(b, .5), y(b, .27));
            p.cubicTo(x(b, .98), y(b, -.05), x(b, 1.1), y(b, .55), x(b, .5), y(b, .95));
          }
          case WAVE -> {
            p.moveTo(x(b, 0), y(b, .5));
            p.cubicTo(x(b, .25), y(b, 0), x(b, .25), y(b, 0), x(b, .5), y(b, .5));
            p.cubicTo(x(b, .75), y(b, 1), x(b, .75), y(b, 1), x(b, 1), y(b, .5));
            p.lineTo(x(b, 1), y(b, 1)).lineTo(x(b, 0), y(b, 1)).closePath();
          }
          case SPEECH -> polygon(p, b, new double[] {0, 0, 1, 0, .2, 1});
          case BLOB -> blob(p, b);
          case RECT, ELLIPSE, LINE, RING -> p.addRect(Paints.rect(b));
        }
        return p.build();
      }
    }

    private static void blob(PathBuilder p, Box b) {
      p.moveTo(x(b, .5), y(b, .02));
      p.cubicTo(x(b, .82), y(b, 0), x(b, 1.02), y(b, .2), x(b, .98), y(b, .5));
      p.cubicTo(x(b, .95), y(b, .82), x(b, .76), y(b, 1.02), x(b, .46), y(b, .98));
      p.cubicTo(x(b, .16), y(b, .95), x(b, -.02), y(b, .76), x(b, .03), y(b, .44));
      p.cubicTo(x(b, .06), y(b, .16), x(b, .22), y(b, .04), x(b, .5), y(b, .02));
    }

    private static double[] star() {
      double[] points = new double[20];
      for (int i = 0; i < 10; i++) {
        double r = i % 2 == 0 ? 0.5 : 0.21;
        double a = -Math.PI / 2 + Math.PI * i / 5;
        points[2 * i] = 0.5 + r * Math.cos(a);
        points[2 * i + 1] = 0.5 + r * Math.sin(a);
      }
      return points;
    }

    private static void polygon(PathBuilder p, Box b, double[] points) {
      for (int i = 0; i < points.length; i += 2) {
        if (i == 0) {
          p.moveTo(x(b, points[i]), y(b, points[i + 1]));
        } else {
          p.lineTo(x(b, points[i]), y(b, points[i + 1]));
        }
      }
      p.closePath();
    }

    private static float x(Box b, double share) {
      return (float) (b.x() + share * b.width());
    }

    private static float y(Box b, double share) {
      return (float) (b.y() + share * b.height());
    }
  }
}

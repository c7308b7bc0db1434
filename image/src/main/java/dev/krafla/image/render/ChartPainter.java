package dev.krafla.image.render;

import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Node;
import io.github.humbleui.skija.Canvas;
import io.github.humbleui.skija.Paint;
import io.github.humbleui.skija.PaintStrokeCap;
import io.github.humbleui.skija.Path;
import io.github.humbleui.skija.PathBuilder;
import java.util.List;

/** Bars, columns, lines and rings, to scale from zero. */
final class ChartPainter {
  private final Paints paints;
  private final List<Node.Datum> data;
  private final Node.Chart chart;
  private final Box box;

  ChartPainter(Paints paints, Node.Chart chart, Box box) {
    this.paints = paints;
    this.chart = chart;
    this.data = chart.data();
    this.box = box;
  }

  private String color(int i) {
    return chart.colors().isEmpty() ? "ink" : chart.colors().get(i % chart.colors().size());
  }

  private double most() {
    return Math.max(1e-9, data.stream().mapToDouble(Node.Datum::value).max().orElse(1));
  }

  void paint(Canvas canvas) {
    if (data.isEmpty()) {
      return;
    }
    switch (chart.plot()) {
      case COLUMNS -> columns(canvas);
      case BARS -> bars(canvas);
      case LINE -> line(canvas);
      case DONUT -> donut(canvas);
    }
  }

  private void columns(Canvas canvas) {
    guides(canvas);
    double pitch = box.width() / data.size();
    for (int i = 0; i < data.size(); i++) {
      double h = Math.max(0, data.get(i).value()) / most() * box.height();
      double w = pitch * 0.58;
      Box bar = new Box(box.x() + pitch * (i + 0.5) - w / 2, box.bottom() - h, w, h);
      try (Paint paint = paints.fill(color(i))) {
        canvas.drawRRect(Paints.rounded(bar, Math.min(w * 0.12, h / 2)), paint);
      }
    }
  }

  private void guides(Canvas canvas) {
    try (Paint paint = Paints.stroke(paints.faded("ink", 0.14), Math.max(1, box.height() / 500))) {
      for (int i = 0; i <= 4; i++) {
        float y = (float) (box.y() + box.height() * i / 4);
        canvas.drawLine((float) box.x(), y, (float) box.right(), y, paint);
      }
    }
  }

  private void bars(Canvas canvas) {
    double pitch = box.height() / data.size();
    for (int i = 0; i < data.size(); i++) {
      double h = pitch * 0.56;
      Box track = new Box(box.x(), box.y() + pitch * (i + 0.5) - h / 2, box.width(), h);
      double w = Math.max(0, data.get(i).value()) / most() * box.width();
      try (Paint ground = Paints.fill(paints.faded("ink", 0.08));
          Paint paint = paints.fill(color(i))) {
        canvas.drawRRect(Paints.rounded(track, h / 2), ground);
        canvas.drawRRect(Paints.rounded(new Box(track.x(), track.y(), w, h), h / 2), paint);
      }
    }
  }

  private void line(Canvas canvas) {
    guides(canvas);
    double step = data.size() > 1 ? box.width() / (data.size() - 1) : 0;
    double thick = Math.max(3, box.height() / 60);
    try (PathBuilder line = new PathBuilder();
        PathBuilder area = new PathBuilder();
        Paint stroke = paints.stroke(color(0), thick);
        Paint fill = Paints.fill(paints.faded(color(0), 0.16));
        Paint dot = paints.fill(color(0))) {
      area.moveTo((float) box.x(), (float) box.bottom());
      for (int i = 0; i < data.size(); i++) {
        float x = (float) (box.x() + step * i);
        float y = y(i);
        area.lineTo(x, y);
        if (i == 0) {
          line.moveTo(x, y);
        } else {
          line.lineTo(x, y);
        }
      }
      area.lineTo((float) box.right(), (float) box.bottom()).closePath();
      try (Path below = area.build();
          Path path = line.build()) {
        canvas.drawPath(below, fill);
        canvas.drawPath(path, stroke);
      }
      for (int i = 0; i < data.size(); i++) {
        canvas.drawCircle((float) (box.x() + step * i), y(i), (float) thick * 1.5f, dot);
      }
    }
  }

  private float y(int i) {
    return (float) (box.bottom() - Math.max(0, data.get(i).value()) / most() * box.height());
  }

  private void donut(Canvas canvas) {
    double side = Math.min(box.width(), box.height());
    double width = side * 0.2;
    Box square =
        new Box(box.centerX() - side / 2, box.centerY() - side / 2, side, side).inset(width / 2);
    double total = data.stream().mapToDouble(d -> Math.max(0, d.value())).sum();
    double from = -90;
    for (int i = 0; i < data.size(); i++) {
      double sweep = 360 * Math.max(0, data.get(i).value()) / Math.max(1e-9, total);
      try (Paint paint = paints.stroke(color(i), width).setStrokeCap(PaintStrokeCap.BUTT);
          PathBuilder arc = new PathBuilder()) {
        arc.addArc(Paints.rect(square), (float) from, (float) Math.max(0, sweep - 1.2));
        try (Path path = arc.build()) {
          canvas.drawPath(path, paint);
        }
      }
      from += sweep;
    }
  }
}

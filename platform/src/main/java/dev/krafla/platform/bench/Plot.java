package dev.krafla.platform.bench;

import java.util.List;
import java.util.Locale;

/**
 * A plot as inline SVG: no script, no font, no colour of its own. Series take the colours {@code
 * s0} to {@code s4} of the page's style, so that a page can be light or dark.
 *
 * @param xLog whether the x axis is logarithmic; values must be positive then
 * @param dots whether points stand alone, else they are joined
 */
record Plot(
    String title, String xLabel, String yLabel, boolean xLog, boolean dots, List<Series> series) {
  private static final int WIDTH = 440;
  private static final int HEIGHT = 240;
  private static final int LEFT = 56;
  private static final int RIGHT = 28; // half of the last label
  private static final int TOP = 12;
  private static final int BOTTOM = 44;
  private static final int MAX_POINTS = 500;
  private static final int STYLES = 5;
  private static final int TICKS = 5;

  Plot {
    series = List.copyOf(series);
  }

  /** Points of one colour, of equally many x and y. */
  record Series(String name, double[] x, double[] y) {}

  /** The figure: caption, plot, legend where there are several series. */
  String figure() {
    var out = new StringBuilder("<figure><figcaption>").append(Html.escape(title));
    out.append("</figcaption>");
    Axis across = Axis.of(series.stream().map(Series::x).toList(), xLog, LEFT, WIDTH - RIGHT);
    Axis up = Axis.of(series.stream().map(Series::y).toList(), false, HEIGHT - BOTTOM, TOP);
    out.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">"
            .formatted(WIDTH, HEIGHT, Html.escape(title)));
    grid(out, across, up);
    for (int i = 0; i < series.size(); i++) {
      draw(out, series.get(i), "s" + i % STYLES, across, up);
    }
    out.append("</svg>");
    if (series.size() > 1) {
      out.append("<p class=\"legend\">");
      for (int i = 0; i < series.size(); i++) {
        out.append(
            "<span><i class=\"s%d\"></i>%s</span> "
                .formatted(i % STYLES, Html.escape(series.get(i).name())));
      }
      out.append("</p>");
    }
    return out.append("</figure>").toString();
  }

  private void grid(StringBuilder out, Axis across, Axis up) {
    for (double value : up.ticks()) {
      double y = up.at(value);
      out.append(line(LEFT, y, WIDTH - RIGHT, y, "grid"));
      out.append(text(LEFT - 6, y + 4, "end", label(value)));
    }
    for (double value : across.ticks()) {
      double x = across.at(value);
      out.append(line(x, TOP, x, HEIGHT - BOTTOM, "grid"));
      out.append(text(x, HEIGHT - BOTTOM + 16, "middle", label(value)));
    }
    out.append(text((LEFT + WIDTH) / 2.0, HEIGHT - 8, "middle", xLabel));
    out.append(
        "<text transform=\"rotate(-90)\" x=\"%d\" y=\"12\" text-anchor=\"middle\">%s</text>"
            .formatted(-(HEIGHT - BOTTOM + TOP) / 2, Html.escape(yLabel)));
  }

  private void draw(StringBuilder out, Series line, String style, Axis across, Axis up) {
    int points = line.x.length;
    int stride = Math.max(1, Math.ceilDiv(points, MAX_POINTS));
    var path = new StringBuilder();
    for (int i = 0; i < points; i += stride) {
      int at = Math.min(points - 1, i);
      double x = across.at(line.x[at]);
      double y = up.at(line.y[at]);
      if (dots) {
        out.append(
            String.format(
                Locale.ROOT,
                "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2\"/>",
                style,
                x,
                y));
      } else {
        path.append(String.format(Locale.ROOT, "%s%.1f %.1f", path.isEmpty() ? "M" : "L", x, y));
      }
    }
    if (!dots && points > 0) { // the last point, whatever the stride
      path.append(
          String.format(
              Locale.ROOT, "L%.1f %.1f", across.at(line.x[points - 1]), up.at(line.y[points - 1])));
      out.append("<path class=\"%s\" d=\"%s\"/>".formatted(style, path));
    }
  }

  private static String line(double x1, double y1, double x2, double y2, String style) {
    return String.format(
        Locale.ROOT,
        "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
        style,
        x1,
        y1,
        x2,
        y2);
  }

  private static String text(double x, double y, String anchor, String text) {
    return String.format(
            Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor)
        + Html.escape(text)
        + "</text>";
  }

  private static String label(double value) {
    double size = Math.abs(value);
    String form = size == 0 || size >= 10 ? "%.0f" : size >= 1 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, form, value);
  }

  /** Values to pixels. A linear axis starts at 0. */
  private record Axis(double min, double max, boolean log, double from, double to) {
    static Axis of(List<double[]> values, boolean log, double from, double to) {
      double min = Double.POSITIVE_INFINITY;
      double max = 0;
      for (double[] some : values) {
        for (double value : some) {
          min = Math.min(min, value);
          max = Math.max(max, value);
        }
      }
      if (!(max > 0)) {
        max = 1;
      }
      return log
          ? new Axis(powerBelow(Math.min(min, max)), powerBelow(max) * 10, true, from, to)
          : new Axis(0, max, false, from, to);
    }

    private static double powerBelow(double value) {
      return Math.pow(10, Math.floor(Math.log10(Math.max(value, 1e-3))));
    }

    double at(double value) {
      double share =
          log
              ? Math.log(Math.max(value, min) / min) / Math.log(max / min)
              : (value - min) / (max - min);
      return from + share * (to - from);
    }

    double[] ticks() {
      if (log) {
        int decades = (int) Math.round(Math.log10(max / min));
        double[] ticks = new double[decades + 1];
        for (int i = 0; i <= decades; i++) {
          ticks[i] = min * Math.pow(10, i);
        }
        return ticks;
      }
      double step = roundStep(max / TICKS);
      double[] ticks = new double[(int) (max / step) + 1];
      for (int i = 0; i < ticks.length; i++) {
        ticks[i] = i * step;
      }
      return ticks;
    }

    private static double roundStep(double least) {
      double power = Math.pow(10, Math.floor(Math.log10(least)));
      double digit = least / power;
      return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }
  }
}

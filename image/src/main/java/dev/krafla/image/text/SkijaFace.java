package dev.krafla.image.text;

import dev.krafla.image.MissingFont;
import dev.krafla.image.scene.Box;
import io.github.humbleui.skija.Font;
import io.github.humbleui.skija.FontEdging;
import io.github.humbleui.skija.FontHinting;
import io.github.humbleui.skija.FontMgr;
import io.github.humbleui.skija.FontVariation;
import io.github.humbleui.skija.FontVariationAxis;
import io.github.humbleui.skija.Typeface;
import io.github.humbleui.skija.shaper.HbIcuScriptRunIterator;
import io.github.humbleui.skija.shaper.RunHandler;
import io.github.humbleui.skija.shaper.RunInfo;
import io.github.humbleui.skija.shaper.Shaper;
import io.github.humbleui.skija.shaper.ShapingOptions;
import io.github.humbleui.skija.shaper.TrivialBidiRunIterator;
import io.github.humbleui.skija.shaper.TrivialFontRunIterator;
import io.github.humbleui.skija.shaper.TrivialLanguageRunIterator;
import io.github.humbleui.types.Point;
import io.github.humbleui.types.Rect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A face of Skia's, shaped by HarfBuzz. */
public final class SkijaFace implements Face {
  /** Size at which is shaped; without hinting all other sizes follow by scaling. */
  private static final float EM = 1000;

  private static final int MAX_CACHED = 4_000;

  private final String name;
  private final Typeface typeface;
  private final Font em;
  private final boolean contextual;
  private final Map<ShapeKey, Shaped> shapes = new ConcurrentHashMap<>();
  private final Map<Integer, Box> inks = new ConcurrentHashMap<>();

  private record ShapeKey(String text, boolean rightToLeft, String lang, boolean vertical) {}

  private SkijaFace(String name, Typeface typeface, boolean contextual) {
    this.name = name;
    this.typeface = typeface;
    this.contextual = contextual;
    this.em = font(EM);
  }

  /**
   * Loads a face.
   *
   * @param index in a collection, else 0
   * @param weight for fonts with that axis; others are taken as they are
   * @param display the forms for large sizes, for fonts that have an optical size
   * @param contextual whether the font's contextual alternates may apply; they are needed by joined
   *     scripts, and in others draw other characters than the string has ({@code ->} as an arrow)
   */
  @SuppressWarnings("NullAway") // Skija marks the array, JSpecify reads that of its elements
  static SkijaFace load(
      String key, Path file, int index, int weight, boolean display, boolean contextual) {
    Typeface base = FontMgr.getDefault().makeFromFile(file.toString(), index);
    if (base == null) {
      throw new MissingFont(key, "'%s' is no font that can be read".formatted(file));
    }
    var chosen = new ArrayList<FontVariation>();
    FontVariationAxis[] axes = base.getVariationAxes();
    if (axes != null) {
      for (FontVariationAxis axis : axes) {
        if (axis.getTag().equals("wght")) {
          chosen.add(new FontVariation("wght", clamp(weight, axis)));
        } else if (axis.getTag().equals("opsz")) {
          chosen.add(new FontVariation("opsz", clamp(display ? 32 : 14, axis)));
        }
      }
    }
    Typeface typeface =
        chosen.isEmpty() ? base : base.makeClone(chosen.toArray(FontVariation[]::new));
    String name = "%s#%d@%d%s".formatted(key, index, weight, display ? "d" : "");
    return new SkijaFace(name, typeface, contextual);
  }

  private static float clamp(float value, FontVariationAxis axis) {
    return Math.clamp(value, axis.getMinValue(), axis.getMaxValue());
  }

  @Override
  public String name() {
    return name;
  }

  /** This face at {@code size} pixels, unhinted and at subpixel positions. */
  public Font font(float size) {
    return new Font(typeface, size)
        .setSubpixel(true)
        .setMetricsLinear(true)
        .setHinting(FontHinting.NONE)
        .setEdging(FontEdging.ANTI_ALIAS)
        .setBaselineSnapped(false);
  }

  @Override
  public int glyph(int codePoint) {
    return Short.toUnsignedInt(typeface.getUTF32Glyph(codePoint));
  }

  @Override
  public Box ink(int glyph) {
    return inks.computeIfAbsent(
        glyph,
        g -> {
          Rect r = em.getBounds(new short[] {(short) (int) g})[0];
          return new Box(r.getLeft() / EM, r.getTop() / EM, r.getWidth() / EM, r.getHeight() / EM);
        });
  }

  @Override
  public Shaped shape(String text, boolean rightToLeft, String lang, boolean vertical) {
    if (shapes.size() > MAX_CACHED) {
      shapes.clear();
    }
    return shapes.computeIfAbsent(new ShapeKey(text, rightToLeft, lang, vertical), this::shapeAnew);
  }

  private Shaped shapeAnew(ShapeKey key) {
    var collector = new Collector();
    String text = key.text();
    ShapingOptions options =
        ShapingOptions.DEFAULT
            .withLeftToRight(!key.rightToLeft())
            .withApproximateSpaces(false)
            .withApproximatePunctuation(false);
    String features = (contextual ? "" : "-calt ") + (key.vertical() ? "vert" : "");
    if (!features.isBlank()) {
      options = options.withFeatures(features.strip());
    }
    try (Shaper shaper = Shaper.makeShapeDontWrapOrReorder();
        var scripts = new HbIcuScriptRunIterator(text)) {
      shaper.shape(
          text,
          new TrivialFontRunIterator(text, em),
          new TrivialBidiRunIterator(text, key.rightToLeft() ? 1 : 0),
          scripts,
          new TrivialLanguageRunIterator(text, key.lang()),
          options,
          Float.POSITIVE_INFINITY,
          collector);
    }
    return collector.shaped();
  }

  /** Joins what the shaper hands over run by run; runs differ by script. */
  private static final class Collector implements RunHandler {
    private final List<short[]> glyphs = new ArrayList<>();
    private final List<Point[]> positions = new ArrayList<>();
    private final List<int[]> clusters = new ArrayList<>();
    private final List<Float> starts = new ArrayList<>();
    private float advance;

    @Override
    public void beginLine() {}

    @Override
    public void runInfo(RunInfo info) {}

    @Override
    public void commitRunInfo() {}

    @Override
    public Point runOffset(RunInfo info) {
      return new Point(0, 0);
    }

    @Override
    public void commitRun(RunInfo info, short[] ids, Point[] at, int[] of) {
      glyphs.add(ids);
      positions.add(at);
      clusters.add(of);
      starts.add(advance);
      advance += info.getAdvanceX();
    }

    @Override
    public void commitLine() {}

    Shaped shaped() {
      int n = glyphs.stream().mapToInt(g -> g.length).sum();
      int[] ids = new int[n];
      float[] x = new float[n];
      float[] y = new float[n];
      int[] of = new int[n];
      int k = 0;
      for (int run = 0; run < glyphs.size(); run++) {
        for (int i = 0; i < glyphs.get(run).length; i++, k++) {
          ids[k] = Short.toUnsignedInt(glyphs.get(run)[i]);
          x[k] = (starts.get(run) + positions.get(run)[i].getX()) / EM;
          y[k] = positions.get(run)[i].getY() / EM;
          of[k] = clusters.get(run)[i];
        }
      }
      return new Shaped(ids, x, y, of, advance / EM);
    }
  }
}

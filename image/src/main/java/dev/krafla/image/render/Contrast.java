package dev.krafla.image.render;

/** WCAG 2.2 contrast of colours. */
public final class Contrast {
  private static final double[] LINEAR = new double[256];

  static {
    for (int i = 0; i < 256; i++) {
      double c = i / 255.0;
      LINEAR[i] = c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
    }
  }

  private Contrast() {}

  /** Relative luminance of sRGB, in [0, 1]. */
  public static double luminance(int red, int green, int blue) {
    return 0.2126 * LINEAR[red] + 0.7152 * LINEAR[green] + 0.0722 * LINEAR[blue];
  }

  /** Relative luminance of an ARGB colour; its alpha does not count. */
  public static double luminance(int argb) {
    return luminance(argb >> 16 & 255, argb >> 8 & 255, argb & 255);
  }

  /** From 1 to 21. */
  public static double ratio(double luminanceA, double luminanceB) {
    double light = Math.max(luminanceA, luminanceB);
    double dark = Math.min(luminanceA, luminanceB);
    return (light + 0.05) / (dark + 0.05);
  }

  /**
   * What 95 of 100 counted pixels reach.
   *
   * @param histogram of luminances, in 1/255 steps of their square root
   */
  static double atFifthPercentile(double text, int[] histogram) {
    long total = 0;
    for (int count : histogram) {
      total += count;
    }
    if (total == 0) {
      return 21;
    }
    // worst pixels first: those whose luminance is nearest to the text's
    int at = bucket(text);
    long seen = 0;
    for (int distance = 0; distance < 256; distance++) {
      double worst = 21;
      if (at - distance >= 0 && histogram[at - distance] > 0) {
        seen += histogram[at - distance];
        worst = Math.min(worst, ratio(text, luminanceOf(at - distance)));
      }
      if (distance > 0 && at + distance < 256 && histogram[at + distance] > 0) {
        seen += histogram[at + distance];
        worst = Math.min(worst, ratio(text, luminanceOf(at + distance)));
      }
      if (seen > total * 0.05) {
        return worst;
      }
    }
    return 21;
  }

  static int bucket(double luminance) {
    return (int) Math.round(Math.sqrt(luminance) * 255);
  }

  private static double luminanceOf(int bucket) {
    return bucket / 255.0 * (bucket / 255.0);
  }
}

package dev.krafla.models;

/**
 * Angular frequencies of rotary position embedding after context scaling: pair {@code i} turns by
 * {@code inverse[i]} radians a token, and cosines and sines are multiplied by {@code magnitude}.
 * Computed in double, rounded to float as Hugging Face's reference holds them.
 */
record RopeFrequencies(float[] inverse, float magnitude) {
  RopeFrequencies {
    for (float f : inverse) {
      if (!Float.isFinite(f)) {
        throw new ModelFormatException("a rotary frequency is %s; it must be finite".formatted(f));
      }
    }
    if (!Float.isFinite(magnitude)) {
      throw new ModelFormatException(
          "the rotary magnitude is %s; it must be finite".formatted(magnitude));
    }
  }

  /** Su et al. 2021: {@code base^(-2i/rotaryDim)}. */
  static RopeFrequencies plain(double base, int rotaryDim) {
    float[] inverse = new float[rotaryDim / 2];
    for (int i = 0; i < inverse.length; i++) {
      inverse[i] = (float) Math.pow(base, -2.0 * i / rotaryDim);
    }
    return new RopeFrequencies(inverse, 1f);
  }

  /** Elements of a head that are rotated. */
  int rotaryDim() {
    return inverse.length * 2;
  }

  /** Position interpolation: every frequency divided by {@code factor}. */
  RopeFrequencies linear(double factor) {
    float[] scaled = new float[inverse.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = (float) (inverse[i] / factor);
    }
    return new RopeFrequencies(scaled, magnitude);
  }

  /** One divisor a pair, as GGUF's tensor {@code rope_freqs.weight} gives them. */
  RopeFrequencies dividedBy(float[] factors) {
    float[] scaled = new float[inverse.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = inverse[i] / factors[i];
    }
    return new RopeFrequencies(scaled, magnitude);
  }

  /**
   * Llama 3.1: long wavelengths are divided by {@code factor}, short ones kept, those between
   * blended.
   *
   * @param lowFactor wavelengths above {@code originalContext / lowFactor} are long
   * @param highFactor wavelengths below {@code originalContext / highFactor} are short
   */
  RopeFrequencies llama3(
      double factor, double lowFactor, double highFactor, double originalContext) {
    float[] scaled = new float[inverse.length];
    for (int i = 0; i < scaled.length; i++) {
      double wavelength = 2 * Math.PI / inverse[i];
      double smooth =
          Math.clamp(
              (originalContext / wavelength - lowFactor) / (highFactor - lowFactor), 0.0, 1.0);
      scaled[i] = (float) ((1 - smooth) * inverse[i] / factor + smooth * inverse[i]);
    }
    return new RopeFrequencies(scaled, magnitude);
  }

  /**
   * YaRN (Peng et al. 2023, "NTK-by-parts"): pairs that turn more than {@code betaFast} times
   * within the original context are kept, those below {@code betaSlow} turns interpolated, those
   * between blended.
   *
   * @param magnitude factor on cosines and sines; the paper's is {@code 0.1·ln(factor) + 1}
   */
  static RopeFrequencies yarn(
      double base,
      int rotaryDim,
      double factor,
      double originalContext,
      double betaFast,
      double betaSlow,
      double magnitude) {
    double low = Math.max(0, Math.floor(turnsAt(betaFast, base, rotaryDim, originalContext)));
    double high =
        Math.min(rotaryDim - 1, Math.ceil(turnsAt(betaSlow, base, rotaryDim, originalContext)));
    double span = Math.max(high - low, 0.001);
    float[] inverse = new float[rotaryDim / 2];
    for (int i = 0; i < inverse.length; i++) {
      double kept = 1 - Math.clamp((i - low) / span, 0.0, 1.0);
      double plain = Math.pow(base, -2.0 * i / rotaryDim);
      inverse[i] = (float) (plain / factor * (1 - kept) + plain * kept);
    }
    return new RopeFrequencies(inverse, (float) magnitude);
  }

  /** Index of the pair that turns {@code turns} times within {@code context} tokens. */
  private static double turnsAt(double turns, double base, int rotaryDim, double context) {
    return rotaryDim * Math.log(context / (turns * 2 * Math.PI)) / (2 * Math.log(base));
  }
}

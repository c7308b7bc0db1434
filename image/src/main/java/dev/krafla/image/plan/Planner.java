package dev.krafla.image.plan;

import dev.krafla.image.scene.Canvas;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Scene;
import java.util.List;

/** Prompt to scene by rules alone: what is quoted is set, the rest chooses how it looks. */
public final class Planner {
  /** Share of the shorter side that stays free of text. */
  private static final double MARGIN = 0.07;

  private Planner() {}

  /** The scene of {@code prompt}; the same prompt and size give the same scene. */
  public static Scene plan(String prompt, int width, int height) {
    List<Copy> strings = StringLift.lift(prompt);
    if (strings.isEmpty()) {
      strings = Unquoted.strings(prompt);
    }
    Brief brief = Brief.of(prompt, strings);
    Palette palette = Palette.of(brief.prompt());
    var canvas = new Canvas(width, height, Math.round(Math.min(width, height) * MARGIN));
    var draft = new Draft(canvas, palette.tokens());
    long seed = Integer.toUnsignedLong(prompt.hashCode());
    return Archetype.of(brief).plan(new Sheet(brief, draft, palette, seed));
  }
}

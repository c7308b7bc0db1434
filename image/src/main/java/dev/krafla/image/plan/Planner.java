package dev.krafla.image.plan;

import dev.krafla.image.scene.Canvas;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Plate;
import dev.krafla.image.scene.Scene;
import java.util.List;

/** Prompt to scene by rules alone: what is quoted is set, the rest chooses how it looks. */
public final class Planner {
  /** Share of the shorter side that stays free of text. */
  private static final double MARGIN = 0.07;

  private Planner() {}

  /** The scene of {@code prompt}; the same prompt and size give the same scene. */
  public static Scene plan(String prompt, int width, int height) {
    return plan(prompt, width, height, false);
  }

  /** As {@link #plan}, with less room around things and smaller type, for very much text. */
  public static Scene compact(String prompt, int width, int height) {
    return plan(prompt, width, height, true);
  }

  private static Scene plan(String prompt, int width, int height, boolean compact) {
    List<Copy> strings = StringLift.lift(prompt);
    if (strings.isEmpty()) {
      strings = Unquoted.strings(prompt);
    }
    Brief brief = Brief.of(prompt, strings);
    Palette chosen = Palette.of(brief.prompt());
    Palette palette = Wishes.ground(brief.prompt()).map(chosen::on).orElse(chosen);
    var canvas = new Canvas(width, height, Math.round(Math.min(width, height) * MARGIN));
    var draft = new Draft(canvas, palette.tokens(), compact);
    long seed = Integer.toUnsignedLong(prompt.hashCode());
    Scene scene = Archetype.of(brief).plan(new Sheet(brief, draft, palette, seed));
    if (!palette.equals(chosen)) { // a ground that the user names stays that colour
      var plain = new Plate(Plate.Style.GRADIENT, List.of("paper", "paper", "soft"), seed);
      scene =
          new Scene(canvas, scene.strings(), scene.colors(), plain, scene.root(), scene.rules());
    }
    return Wishes.granted(prompt, scene);
  }
}

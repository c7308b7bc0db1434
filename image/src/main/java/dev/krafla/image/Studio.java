package dev.krafla.image;

import dev.krafla.image.layout.Layout;
import dev.krafla.image.layout.LayoutSolver;
import dev.krafla.image.plan.Planner;
import dev.krafla.image.proof.GlyphProof;
import dev.krafla.image.proof.PixelProof;
import dev.krafla.image.proof.Proof;
import dev.krafla.image.render.Drawn;
import dev.krafla.image.render.Format;
import dev.krafla.image.render.Renderer;
import dev.krafla.image.render.SkijaRenderer;
import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.SceneWriter;
import dev.krafla.image.text.FontLibrary;
import dev.krafla.image.text.TextSetter;
import dev.krafla.wire.Json;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * From a prompt or a scene to a file, in three lines:
 *
 * <pre>{@code
 * Studio studio = Studio.open(Path.of("fonts"));
 * Drawn drawn = studio.draw(studio.plan("a poster that says \"上新 New Arrival\"", 2048, 2048));
 * Files.write(Path.of("out.png"), studio.encode(drawn, Format.PNG));
 * }</pre>
 *
 * No picture is handed out whose text is not proven exact. Thread-safe.
 */
public final class Studio {
  private final LayoutSolver solver;
  private final Renderer renderer;

  private Studio(FontLibrary fonts) {
    this.solver = new LayoutSolver(new TextSetter(fonts));
    this.renderer = new SkijaRenderer();
  }

  /** With the fonts in {@code fontFolder}. */
  public static Studio open(Path fontFolder) {
    return new Studio(new FontLibrary(fontFolder));
  }

  /** A scene for {@code prompt}, by rules alone. */
  public Scene plan(String prompt, int width, int height) {
    Scene scene = Planner.plan(prompt, width, height);
    try {
      solver.solve(scene);
      return scene;
    } catch (TextDoesNotFit crowded) {
      return Planner.compact(prompt, width, height);
    }
  }

  /** Boxes and glyphs. */
  public Layout layout(Scene scene) {
    return solver.solve(scene);
  }

  /**
   * Draws a scene and proves it.
   *
   * @throws ProofFailed when the picture does not say what the scene says
   */
  public Drawn draw(Scene scene) {
    Drawn drawn = renderer.draw(layout(scene));
    prove(drawn).orThrow();
    return drawn;
  }

  /** Draws {@code scene} where it differs within {@code dirty} from a picture that is there. */
  public Renderer.Redrawn redraw(Drawn before, Layout layout, Box dirty) {
    Renderer.Redrawn redrawn = renderer.redraw(before, layout, dirty);
    GlyphProof.of(layout).orThrow();
    return redrawn;
  }

  /** Both proofs, of glyphs and of pixels. */
  public Proof prove(Drawn drawn) {
    Proof glyphs = GlyphProof.of(drawn.layout());
    var faults = new java.util.ArrayList<>(glyphs.faults());
    faults.addAll(PixelProof.of(drawn, renderer));
    return new Proof(glyphs.texts(), glyphs.clusters(), faults);
  }

  /** A file with the scene and the digest of its pixels in it. */
  public byte[] encode(Drawn drawn, Format format) {
    return renderer.encode(drawn, format, manifest(drawn));
  }

  /** What every file carries: the scene, and what came of it. */
  public static String manifest(Drawn drawn) {
    ObjectNode manifest = Json.object();
    manifest.put("generator", "krafla");
    manifest.put("pixels", "sha256:" + drawn.digest());
    manifest.set("scene", SceneWriter.tree(drawn.layout().scene()));
    return Json.write(manifest);
  }

  /** Preferred rules that do not hold, and texts whose colour was changed, a sentence each. */
  public static List<String> remarks(Drawn drawn) {
    var remarks = new java.util.ArrayList<>(drawn.layout().broken());
    drawn
        .inks()
        .forEach((id, ink) -> {
          if (ink.repaired()) {
            remarks.add(
                "text '%s' was given the colour #%06X%s to be legible (contrast %.1f)"
                    .formatted(
                        id,
                        ink.argb() & 0xFFFFFF,
                        ink.scrim().isPresent() ? " and a scrim" : "",
                        ink.ratio()));
          }
        });
    return remarks;
  }
}

package dev.krafla.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.image.edit.SceneEdit;
import dev.krafla.image.layout.Layout;
import dev.krafla.image.render.Drawn;
import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Scene;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An edit changes what it touches and not one byte beside it. */
class SceneEditTest {
  private static final int SIDE = 400;
  private static final List<String> COLORS = List.of("#C2410C", "#1D4ED8", "#15803D", "#111111");

  @Test
  void twentyEditsInARowLeaveEveryByteOutsideOfThemAlone() {
    Studio studio = Fonts.studio();
    var random = new SplittableRandom(5);
    for (String kind : List.of("poster", "slide", "price list", "sign", "invitation")) {
      Scene scene =
          studio.plan(
              "A " + kind + ": \"上新 New\", \"Now open\", \"7 AM\", \"¥38\", \"Latte 拿铁\"",
              SIDE,
              SIDE);
      Drawn drawn = studio.draw(scene);
      for (int edit = 0; edit < 20; edit++) {
        Scene edited = SceneEdit.patched(drawn.layout().scene(), anEdit(drawn, random));
        Layout layout = studio.layout(edited);
        Optional<Box> dirty = SceneEdit.dirty(drawn.layout(), layout);
        if (dirty.isEmpty()) {
          continue;
        }
        var redrawn = studio.redraw(drawn, layout, dirty.get());
        Drawn next = redrawn.drawn();
        assertThat(changedOutside(drawn, next, redrawn.dirty())).isZero();
        drawn = next;
      }
    }
  }

  /** Another colour or another string for a text, both of which keep the tree. */
  private static String anEdit(Drawn drawn, SplittableRandom random) {
    List<String> strings = new ArrayList<>(drawn.layout().scene().strings().keySet());
    String id = strings.get(random.nextInt(strings.size()));
    return random.nextBoolean()
        ? "[{\"op\":\"replace\",\"path\":\"/strings/%s/t\",\"value\":\"改 %d\"}]"
            .formatted(id, random.nextInt(100))
        : "[{\"op\":\"add\",\"path\":\"/root/kids/-\",\"value\":{\"id\":\"n%d\",\"shape\":\"ellipse\",\"box\":[%d,%d,%d,%d],\"skin\":{\"fill\":[\"%s\"]}}}]"
            .formatted(
                random.nextInt(1_000_000_000),
                5,
                random.nextInt(100),
                40,
                random.nextInt(110, 200),
                COLORS.get(random.nextInt(COLORS.size())));
  }

  private static int changedOutside(Drawn before, Drawn after, Box dirty) {
    int changed = 0;
    for (int i = 0; i < SIDE * SIDE; i++) {
      int x = i % SIDE;
      int y = i / SIDE;
      boolean inside =
          x >= Math.floor(dirty.x())
              && x < Math.ceil(dirty.right())
              && y >= Math.floor(dirty.y())
              && y < Math.ceil(dirty.bottom());
      for (int b = 4 * i; b < 4 * i + 4 && !inside; b++) {
        changed += before.pixels()[b] == after.pixels()[b] ? 0 : 1;
      }
    }
    return changed;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [{"op":"replace","path":"/strings/none/t","value":"x"}]     | patch[0]
          [{"op":"remove","path":"/rules/0"}]                         | patch[0]
          [{"op":"test","path":"/v","value":2}]                       | patch[0]
          [{"op":"fly","path":"/v"}]                                  | patch[0]
          [{"op":"add","path":"/root/colour","value":"red"}]          | root.colour
          {"op":"remove"}                                             | patch
          """)
  void aPatchThatCannotBeAppliedIsNamed(String patch, String path) {
    Scene scene = dev.krafla.image.plan.Planner.plan("poster \"A\"", 300, 300);
    assertThatThrownBy(() -> SceneEdit.patched(scene, patch))
        .isInstanceOfSatisfying(
            InvalidScene.class, e -> assertThat(e.path()).isEqualTo(path.strip()));
  }
}

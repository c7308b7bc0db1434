package dev.krafla.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.image.layout.Layout;
import dev.krafla.image.proof.GlyphProof;
import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Scene;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of picture holds what its prompt quotes, and obeys what it fixes. */
class ArchetypesTest {
  private static final List<String> TEXTS =
      List.of(
          "上新 New Arrival",
          "Fresh every day, from the market to your table",
          "今日特价：每份 38 元",
          "$14",
          "Espresso — rich and dark",
          "$3.50",
          "服务时间 7:00–21:00",
          "Home");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "poster",
        "social card",
        "product banner",
        "price list",
        "infographic",
        "chart page",
        "menu",
        "invitation",
        "slide",
        "app screen",
        "packaging",
        "comparison table",
        "comic dialogue",
        "film caption",
        "street sign"
      })
  void eachKindHoldsOneToEightBilingualTextsInEveryShape(String kind) {
    Studio studio = Fonts.studio();
    for (int n : new int[] {1, 3, 5, 8}) {
      StringBuilder prompt = new StringBuilder("A ").append(kind).append(" with");
      TEXTS.stream()
          .limit(n)
          .forEach(text -> prompt.append(" and also \"").append(text).append('"'));
      for (int[] size : new int[][] {{800, 800}, {1280, 640}, {600, 1100}}) {
        Scene scene = studio.plan(prompt.toString(), size[0], size[1]);
        Layout layout = studio.layout(scene);
        assertThat(GlyphProof.of(layout).faults()).as("%s, %d texts", kind, n).isEmpty();
        assertThat(drawn(scene)).containsExactlyInAnyOrderElementsOf(TEXTS.subList(0, n));
        assertThat(layout.smallestType()).isGreaterThanOrEqualTo(14);
      }
    }
  }

  private static List<String> drawn(Scene scene) {
    return scene.nodes().stream()
        .filter(Node.Text.class::isInstance)
        .flatMap(text -> scene.copies((Node.Text) text).stream())
        .map(Copy::text)
        .toList();
  }

  @Test
  void boxesAndCountsThatAPromptGivesAreTakenAsTheyStand() {
    Studio studio = Fonts.studio();
    var random = new SplittableRandom(11);
    for (int i = 0; i < 60; i++) {
      int y = random.nextInt(50, 400);
      int x = random.nextInt(20, 400);
      int count = random.nextInt(1, 10);
      String prompt =
          "A poster: \"Big sale 大减价\" at [%d,%d,%d,%d], %d red apples at [%d,%d,%d,%d]"
              .formatted(y, x, y + 150, x + 500, count, y + 200, x, y + 500, x + 300);
      Layout layout = studio.layout(studio.plan(prompt, 1000, 1000));
      Scene scene = layout.scene();
      for (Node node : scene.nodes()) {
        if (node instanceof Node.Slot slot) {
          assertThat(slot.count()).isEqualTo(count);
          assertThat(
                  java.util.Objects.requireNonNull(layout.boxes().get(slot.id()))
                      .iou(new Box(x, y + 200, 300, 300)))
              .isGreaterThan(0.999);
        } else if (node instanceof Node.Text text) {
          assertThat(
                  java.util.Objects.requireNonNull(layout.boxes().get(text.id()))
                      .iou(new Box(x, y, 500, 150)))
              .isGreaterThan(0.999);
        }
      }
      assertThat(scene.nodes()).anyMatch(Node.Slot.class::isInstance);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"left of", "right of", "above", "below"})
  void relationsThatAPromptGivesHold(String relation) {
    Studio studio = Fonts.studio();
    Layout layout =
        studio.layout(
            studio.plan("A slide: \"Before 之前\" %s \"After 之后\"".formatted(relation), 1200, 800));
    Box a = box(layout, "Before 之前");
    Box b = box(layout, "After 之后");
    switch (relation) {
      case "left of" -> assertThat(a.right()).isLessThanOrEqualTo(b.x() + 1);
      case "right of" -> assertThat(b.right()).isLessThanOrEqualTo(a.x() + 1);
      case "above" -> assertThat(a.bottom()).isLessThanOrEqualTo(b.y() + 1);
      default -> assertThat(b.bottom()).isLessThanOrEqualTo(a.y() + 1);
    }
  }

  private static Box box(Layout layout, String text) {
    Scene scene = layout.scene();
    return scene.nodes().stream()
        .filter(Node.Text.class::isInstance)
        .map(Node.Text.class::cast)
        .filter(node -> scene.copies(node).getFirst().text().equals(text))
        .map(node -> java.util.Objects.requireNonNull(layout.boxes().get(node.id())))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void rulesThatCannotHoldAreNamedWithTheirNumbers() {
    Studio studio = Fonts.studio();
    Scene scene =
        dev.krafla.image.scene.SceneReader.read(
            """
            {"canvas":{"w":400,"h":400},"root":{"id":"r","flex":"col","kids":[
              {"id":"a","shape":"rect","box":[0,500,500,1000]},
              {"id":"b","shape":"rect","box":[0,0,500,400]}]},
             "rules":[{"op":"leftOf","a":"a","b":"b","gap":10},
                      {"op":"above","a":"a","b":"b","strength":"preferred"}]}\
            """
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThatThrownBy(() -> studio.layout(scene))
        .isInstanceOf(UnsolvableRules.class)
        .hasMessageContaining("a leftOf b by 10 px")
        .hasMessageContaining("missed by 410.0 px");
  }

  @Test
  void countsAreReadFromDigitsWordsAndHan() {
    Studio studio = Fonts.studio();
    List<String> counts = List.of("3 cups", "seven cups", "五只杯子", "cups");
    List<Integer> expected = List.of(3, 7, 5, 1);
    IntStream.range(0, counts.size())
        .forEach(i -> {
          Scene scene =
              studio.plan("Poster \"A\", " + counts.get(i) + " at [500,100,900,900]", 400, 400);
          assertThat(scene.nodes())
              .anyMatch(n -> n instanceof Node.Slot slot && slot.count() == expected.get(i));
        });
  }
}

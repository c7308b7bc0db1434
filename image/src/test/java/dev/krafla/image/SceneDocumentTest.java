package dev.krafla.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.image.plan.Planner;
import dev.krafla.image.plan.StringLift;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.SceneReader;
import dev.krafla.image.scene.SceneWriter;
import dev.krafla.testing.Damage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scene documents are read strictly and within limits; strings come out of prompts unchanged. */
class SceneDocumentTest {
  private static Scene read(String json) {
    return SceneReader.read(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String document(String root) {
    return "{\"canvas\":{\"w\":100,\"h\":100},\"strings\":{\"s\":{\"t\":\"x\"}},\"root\":%s}"
        .formatted(root);
  }

  @Test
  void whatIsWrittenIsReadAsTheSame() {
    Scene scene = Planner.plan("A slide \"One\", \"Two things\", \"第三 3\"", 800, 600);
    String written = SceneWriter.write(scene);
    assertThat(SceneWriter.write(read(written))).isEqualTo(written);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"id":"a","shape":"rect","colour":"red"}            | root.colour
          {"id":"a"}                                          | root
          {"id":"a","shape":"pentagram"}                      | root.shape
          {"id":"a","text":["nope"]}                          | root.text
          {"id":"a","text":["s"],"fit":[50,10]}               | root.fit
          {"id":"a","shape":"rect","box":[5,5,1,9]}           | root.box
          {"id":"a","flex":"col","kids":[{"id":"a","shape":"rect"}]} | root.kids[0].id
          {"id":"a","flex":"col","gap":1e9}                   | root.gap
          {"id":"a","shape":"rect","text":["s"]}              | root
          """)
  void aWrongFieldIsNamed(String root, String path) {
    assertThatThrownBy(() -> read(document(root)))
        .isInstanceOfSatisfying(
            InvalidScene.class, e -> assertThat(e.path()).isEqualTo(path.strip()));
  }

  @Test
  void bombsAreRefusedBeforeTheyGrow() {
    String deep = "{\"id\":\"x%d\",\"flex\":\"col\",\"kids\":[".repeat(40) + "]}".repeat(40);
    assertThatThrownBy(() -> read(document(deep.formatted((Object[]) numbers()))))
        .isInstanceOf(InvalidScene.class)
        .hasMessageContaining("deep");
    var many = new StringBuilder("{\"id\":\"r\",\"flex\":\"col\",\"kids\":[");
    for (int i = 0; i < 3_000; i++) {
      many.append(i == 0 ? "" : ",")
          .append("{\"id\":\"k")
          .append(i)
          .append("\",\"shape\":\"rect\"}");
    }
    assertThatThrownBy(() -> read(document(many + "]}")))
        .isInstanceOf(InvalidScene.class)
        .hasMessageContaining("at most 2000");
    assertThatThrownBy(() ->
            read("{\"canvas\":{\"w\":8000,\"h\":8000},\"root\":{\"id\":\"a\",\"shape\":\"rect\"}}"))
        .isInstanceOf(InvalidScene.class)
        .hasMessageContaining("pixels");
    assertThatThrownBy(() -> Planner.plan("x".repeat(100_001), 512, 512))
        .isInstanceOf(InvalidScene.class)
        .hasMessageContaining("100001");
    assertThatThrownBy(() -> Planner.plan("\"" + "x".repeat(50_000) + "\"", 512, 512))
        .isInstanceOf(InvalidScene.class)
        .hasMessageContaining("50000");
  }

  private static Integer[] numbers() {
    Integer[] numbers = new Integer[40];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
    }
    return numbers;
  }

  @Test
  void aDamagedDocumentIsAClearError() {
    byte[] sound =
        SceneWriter.write(Planner.plan("poster \"A\", \"B\", \"C\"", 300, 300))
            .getBytes(StandardCharsets.UTF_8);
    var random = new java.util.SplittableRandom(7);
    for (int i = 0; i < 2_000; i++) {
      byte[] damaged = Damage.bytes(sound, sound.length, random);
      try {
        SceneReader.read(damaged);
      } catch (InvalidScene expected) {
        assertThat(expected.getMessage()).isNotBlank();
      }
    }
  }

  @Test
  void quotedStringsAreLiftedCharacterByCharacter() {
    String prompt =
        "写着“每日新鲜烘焙”和\"It's 5 o'clock\"，以及「彼は『はい』と言った」 on a 27\" screen “a “nested” one”";
    assertThat(StringLift.lift(prompt).stream().map(Copy::text))
        .isEqualTo(List.of("每日新鲜烘焙", "It's 5 o'clock", "彼は『はい』と言った", "a “nested” one"));
    for (Copy copy : StringLift.lift(prompt)) {
      assertThat(prompt.substring(copy.from(), copy.to())).isEqualTo(copy.text());
    }
  }

  @Test
  void everyStringOfAPromptIsInTheSceneOnce() {
    Scene scene =
        Planner.plan(
            "A website with \"Home\", \"About\", \"Shop\" and \"Welcome\" \"Home\"", 800, 600);
    assertThat(scene.strings().values().stream().map(Copy::text))
        .containsExactlyInAnyOrder("Home", "About", "Shop", "Welcome", "Home");
  }
}

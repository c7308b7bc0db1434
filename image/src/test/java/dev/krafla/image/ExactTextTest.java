package dev.krafla.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.image.layout.Layout;
import dev.krafla.image.proof.GlyphProof;
import dev.krafla.image.render.Drawn;
import dev.krafla.image.render.Format;
import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.SceneReader;
import dev.krafla.image.scene.SceneWriter;
import dev.krafla.image.text.Kinsoku;
import dev.krafla.image.text.PlacedGlyph;
import dev.krafla.image.text.SetText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Text is drawn exactly, and whatever is not is caught. */
class ExactTextTest {
  private static final String BILINGUAL =
      "Poster: \"上新 New Arrival\", \"手冲咖啡，每日 6:30 现烘……Single Origin\", \"Open 7 AM - 9 PM\"";

  private Studio studio;

  @BeforeEach
  void open() {
    studio = Fonts.studio();
  }

  private Layout layout(String prompt) {
    return studio.layout(studio.plan(prompt, 512, 512));
  }

  private static Scene scene(String text, String node) {
    return SceneReader.read(
        ("{\"canvas\":{\"w\":600,\"h\":600,\"margin\":20},\"strings\":{\"s\":{\"t\":\"%s\"}},"
                + "\"tokens\":{\"color\":{\"ink\":\"#111111\"}},"
                + "\"root\":{\"id\":\"t\",\"text\":[\"s\"],%s}}")
            .formatted(text, node)
            .getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void whatThePromptQuotesIsDrawnExactlyInEveryScript() {
    for (String text :
        List.of(
            "上新 New Arrival",
            "fi fl office AVATAR To.",
            "日本語の「禁則処理」、そしてカタカナ。",
            "한국어 문장 부호도 정확하게!",
            "مرحبا بالعالم 2026",
            "שלום עולם",
            "ราคาพิเศษวันนี้",
            "नमस्ते दुनिया",
            "Привет, мир — 38%",
            "Sale 😀 ☀ 50%")) {
      Layout layout = studio.layout(scene(text, "\"fit\":[14,60]"));
      assertThat(GlyphProof.of(layout).faults()).as(text).isEmpty();
    }
  }

  @Test
  void aPictureIsTheSameBytesEveryTime() {
    Scene scene = studio.plan(BILINGUAL, 400, 300);
    assertThat(studio.draw(scene).digest()).isEqualTo(studio.draw(scene).digest());
    Scene again = SceneReader.read(SceneWriter.tree(scene));
    assertThat(studio.draw(again).digest()).isEqualTo(studio.draw(scene).digest());
  }

  @Test
  void aSwappedCharacterIsCaught() {
    assertThat(GlyphProof.of(altered(layout(BILINGUAL), Alteration.SWAP)).faults())
        .anyMatch(fault -> fault.contains("where") && fault.contains("belongs"));
  }

  @Test
  void aDroppedGlyphIsCaught() {
    assertThat(GlyphProof.of(altered(layout(BILINGUAL), Alteration.DROP)).faults())
        .anyMatch(fault -> fault.contains("lacks"));
  }

  @Test
  void aGlyphTooManyIsCaught() {
    assertThat(GlyphProof.of(altered(layout(BILINGUAL), Alteration.TWICE)).faults()).isNotEmpty();
  }

  @Test
  void aTextMovedByATwentiethIsCaughtWhereItLeavesItsBox() {
    assertThat(GlyphProof.of(altered(layout(BILINGUAL), Alteration.MOVE)).faults())
        .anyMatch(fault -> fault.contains("leaves its box") || fault.contains("overlap"));
  }

  @Test
  void aFixedBoxMovedByATwentiethIsCaught() {
    Scene scene = scene("Fixed", "\"box\":[100,100,300,500]");
    Scene fixed =
        scene.withRoot(
            new dev.krafla.image.scene.Node.Group(
                dev.krafla.image.scene.Frame.of("r"),
                dev.krafla.image.scene.Flex.COL,
                0,
                List.of(0.0, 0.0, 0.0, 0.0),
                dev.krafla.image.scene.Align.STRETCH,
                dev.krafla.image.scene.Align.START,
                java.util.Optional.empty(),
                List.of(scene.root())));
    Layout layout = studio.layout(fixed);
    assertThat(GlyphProof.of(layout).holds()).isTrue();
    var boxes = new LinkedHashMap<>(layout.boxes());
    boxes.computeIfPresent("t", (_, box) -> box.moved(600 * 0.05, 0));
    Layout moved = new Layout(layout.scene(), boxes, layout.texts(), List.of());
    assertThat(GlyphProof.of(moved).faults()).anyMatch(fault -> fault.contains("is at"));
  }

  @Test
  void aPixelThatIsNotOfTextOrPlateIsCaught() {
    Drawn drawn = studio.draw(studio.plan(BILINGUAL, 256, 256));
    byte[] pixels = drawn.pixels().clone();
    pixels[4 * (100 * 256 + 100)] ^= 1;
    Drawn damaged = new Drawn(drawn.layout(), drawn.inks(), drawn.plate(), pixels);
    assertThat(studio.prove(damaged).faults()).anyMatch(fault -> fault.contains("differs"));
  }

  private enum Alteration {
    SWAP,
    DROP,
    TWICE,
    MOVE
  }

  private static Layout altered(Layout layout, Alteration how) {
    var texts = new LinkedHashMap<>(layout.texts());
    var first = texts.firstEntry();
    SetText text = first.getValue();
    var glyphs = new ArrayList<>(text.glyphs());
    PlacedGlyph a = glyphs.get(0);
    PlacedGlyph b = glyphs.get(1);
    switch (how) {
      case SWAP ->
          glyphs.set(
              0,
              new PlacedGlyph(
                  a.face(),
                  a.size(),
                  b.glyph(),
                  a.x(),
                  a.y(),
                  false,
                  a.string(),
                  a.from(),
                  a.to()));
      case DROP -> glyphs.remove(1);
      case TWICE -> glyphs.add(0, a);
      case MOVE -> text = text.moved(-layout.scene().canvas().width() * 0.05, 0);
    }
    texts.put(
        first.getKey(),
        how == Alteration.MOVE
            ? text
            : new SetText(glyphs, text.lines(), text.size(), text.tracking(), text.box()));
    return new Layout(layout.scene(), layout.boxes(), texts, List.of());
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 220, 170, 130, 101})
  void noLineBeginsOrEndsWithWhatMayNot(int width) {
    String text = "他说：“今天（星期二）的《晨报》……你看了吗？”——“还没有！价格是￥120，上涨3%。”";
    Layout layout =
        studio.layout(
            scene(text, "\"fit\":[16,28],\"w\":%d".formatted(width)).withRoot(column(text, width)));
    SetText set = Objects.requireNonNull(layout.texts().get("t"));
    assertThat(set.lines().size()).isGreaterThan(2);
    for (SetText.SetLine line : set.lines()) {
      int start = text.codePointAt(line.from());
      int end = text.codePointBefore(line.to());
      assertThat(line.from() > 0 && Kinsoku.forbiddenAtStart(start))
          .as("start of %s", line)
          .isFalse();
      assertThat(line.to() < text.length() && Kinsoku.forbiddenAtEnd(end))
          .as("end of %s", line)
          .isFalse();
    }
  }

  private static dev.krafla.image.scene.Node column(String text, int width) {
    Scene scene = scene(text, "\"fit\":[16,28],\"w\":%d".formatted(width));
    return new dev.krafla.image.scene.Node.Group(
        dev.krafla.image.scene.Frame.of("r"),
        dev.krafla.image.scene.Flex.COL,
        0,
        List.of(0.0, 0.0, 0.0, 0.0),
        dev.krafla.image.scene.Align.START,
        dev.krafla.image.scene.Align.START,
        java.util.Optional.empty(),
        List.of(scene.root()));
  }

  @Test
  void verticalTextRunsDownAndFromRightToLeft() {
    Layout layout = studio.layout(scene("春眠不觉晓，处处闻啼鸟。", "\"fit\":[60,60],\"vertical\":true"));
    assertThat(GlyphProof.of(layout).faults()).isEmpty();
    SetText set = Objects.requireNonNull(layout.texts().get("t"));
    PlacedGlyph first = set.glyphs().getFirst();
    PlacedGlyph second = set.glyphs().get(1);
    PlacedGlyph last = set.glyphs().getLast();
    assertThat(second.y()).isGreaterThan(first.y());
    assertThat(last.x()).isLessThan(first.x());
  }

  @Test
  void aCharacterThatNoFontHasIsNamed() {
    assertThatThrownBy(() -> studio.layout(scene("a\uE123b", "\"fit\":[14,60]")))
        .isInstanceOf(MissingGlyph.class)
        .hasMessageContaining("U+E123");
  }

  @Test
  void aTextThatCannotFitIsRefusedWithTheNumbers() {
    assertThatThrownBy(() ->
            studio.layout(
                scene("Unbreakableword", "\"fit\":[90,120]")
                    .withRoot(column("Unbreakableword".repeat(9), 60))))
        .isInstanceOf(TextDoesNotFit.class)
        .hasMessageContaining("px");
  }

  @ParameterizedTest
  @CsvSource({"PNG, 89", "JPEG, FF", "WEBP, 52", "SVG, 3C", "PDF, 25"})
  void everyFormatCarriesTheScene(Format format, String firstByte) {
    Drawn drawn = studio.draw(studio.plan(BILINGUAL, 256, 256));
    byte[] file = studio.encode(drawn, format);
    assertThat("%02X".formatted(file[0])).isEqualTo(firstByte);
    String text = new String(file, StandardCharsets.UTF_8);
    switch (format) {
      case SVG -> assertThat(text).contains("id=\"krafla\"");
      case PDF -> assertThat(new String(file, StandardCharsets.ISO_8859_1)).contains("Krafla");
      case PNG, JPEG, WEBP -> assertThat(text).contains("\"generator\":\"krafla\"", "手冲咖啡");
      case JSON -> assertThat(text).isNotEmpty();
    }
  }

  @Test
  void textThatCannotBeReadIsGivenAnotherColour() {
    Scene scene =
        SceneReader.read(
            """
            {"canvas":{"w":400,"h":200},"strings":{"s":{"t":"Legible"}},
             "tokens":{"color":{"ink":"#F8F8F8"}},"plate":{"style":"flat","colors":["#FFFFFF"]},
             "root":{"id":"t","text":["s"],"fit":[40,40]}}\
            """
                .getBytes(StandardCharsets.UTF_8));
    Drawn drawn = studio.draw(scene);
    assertThat(drawn.inks().get("t"))
        .satisfies(ink -> {
          assertThat(ink.repaired()).isTrue();
          assertThat(ink.ratio()).isGreaterThan(4.5);
        });
  }

  @Test
  void thePngIsReadBackAsThePixelsThatWereDrawn() throws Exception {
    Drawn drawn = studio.draw(studio.plan(BILINGUAL, 301, 257));
    var image =
        javax.imageio.ImageIO.read(
            new java.io.ByteArrayInputStream(studio.encode(drawn, Format.PNG)));
    for (int i = 0; i < 301 * 257; i++) {
      int rgb = image.getRGB(i % 301, i / 301);
      byte[] p = drawn.pixels();
      assertThat(rgb & 0xFFFFFF)
          .isEqualTo(((p[4 * i] & 255) << 16) | ((p[4 * i + 1] & 255) << 8) | (p[4 * i + 2] & 255));
    }
  }

  @Test
  void boxesOfThousandthsAreRowsFirst() {
    Box box =
        Box.ofThousandths(
            new double[] {100, 200, 300, 600}, new dev.krafla.image.scene.Canvas(1000, 2000, 0));
    assertThat(box).isEqualTo(new Box(200, 200, 400, 400));
  }
}

package dev.krafla.image.plan;

import dev.krafla.image.scene.Align;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Flex;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Plate;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.Skin;
import java.util.ArrayList;
import java.util.List;

/** Views with words in them: signs in a street or a landscape, stills of films with captions. */
final class StillPlan {
  private StillPlan() {}

  static Scene sign(Sheet sheet) {
    Draft d = sheet.draft();
    Brief brief = sheet.brief();
    var boards = new ArrayList<Node>();
    var first = new ArrayList<Node>();
    brief
        .title()
        .ifPresent(t ->
            first.add(
                d.text(
                    t,
                    d.headline(false, Math.min(110, PosterPlan.titleSize(t) * 0.8), "onBrand")
                        .align(Align.CENTER))));
    brief
        .subtitle()
        .ifPresent(t ->
            first.add(d.text(t, d.style(500, 16, 38, "onBrand").leading(1.3).align(Align.CENTER))));
    boards.add(d.space(0.4));
    boards.add(
        d.card(
            d.frame("board"),
            48,
            Skin.of("brand", "brandDeep")
                .radius(d.px(18))
                .stroke("onBrand", d.px(5))
                .shadow(d.px(26)),
            first));
    var small = new ArrayList<Node>();
    var rest = new ArrayList<Copy>(brief.body());
    brief.groups().forEach(rest::addAll);
    for (Copy copy : rest) {
      small.add(
          d.card(
              d.frame("plate").grow(1),
              26,
              Skin.of("surface").radius(d.px(12)).stroke("ink", d.px(3)).shadow(d.px(14)),
              List.of(
                  d.text(copy, d.style(600, 14, 34, "ink").leading(1.28).align(Align.CENTER)))));
    }
    if (!small.isEmpty()) {
      boards.add(
          d.grid(
              small,
              small.size() == 1 ? 1 : small.size() == 3 || small.size() > 4 ? 3 : 2,
              24,
              false));
    }
    boards.add(d.space(1));
    boolean city =
        Words.any(
            brief.words(),
            "city street urban shop store downtown billboard mall station airport 城市 街 都市 商店 广告牌 路口 车站 机场");
    Plate plate =
        city
            ? new Plate(
                Plate.Style.SKYLINE, List.of("skyA", "skyB", "farTown", "nearTown"), sheet.seed())
            : new Plate(
                Plate.Style.HILLS,
                List.of("skyA", "skyB", "farHill", "midHill", "nearHill"),
                sheet.seed());
    return d.scene(plate, Align.CENTER, 30, boards);
  }

  static Scene caption(Sheet sheet) {
    Draft d = sheet.draft();
    Brief brief = sheet.brief();
    var kids = new ArrayList<Node>();
    var tags = new ArrayList<Copy>();
    var lines = new ArrayList<Copy>();
    Copy longest =
        brief.strings().stream()
            .max(java.util.Comparator.comparingInt(c -> c.text().length()))
            .orElseThrow();
    for (Copy copy : brief.strings()) {
      boolean tag = !copy.equals(longest) && copy.text().length() <= 34;
      (tag ? tags : lines).add(copy);
    }
    if (!tags.isEmpty()) {
      var corner = new ArrayList<Node>();
      for (Copy copy : tags) {
        corner.add(
            d.card(
                d.frame("tag").grow(tags.size() > 2 ? 1 : 0),
                16,
                Skin.of("#0B0D14CC").radius(d.px(8)),
                List.of(d.text(copy, d.style(600, 13, 26, "#FFFFFF").leading(1.25)))));
      }
      kids.add(
          tags.size() > 4
              ? d.grid(corner, 3, 14, false)
              : new Node.Group(
                  d.frame("tags"),
                  Flex.ROW,
                  d.px(14),
                  List.of(0.0, 0.0, 0.0, 0.0),
                  Align.START,
                  tags.size() == 1 ? Align.START : Align.BETWEEN,
                  java.util.Optional.empty(),
                  corner));
    }
    kids.add(d.space(1));
    var bar = new ArrayList<Node>();
    for (Copy copy : lines) {
      bar.add(
          d.text(
              copy,
              d.style(copy.equals(longest) ? 600 : 500, 15, 54, "#FFFFFF")
                  .leading(1.34)
                  .align(Align.CENTER)));
    }
    kids.add(d.card(d.frame("caption"), 34, Skin.of("#0B0D14D9").radius(d.px(10)), bar));
    boolean city =
        Words.any(
            brief.words(),
            "city street urban downtown building newsroom crime office 城市 街 都市 大楼 新闻 犯罪");
    Plate plate =
        city
            ? new Plate(
                Plate.Style.SKYLINE, List.of("duskA", "duskB", "farTown", "nearTown"), sheet.seed())
            : new Plate(
                Plate.Style.HILLS,
                List.of("duskA", "duskB", "farHill", "midHill", "nearHill"),
                sheet.seed());
    return d.scene(plate, Align.END, 24, kids);
  }
}

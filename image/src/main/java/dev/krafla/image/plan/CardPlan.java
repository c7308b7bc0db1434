package dev.krafla.image.plan;

import dev.krafla.image.scene.Align;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Plate;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.Skin;
import dev.krafla.image.scene.TextStyle;
import java.util.ArrayList;
import java.util.List;

/** Everything centred: social cards, invitations and labels of packages, which differ in dress. */
final class CardPlan {
  private CardPlan() {}

  /** White on the brand's colour. */
  static Scene social(Sheet sheet) {
    Draft d = sheet.draft();
    Brief brief = sheet.brief();
    var kids = new ArrayList<Node>();
    kids.add(Art.mark(sheet, 120, "#FFFFFF33", "#FFFFFF"));
    brief
        .title()
        .ifPresent(t ->
            kids.add(
                d.text(t, center(d.headline(false, PosterPlan.titleSize(t) * 0.8, "#FFFFFF")))));
    brief
        .subtitle()
        .ifPresent(t -> kids.add(d.text(t, center(d.style(500, 17, 40, "#FFFFFF").leading(1.34)))));
    lines(sheet, kids, "#FFFFFF");
    for (List<Copy> group : brief.groups()) {
      kids.add(
          d.pills(
              group,
              d.style(600, 13, 26, "brand"),
              Skin.of("#FFFFFF").radius(d.px(60)),
              Align.CENTER));
    }
    return d.scene(
        new Plate(
            Plate.Style.MESH, List.of("brandDeep", "brand", "accentDeep", "brand"), sheet.seed()),
        Align.CENTER,
        36,
        kids);
  }

  /** Serifs in a double frame. */
  static Scene invitation(Sheet sheet) {
    Draft d = sheet.draft();
    Brief brief = sheet.brief();
    var kids = new ArrayList<Node>();
    kids.add(Art.mark(sheet, 130, "soft", "brand"));
    brief
        .title()
        .ifPresent(t ->
            kids.add(
                d.text(
                    t,
                    center(
                        d.headline(true, PosterPlan.titleSize(t) * 0.8, "ink")
                            .weight(500)
                            .tracking(0)))));
    kids.add(d.ruleCentered("accent", 120, 3));
    brief
        .subtitle()
        .ifPresent(
            t -> kids.add(d.text(t, center(d.style(400, 16, 44, "ink").serif().leading(1.4)))));
    lines(sheet, kids, "muted");
    for (List<Copy> group : brief.groups()) {
      kids.add(
          d.pills(
              group, d.style(500, 13, 22, "ink"), Skin.of("soft").radius(d.px(8)), Align.CENTER));
    }
    return framed(
        sheet,
        kids,
        new Plate(Plate.Style.CIRCLES, List.of("soft", "paper", "paper", "accent"), sheet.seed()));
  }

  /** The front of a package: a label with a band. */
  static Scene packaging(Sheet sheet) {
    Draft d = sheet.draft();
    Brief brief = sheet.brief();
    var kids = new ArrayList<Node>();
    kids.add(Art.mark(sheet, 150, "brand", "onBrand"));
    brief
        .title()
        .ifPresent(t ->
            kids.add(d.text(t, center(d.headline(true, PosterPlan.titleSize(t) * 0.62, "ink")))));
    brief
        .subtitle()
        .ifPresent(t ->
            kids.add(
                d.card(
                    d.frame("band"),
                    18,
                    Skin.of("brand"),
                    List.of(d.text(t, center(d.style(600, 15, 34, "onBrand").leading(1.3)))))));
    lines(sheet, kids, "ink");
    for (List<Copy> group : brief.groups()) {
      kids.add(
          d.pills(
              group,
              d.style(600, 13, 22, "brand"),
              Skin.of().stroke("brand", d.px(2)).radius(d.px(60)),
              Align.CENTER));
    }
    return framed(
        sheet, kids, new Plate(Plate.Style.STRIPES, List.of("soft", "paper"), sheet.seed()));
  }

  private static Scene framed(Sheet sheet, List<Node> kids, Plate plate) {
    Draft d = sheet.draft();
    Node inner =
        d.group(
            d.frame("inner").grow(1),
            dev.krafla.image.scene.Flex.COL,
            30,
            52,
            Align.STRETCH,
            Align.CENTER,
            Skin.of().stroke("accent", d.px(2)).radius(d.px(10)),
            kids);
    Node outer =
        d.group(
            d.frame("outer").grow(1),
            dev.krafla.image.scene.Flex.COL,
            0,
            22,
            Align.STRETCH,
            Align.CENTER,
            Skin.of("surface").radius(d.px(18)).shadow(d.px(26)),
            List.of(inner));
    return d.scene(plate, Align.CENTER, 0, List.of(outer));
  }

  private static TextStyle center(TextStyle style) {
    return style.align(Align.CENTER);
  }

  private static void lines(Sheet sheet, List<Node> kids, String color) {
    Draft d = sheet.draft();
    for (Copy copy : sheet.brief().body()) {
      kids.add(d.text(copy, center(d.body(32, color))));
    }
  }
}

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
import java.util.Optional;

/** A page or an app in its window. */
final class ScreenPlan {
  private ScreenPlan() {}

  static Scene plan(Sheet sheet) {
    Draft d = sheet.draft();
    Brief brief = sheet.brief();
    var page = new ArrayList<Node>();
    for (List<Copy> group : brief.groups().stream().limit(1).toList()) {
      page.add(
          d.pills(
              group, d.style(600, 13, 22, "ink"), Skin.of("soft").radius(d.px(60)), Align.START));
    }
    var hero = new ArrayList<Node>();
    brief
        .title()
        .ifPresent(t ->
            hero.add(
                d.text(
                    t, d.headline(false, Math.min(90, PosterPlan.titleSize(t) * 0.6), "onBrand"))));
    brief
        .subtitle()
        .ifPresent(t -> hero.add(d.text(t, d.style(500, 15, 32, "onBrand").leading(1.36))));
    if (!hero.isEmpty()) {
      page.add(
          d.group(
              d.frame("hero").grow(1.2),
              Flex.COL,
              20,
              44,
              Align.STRETCH,
              Align.CENTER,
              Skin.of("brand", "brandDeep").angle(35).radius(d.px(22)),
              hero));
    }
    for (List<Copy> group : brief.groups().stream().skip(1).toList()) {
      page.add(
          d.pills(
              group, d.style(600, 13, 22, "ink"), Skin.of("soft").radius(d.px(60)), Align.START));
    }
    var cells = new ArrayList<Node>();
    for (Cell cell : Cell.of(brief.body())) {
      var kids = new ArrayList<Node>();
      kids.add(
          d.row(
              d.frame("sym").height(d.px(44)),
              0,
              Align.STRETCH,
              List.of(
                  new Node.Icon(
                      d.frame("icon").size(d.px(44), d.px(44)),
                      symbol(cell.head().text()),
                      "brand"))));
      kids.add(d.text(cell.head(), d.style(600, 14, 28, "ink").leading(1.32)));
      cell.detail().ifPresent(t -> kids.add(d.text(t, d.body(24, "muted"))));
      cells.add(
          d.card(
              d.frame("card").grow(1),
              26,
              Skin.of("surface").stroke("soft", d.px(2)).radius(d.px(18)),
              kids));
    }
    if (!cells.isEmpty()) {
      page.add(
          d.grid(
              cells,
              cells.size() == 1 ? 1 : cells.size() == 3 || cells.size() > 4 ? 3 : 2,
              20,
              true));
    }
    double p = d.px(34);
    Node body =
        new Node.Group(
            d.frame("page").grow(1),
            Flex.COL,
            d.px(22),
            List.of(p, p, p, p),
            Align.STRETCH,
            Align.START,
            Optional.empty(),
            page);
    Node window =
        d.group(
            d.frame("window").grow(1),
            Flex.COL,
            0,
            0,
            Align.STRETCH,
            Align.START,
            Skin.of("surface").radius(d.px(24)).shadow(d.px(34)),
            List.of(chrome(d), body));
    return d.scene(
        new Plate(Plate.Style.MESH, List.of("soft", "brand", "accent", "soft"), sheet.seed()),
        Align.CENTER,
        0,
        List.of(window));
  }

  private static String symbol(String text) {
    String symbol = dev.krafla.image.render.Symbols.forPrompt(text);
    return symbol.equals("star") ? "check" : symbol;
  }

  private static Node chrome(Draft d) {
    var dots = new ArrayList<Node>();
    for (String color : List.of("brand", "accent", "soft")) {
      dots.add(
          new Node.Shape(
              d.frame("dot").size(d.px(16), d.px(16)), Node.Form.ELLIPSE, Skin.of(color)));
    }
    dots.add(
        new Node.Shape(
            d.frame("address").grow(1).height(d.px(22)), Node.Form.LINE, Skin.of("soft")));
    return new Node.Group(
        d.frame("chrome").height(d.px(64)),
        Flex.ROW,
        d.px(12),
        List.of(0.0, d.px(26), 0.0, d.px(26)),
        Align.CENTER,
        Align.START,
        Optional.empty(),
        dots);
  }
}

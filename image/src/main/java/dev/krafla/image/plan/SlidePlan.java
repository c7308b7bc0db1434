package dev.krafla.image.plan;

import dev.krafla.image.scene.Align;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Plate;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.Skin;
import java.util.ArrayList;
import java.util.List;

/** A title and points on cards. */
final class SlidePlan {
  private SlidePlan() {}

  static Scene plan(Sheet sheet) {
    Draft d = sheet.draft();
    Brief brief = sheet.brief();
    var kids = new ArrayList<Node>();
    kids.add(d.ruleLeft("brand", 64, 8));
    brief.title().ifPresent(t -> kids.add(d.text(t, d.headline(false, 84, "ink"))));
    brief
        .subtitle()
        .ifPresent(t -> kids.add(d.text(t, d.style(400, 16, 36, "muted").leading(1.36))));
    for (List<Copy> group : brief.groups()) {
      kids.add(
          d.pills(
              group, d.style(600, 13, 24, "brand"), Skin.of("soft").radius(d.px(60)), Align.START));
    }
    List<Copy> body = brief.body();
    var cells = new ArrayList<Node>();
    for (int i = 0; i < body.size(); i++) {
      String color = i % 2 == 0 ? "brand" : "accent";
      cells.add(
          d.card(
              d.frame("card").grow(1),
              34,
              Skin.of("surface").radius(d.px(22)).shadow(d.px(16)),
              List.of(
                  d.ruleLeft(color, 36, 6),
                  d.text(body.get(i), d.style(500, 14, 32, "ink").leading(1.36)))));
    }
    if (cells.isEmpty()) {
      kids.add(Art.hero(sheet, 1));
    } else {
      kids.add(d.grid(cells, columns(cells.size()), 26, true));
    }
    return d.scene(
        new Plate(Plate.Style.MESH, List.of("paper", "soft", "soft"), sheet.seed()),
        Align.CENTER,
        30,
        kids);
  }

  static int columns(int n) {
    return n == 1 ? 1 : n == 2 || n == 4 ? 2 : n == 3 ? 1 : 3;
  }
}

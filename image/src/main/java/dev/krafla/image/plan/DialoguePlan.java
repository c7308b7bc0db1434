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

/** Speech bubbles of two speakers in turn, from top to bottom, in reading order. */
final class DialoguePlan {
  private DialoguePlan() {}

  static Scene plan(Sheet sheet) {
    Draft d = sheet.draft();
    var kids = new ArrayList<Node>();
    List<Copy> lines = sheet.brief().strings();
    // many turns are set closer
    double pad = Math.clamp(170.0 / lines.size(), 10, 32);
    double side = Math.clamp(520.0 / lines.size(), 44, 100);
    for (int i = 0; i < lines.size(); i++) {
      boolean left = i % 2 == 0;
      Node face =
          d.group(
              d.frame("face").size(d.px(side), d.px(side)),
              Flex.STACK,
              0,
              side * 0.22,
              Align.STRETCH,
              Align.CENTER,
              Skin.of(left ? "brand" : "accent").radius(d.px(60)),
              List.of(new Node.Icon(d.frame("icon"), "user", left ? "onBrand" : "#201A12")));
      Node bubble =
          d.group(
              d.frame("bubble").grow(1),
              Flex.COL,
              0,
              pad,
              Align.STRETCH,
              Align.CENTER,
              (left ? Skin.of("surface") : Skin.of("soft")).radius(d.px(34)).shadow(d.px(14)),
              List.of(d.text(lines.get(i), d.style(600, 15, 44, "ink").leading(1.3))));
      List<Node> row =
          left ? List.of(face, bubble, d.space(0.16)) : List.of(d.space(0.16), bubble, face);
      kids.add(d.row(d.frame("turn"), 24, Align.CENTER, row));
    }
    return d.scene(
        new Plate(Plate.Style.CIRCLES, List.of("paper", "soft", "accent", "soft"), sheet.seed()),
        Align.CENTER,
        Math.clamp(200.0 / lines.size(), 10, 40),
        kids);
  }
}

package dev.krafla.image.plan;

import dev.krafla.image.scene.Align;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Plate;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.Skin;
import java.util.ArrayList;
import java.util.List;

/** Words on one side, the product on the other. */
final class BannerPlan {
  private BannerPlan() {}

  static Scene plan(Sheet sheet) {
    Draft d = sheet.draft();
    Brief brief = sheet.brief();
    var words = new ArrayList<Node>();
    words.add(d.ruleLeft("brand", 72, 7));
    brief
        .title()
        .ifPresent(
            t -> words.add(d.text(t, d.headline(false, PosterPlan.titleSize(t) * 0.72, "ink"))));
    brief
        .subtitle()
        .ifPresent(t -> words.add(d.text(t, d.style(400, 16, 34, "muted").leading(1.38))));
    for (Copy copy : brief.body()) {
      words.add(d.text(copy, d.body(26, "ink")));
    }
    for (List<Copy> group : brief.groups()) {
      words.add(
          d.pills(
              group,
              d.style(600, 13, 22, "onBrand"),
              Skin.of("brand").radius(d.px(60)),
              Align.START));
    }
    Node right = Art.still(sheet, 1);
    Plate plate = new Plate(Plate.Style.MESH, List.of("paper", "soft", "soft"), sheet.seed());
    boolean row = !d.tall() && (d.wide() || brief.length() < 160);
    if (!row) {
      return d.scene(
          plate, Align.CENTER, 40, List.of(right, d.col(d.frame("words"), 26, Align.START, words)));
    }
    Node left = d.col(d.frame("words").grow(d.wide() ? 1.35 : 1), 26, Align.CENTER, words);
    return d.scene(
        plate,
        Align.CENTER,
        0,
        List.of(d.row(d.frame("halves").grow(1), 56, Align.STRETCH, List.of(left, right))));
  }
}

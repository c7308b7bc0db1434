package dev.krafla.image.plan;

import dev.krafla.image.scene.Align;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Plate;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.Skin;
import java.util.ArrayList;
import java.util.List;

/** A headline over a field of colour, with what else is to be said below it. */
final class PosterPlan {
  private PosterPlan() {}

  static Scene plan(Sheet sheet) {
    Draft d = sheet.draft();
    Brief brief = sheet.brief();
    boolean serif = sheet.palette().name().matches("rose|gilt|gallery|hearth");
    var kids = new ArrayList<Node>();
    kids.add(Art.hero(sheet, Math.max(0.5, 1.3 - brief.length() / 300.0)));
    brief.title().ifPresent(t -> kids.add(d.text(t, d.headline(serif, titleSize(t), "ink"))));
    kids.add(d.ruleLeft("brand", 90, 7));
    brief.subtitle().ifPresent(t -> kids.add(d.text(t, d.style(500, 17, 40, "ink").leading(1.3))));
    for (List<Copy> group : brief.groups()) {
      kids.add(
          d.pills(
              group,
              d.style(600, 13, 24, "onBrand"),
              Skin.of("brand").radius(d.px(60)),
              Align.START));
    }
    details(sheet, kids);
    Plate plate =
        new Plate(Plate.Style.MESH, List.of("paper", "soft", "soft", "accent"), sheet.seed());
    return d.scene(plate, Align.END, 30, kids);
  }

  static double titleSize(Copy title) {
    int n = title.text().codePointCount(0, title.text().length());
    boolean wide = title.lang().startsWith("zh") || title.lang().startsWith("ja");
    double em = wide ? n : n * 0.55;
    return Math.clamp(620 / Math.sqrt(em + 3), 44, 170);
  }

  private static void details(Sheet sheet, List<Node> kids) {
    Draft d = sheet.draft();
    List<Copy> body = sheet.brief().body();
    if (body.isEmpty()) {
      return;
    }
    var cells = new ArrayList<Node>();
    for (Cell cell : Cell.of(body)) {
      var says = new ArrayList<Node>();
      boolean paired = cell.detail().isPresent();
      says.add(d.text(cell.head(), paired ? d.style(700, 14, 30, "ink") : d.body(28, "ink")));
      cell.detail().ifPresent(t -> says.add(d.text(t, d.body(24, "ink"))));
      cells.add(
          d.row(
              d.frame("cell").grow(1),
              16,
              Align.STRETCH,
              List.of(
                  new Node.Shape(
                      d.frame("tick").width(Math.max(3, d.px(4))),
                      Node.Form.LINE,
                      Skin.of("accent")),
                  d.col(d.frame("says").grow(1), 6, Align.START, says))));
    }
    kids.add(d.grid(cells, cells.size() == 1 ? 1 : 2, 26, false));
  }
}

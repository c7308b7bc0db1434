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

/** Price lists and menus: what there is on the left, what it costs on the right. */
final class ListPlan {
  private ListPlan() {}

  static Scene priceList(Sheet sheet) {
    return plan(sheet, false);
  }

  static Scene menu(Sheet sheet) {
    return plan(sheet, true);
  }

  private static Scene plan(Sheet sheet, boolean menu) {
    Draft d = sheet.draft();
    Brief brief = sheet.brief();
    var kids = new ArrayList<Node>();
    if (menu) {
      kids.add(Art.mark(sheet, 84, "soft", "brand"));
    }
    Align align = menu ? Align.CENTER : Align.START;
    brief
        .title()
        .ifPresent(t ->
            kids.add(
                d.text(t, d.headline(menu, PosterPlan.titleSize(t) * 0.6, "ink").align(align))));
    kids.add(menu ? d.ruleCentered("accent", 110, 4) : d.ruleLeft("brand", 72, 7));
    var copies = new ArrayList<Copy>();
    brief.subtitle().ifPresent(copies::add);
    copies.addAll(brief.body());
    brief.groups().forEach(copies::addAll);
    copies.sort(java.util.Comparator.comparingInt(Copy::from));
    List<Cell> cells = Cell.priced(copies);
    var rows = new ArrayList<Node>();
    for (Cell cell : cells) {
      if (!rows.isEmpty()) {
        rows.add(d.hairline("soft"));
      }
      rows.add(item(d, cell, menu));
    }
    kids.add(
        d.group(
            d.frame("list").grow(1),
            Flex.COL,
            16,
            38,
            Align.STRETCH,
            Align.START,
            Skin.of("surface").radius(d.px(menu ? 8 : 26)).shadow(d.px(20)),
            rows));
    Plate plate =
        menu
            ? new Plate(Plate.Style.DOTS, List.of("paper", "accent"), sheet.seed())
            : new Plate(Plate.Style.MESH, List.of("paper", "soft", "accent"), sheet.seed());
    return d.scene(plate, Align.CENTER, 28, kids);
  }

  private static Node item(Draft d, Cell cell, boolean menu) {
    var name = d.style(menu ? 500 : 600, 14, 42, "ink").leading(1.3);
    Node head = d.text(d.frame("t").grow(1), cell.head(), menu ? name.serif() : name);
    if (cell.detail().isEmpty()) {
      return head;
    }
    Node price = d.text(cell.detail().get(), d.style(700, 14, 42, "brand").align(Align.END));
    return d.row(d.frame("item").grow(1), 24, Align.CENTER, List.of(head, price));
  }
}

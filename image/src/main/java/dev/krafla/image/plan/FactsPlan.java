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

/** Facts side by side: slides, infographics, comparisons, charts. */
final class FactsPlan {
  private FactsPlan() {}

  static Scene slide(Sheet sheet) {
    return cards(sheet, false);
  }

  static Scene infographic(Sheet sheet) {
    return cards(sheet, true);
  }

  private static Scene cards(Sheet sheet, boolean symbols) {
    Draft d = sheet.draft();
    Brief brief = sheet.brief();
    var kids = new ArrayList<Node>();
    heading(sheet, kids);
    var cells = new ArrayList<Node>();
    List<Cell> facts = Cell.of(brief.body());
    for (int i = 0; i < facts.size(); i++) {
      cells.add(card(d, facts.get(i), i, symbols));
    }
    if (cells.isEmpty()) {
      kids.add(Art.still(sheet, 1));
    } else {
      kids.add(d.grid(cells, columns(cells.size(), d), 24, true));
    }
    Plate plate =
        symbols
            ? new Plate(Plate.Style.GRID, List.of("paper", "soft"), sheet.seed())
            : new Plate(Plate.Style.MESH, List.of("paper", "soft", "soft"), sheet.seed());
    return d.scene(plate, Align.CENTER, 28, kids);
  }

  private static void heading(Sheet sheet, List<Node> kids) {
    Draft d = sheet.draft();
    Brief brief = sheet.brief();
    kids.add(d.ruleLeft("brand", 64, 8));
    brief
        .title()
        .ifPresent(t ->
            kids.add(
                d.text(t, d.headline(false, Math.min(92, PosterPlan.titleSize(t) * 0.66), "ink"))));
    brief
        .subtitle()
        .ifPresent(t -> kids.add(d.text(t, d.style(400, 16, 34, "muted").leading(1.36))));
    for (List<Copy> group : brief.groups()) {
      kids.add(
          d.pills(
              group, d.style(600, 13, 24, "brand"), Skin.of("soft").radius(d.px(60)), Align.START));
    }
  }

  private static Node card(Draft d, Cell cell, int i, boolean symbols) {
    String color = i % 2 == 0 ? "brand" : "accent";
    var kids = new ArrayList<Node>();
    String symbol = dev.krafla.image.render.Symbols.forPrompt(cell.head().text());
    if (symbols && !symbol.equals("star")) {
      kids.add(
          d.row(
              d.frame("sym").height(d.px(54)),
              0,
              Align.STRETCH,
              List.of(new Node.Icon(d.frame("icon").size(d.px(54), d.px(54)), symbol, color))));
    } else {
      kids.add(d.ruleLeft(color, 38, 6));
    }
    boolean paired = cell.detail().isPresent();
    kids.add(
        d.text(
            cell.head(), d.style(paired ? 700 : 500, 14, paired ? 36 : 32, "ink").leading(1.34)));
    cell.detail().ifPresent(t -> kids.add(d.text(t, d.body(26, "muted"))));
    return d.card(
        d.frame("card").grow(1), 30, Skin.of("surface").radius(d.px(22)).shadow(d.px(16)), kids);
  }

  private static int columns(int n, Draft d) {
    if (d.tall()) {
      return n <= 4 ? 1 : 2;
    }
    return switch (n) {
      case 1 -> 1;
      case 2, 4 -> 2;
      case 3 -> d.wide() ? 3 : 1;
      default -> n <= 6 && !d.wide() ? 2 : 3;
    };
  }

  /** Columns of equal width under their headings, the first one set off. */
  static Scene comparison(Sheet sheet) {
    Draft d = sheet.draft();
    Brief brief = sheet.brief();
    var kids = new ArrayList<Node>();
    kids.add(d.ruleLeft("brand", 64, 8));
    brief
        .title()
        .ifPresent(t ->
            kids.add(
                d.text(t, d.headline(false, Math.min(84, PosterPlan.titleSize(t) * 0.6), "ink"))));
    List<List<Copy>> table = table(brief);
    var rows = new ArrayList<Node>();
    for (int r = 0; r < table.size(); r++) {
      var cells = new ArrayList<Node>();
      for (Copy copy : table.get(r)) {
        var style =
            r == 0
                ? d.style(700, 14, 32, "onBrand")
                : d.style(cells.isEmpty() ? 600 : 400, 14, 28, "ink");
        cells.add(
            d.text(
                d.frame("t").grow(1),
                copy,
                style.align(cells.isEmpty() ? Align.START : Align.CENTER).leading(1.3)));
      }
      double pad = d.px(24);
      rows.add(
          new Node.Group(
              d.frame("row").grow(1),
              Flex.ROW,
              d.px(20),
              List.of(pad * 0.6, pad, pad * 0.6, pad),
              Align.CENTER,
              Align.START,
              Optional.of(
                  Skin.of(r == 0 ? "brand" : r % 2 == 0 ? "soft" : "surface").radius(d.px(14))),
              cells));
    }
    kids.add(d.col(d.frame("table").grow(1), 10, Align.START, rows));
    return d.scene(
        new Plate(Plate.Style.FLAT, List.of("paper"), sheet.seed()), Align.CENTER, 30, kids);
  }

  /** Strings to rows: as many columns as the first group has, else the divisor nearest to three. */
  private static List<List<Copy>> table(Brief brief) {
    var all = new ArrayList<Copy>();
    brief.subtitle().ifPresent(all::add);
    all.addAll(brief.body());
    brief.groups().forEach(all::addAll);
    all.sort(java.util.Comparator.comparingInt(Copy::from));
    int columns =
        all.size() % 3 == 0
            ? 3
            : all.size() % 4 == 0 && all.size() > 8 ? 4 : all.size() % 2 == 0 ? 2 : 1;
    var rows = new ArrayList<List<Copy>>();
    for (int i = 0; i < all.size(); i += columns) {
      rows.add(all.subList(i, Math.min(all.size(), i + columns)));
    }
    return rows;
  }

  /** Columns for the numbers that strings end in, each string below its own. */
  static Scene chart(Sheet sheet) {
    Draft d = sheet.draft();
    Brief brief = sheet.brief();
    var labels = new ArrayList<Copy>();
    var others = new ArrayList<Copy>();
    var candidates = new ArrayList<Copy>(brief.body());
    brief.groups().forEach(candidates::addAll);
    brief
        .subtitle()
        .filter(t -> Cell.number(t).isPresent() && t.text().length() < 26)
        .ifPresent(candidates::add);
    candidates.sort(java.util.Comparator.comparingInt(Copy::from));
    for (Copy copy : candidates) {
      boolean value = Cell.number(copy).isPresent() && copy.text().length() <= 28;
      (value ? labels : others).add(copy);
    }
    if (labels.size() < 2) {
      return slide(sheet);
    }
    var kids = new ArrayList<Node>();
    kids.add(d.ruleLeft("brand", 64, 8));
    brief
        .title()
        .ifPresent(t ->
            kids.add(
                d.text(t, d.headline(false, Math.min(84, PosterPlan.titleSize(t) * 0.6), "ink"))));
    brief
        .subtitle()
        .filter(t -> !labels.contains(t))
        .ifPresent(t -> kids.add(d.text(t, d.style(400, 16, 34, "muted").leading(1.36))));
    for (Copy copy : others) {
      kids.add(d.text(copy, d.body(26, "ink")));
    }
    var data = labels.stream().map(c -> new Node.Datum(Cell.number(c).orElse(0.0))).toList();
    var names = new ArrayList<Node>();
    for (Copy copy : labels) {
      names.add(
          d.text(
              d.frame("t").grow(1),
              copy,
              d.style(600, 14, 28, "ink").align(Align.CENTER).leading(1.25)));
    }
    double most = data.stream().mapToDouble(Node.Datum::value).max().orElse(0);
    var colors = data.stream().map(x -> x.value() == most ? "brand" : "accent").toList();
    boolean line = Words.any(brief.words(), "line trend over time 折线 趋势");
    Node plot =
        new Node.Chart(
            d.frame("chart").grow(1), line ? Node.Plot.LINE : Node.Plot.COLUMNS, data, colors);
    kids.add(
        d.group(
            d.frame("panel").grow(1),
            Flex.COL,
            22,
            40,
            Align.STRETCH,
            Align.START,
            Skin.of("surface").radius(d.px(26)).shadow(d.px(18)),
            List.of(plot, d.row(d.frame("axis"), 10, Align.START, names))));
    return d.scene(
        new Plate(Plate.Style.FLAT, List.of("paper"), sheet.seed()), Align.CENTER, 28, kids);
  }
}

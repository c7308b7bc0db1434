package dev.krafla.screen.render;

import dev.krafla.screen.Node;
import dev.krafla.screen.Role;
import dev.krafla.screen.Screen;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a screen says, for reading: paragraphs, headings as in Markdown, tables a line per row, what
 * repeats a line per record. Links keep their address.
 */
public final class Reading {
  private Reading() {}

  /**
   * The words of a part of a screen.
   *
   * @param query only lines that hold all of its words; empty: all
   */
  public static String of(Screen screen, Optional<Node> within, String query) {
    List<String> lines = new ArrayList<>();
    within.map(List::of).orElse(screen.nodes()).forEach(n -> add(n, lines));
    List<String> words = List.of(query.strip().toLowerCase(Locale.ROOT).split("\\s+"));
    return lines.stream()
        .filter(l -> !l.isBlank())
        .filter(l -> words.stream().allMatch(l.toLowerCase(Locale.ROOT)::contains))
        .collect(Collectors.joining("\n"));
  }

  /** One part of a record: what it says, and where it leads. */
  public record Field(Role role, String text, Optional<String> link) {}

  /**
   * What repeats on a screen or in a part of it, as records: items of lists, rows of tables, cards.
   * Those that say least (menus) come out like the others.
   */
  public static List<List<Field>> records(Screen screen, Optional<Node> within) {
    List<List<Field>> records = new ArrayList<>();
    within.map(List::of).orElse(screen.nodes()).forEach(n -> collect(n, records));
    return records;
  }

  private static void collect(Node node, List<List<Field>> records) {
    if (isRecord(node)) {
      List<Field> fields = new ArrayList<>();
      node.children().forEach(c -> fields(c, fields));
      if (!fields.isEmpty()) {
        records.add(List.copyOf(fields));
      }
      return;
    }
    node.children().forEach(c -> collect(c, records));
  }

  /** The innermost of what repeats. */
  private static boolean isRecord(Node node) {
    return (node.role() == Role.LISTITEM || node.role() == Role.ROW)
        && node.children().stream()
            .flatMap(Node::stream)
            .noneMatch(n -> n.role() == Role.LISTITEM || n.role() == Role.ROW);
  }

  private static void fields(Node node, List<Field> fields) {
    boolean says =
        !node.name().isBlank() && node.role() != Role.REGION && node.role() != Role.COMBOBOX;
    if (says) {
      Optional<String> link = node.role() == Role.LINK ? node.value() : Optional.empty();
      fields.add(new Field(node.role(), node.name(), link));
    }
    node.children().forEach(c -> fields(c, fields));
  }

  private static void add(Node node, List<String> lines) {
    switch (node.role()) {
      case ROW, LISTITEM -> {
        if (isRecord(node)) {
          List<Field> fields = new ArrayList<>();
          node.children().forEach(c -> fields(c, fields));
          String words =
              fields.isEmpty()
                  ? node.text()
                  : fields.stream().map(Reading::written).collect(Collectors.joining(" | "));
          lines.add((node.role() == Role.ROW ? "" : "- ") + words);
        } else {
          node.children().forEach(c -> add(c, lines));
        }
      }
      case HEADING -> lines.add("#".repeat(Math.clamp(level(node), 1, 6)) + " " + node.name());
      case TEXT -> lines.add(node.name());
      case LINK -> lines.add(written(new Field(Role.LINK, node.name(), node.value())));
      case IMAGE -> lines.add(node.name().isEmpty() ? "" : "[" + node.name() + "]");
      case TEXTBOX, COMBOBOX, SLIDER -> lines.add(node.name() + ": " + node.value().orElse(""));
      case WINDOW, DIALOG, MENU, TABLIST, NAV, LIST, TABLE, CELL, REGION, CANVAS ->
          node.children().forEach(c -> add(c, lines));
      case MENUITEM, TAB, BUTTON, CHECKBOX, RADIO, SWITCH -> lines.add(node.name());
    }
  }

  private static int level(Node heading) {
    return heading.value().filter(v -> v.matches("[1-6]")).map(Integer::parseInt).orElse(2);
  }

  private static String written(Field field) {
    return field.link().map(l -> field.text() + " <" + l + ">").orElse(field.text());
  }
}

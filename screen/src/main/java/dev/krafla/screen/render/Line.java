package dev.krafla.screen.render;

import dev.krafla.screen.Node;
import dev.krafla.screen.Role;
import dev.krafla.screen.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One line of a written screen.
 *
 * @param rank 0 is shown first when there is not room for all
 * @param canAct whether it offers something to act on
 */
record Line(String text, int rank, boolean canAct) {
  private static final int LONGEST_TEXT = 160;
  private static final int LONGEST_VALUE = 60;
  private static final int MOST_OPTIONS = 12;

  /** States that a model must know of; the others are what is usual. */
  private static final Set<State> TOLD =
      Set.of(
          State.FOCUSED,
          State.CHECKED,
          State.MIXED,
          State.SELECTED,
          State.EXPANDED,
          State.REQUIRED,
          State.INVALID,
          State.READONLY,
          State.BUSY,
          State.PROTECTED);

  /** The lines of a tree, in reading order. */
  static List<Line> of(List<Node> nodes) {
    List<Line> lines = new ArrayList<>();
    add(nodes, "", lines, false);
    return lines;
  }

  private static void add(List<Node> nodes, String prefix, List<Line> lines, boolean urgent) {
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      boolean labelOfNext =
          node.role() == Role.TEXT
              && i + 1 < nodes.size()
              && nodes.get(i + 1).interactive()
              && nodes.get(i + 1).name().equals(node.name());
      boolean labelOfLast =
          node.role() == Role.TEXT
              && i > 0
              && nodes.get(i - 1).interactive()
              && nodes.get(i - 1).name().equals(node.name());
      if (!labelOfNext && !labelOfLast) {
        add(node, i == 0 ? prefix : "", lines, urgent);
      }
    }
  }

  private static void add(Node node, String prefix, List<Line> lines, boolean urgent) {
    switch (node.role()) {
      case WINDOW -> add(node.children(), prefix, lines, urgent);
      case DIALOG, MENU -> {
        lines.add(line(node, prefix + node.role().word() + quoted(node.name()) + ":", true));
        add(node.children(), "", lines, true);
      }
      case LISTITEM, ROW -> {
        if (isPlain(node)) {
          String text = node.role() == Role.ROW ? cells(node) : node.text();
          lines.add(line(node, prefix + "- " + reference(node) + cut(text) + told(node), urgent));
        } else {
          if (node.interactive()) {
            lines.add(line(node, prefix + "- " + written(node), urgent));
            add(node.children(), "", lines, urgent);
          } else {
            add(node.children(), prefix + "- ", lines, urgent);
          }
        }
      }
      case REGION, NAV, LIST, TABLE, TABLIST, CELL -> {
        boolean say = node.interactive() && !node.frame().isEmpty() && node.role() == Role.REGION;
        boolean named = !node.name().isEmpty() && node.role() != Role.CELL;
        if (say || named || node.can(dev.krafla.screen.ActionKind.CLICK)) {
          lines.add(line(node, prefix + written(node) + ":", urgent));
          add(node.children(), "", lines, urgent);
        } else {
          add(node.children(), prefix, lines, urgent);
        }
      }
      case TEXT -> lines.add(line(node, prefix + cut(node.name()), urgent));
      case HEADING -> {
        lines.add(
            line(
                node,
                prefix + "# " + (node.interactive() ? written(node) : cut(node.name())),
                urgent));
        add(node.children(), "", lines, urgent);
      }
      case COMBOBOX -> lines.add(line(node, prefix + written(node) + options(node), urgent));
      case IMAGE -> {
        if (!node.name().isEmpty()) {
          lines.add(line(node, prefix + written(node), urgent));
        }
      }
      case MENUITEM, TAB, LINK, BUTTON, CHECKBOX, RADIO, SWITCH, TEXTBOX, SLIDER, CANVAS -> {
        lines.add(line(node, prefix + written(node), urgent));
        add(node.children(), "", lines, urgent);
      }
    }
  }

  private static boolean isPlain(Node node) {
    return node.children().stream().flatMap(Node::stream).noneMatch(Node::interactive);
  }

  private static String cells(Node row) {
    return row.children().stream().map(Node::text).collect(Collectors.joining(" | "));
  }

  private static Line line(Node node, String text, boolean urgent) {
    boolean act = node.interactive() && node.role() != Role.REGION;
    int place = node.is(State.OFFSCREEN) ? 4 : 0;
    int kind = act ? 0 : node.role() == Role.HEADING ? 1 : 2;
    return new Line(text, urgent ? 0 : place + kind, act);
  }

  /** As {@code e12 button "Send" focused}. */
  static String written(Node node) {
    var text = new StringBuilder(reference(node)).append(node.role().word());
    text.append(quoted(cut(node.name())));
    if (node.confidence() < 1 && !node.name().isEmpty()) {
      text.append('?');
    }
    boolean holds =
        switch (node.role()) {
          case TEXTBOX, COMBOBOX, SLIDER -> true;
          default -> false;
        };
    if (holds && node.value().isPresent()) {
      String value = node.value().get();
      text.append(" = ")
          .append(
              value.length() <= LONGEST_VALUE
                  ? value
                  : value.substring(0, LONGEST_VALUE - 1) + "…");
    }
    return text.append(told(node)).toString();
  }

  private static String reference(Node node) {
    return node.interactive() ? node.ref().shortForm() + " " : "";
  }

  private static String quoted(String name) {
    return name.isEmpty() ? "" : " \"" + name + "\"";
  }

  private static String told(Node node) {
    var states = new StringBuilder();
    for (State state : node.states()) {
      if (TOLD.contains(state)) {
        states.append(' ').append(state.name().toLowerCase(Locale.ROOT));
      }
    }
    if (node.is(State.OBSCURED)) {
      states.append(" covered");
    }
    if (node.role().interactive() && node.actions().isEmpty()) {
      states.append(" disabled");
    }
    return states.toString();
  }

  private static String options(Node combo) {
    List<String> names =
        combo.stream().filter(n -> n.role() == Role.LISTITEM).map(Node::name).toList();
    if (names.isEmpty()) {
      return "";
    }
    String shown =
        names.stream().limit(MOST_OPTIONS).map(Line::cut).collect(Collectors.joining(" | "));
    int more = names.size() - MOST_OPTIONS;
    return " (" + shown + (more > 0 ? " | … " + more + " more" : "") + ")";
  }

  private static String cut(String text) {
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT - 1) + "…";
  }
}

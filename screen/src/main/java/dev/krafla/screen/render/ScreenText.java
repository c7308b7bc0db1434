package dev.krafla.screen.render;

import dev.krafla.screen.ActionResult;
import dev.krafla.screen.Node;
import dev.krafla.screen.Observation;
import dev.krafla.screen.Ref;
import dev.krafla.screen.Role;
import dev.krafla.screen.Screen;
import dev.krafla.screen.ScreenDiff;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Screens as text for a model: what is on the screen first, what can be acted on before what is
 * only said, never more than a number of tokens. What there was no room for is counted where it
 * would stand; {@link #find} and {@link #expand} bring it.
 */
public final class ScreenText {
  private static final int MOST_CHANGES = 40;

  /** What the line that counts what is left out may cost. */
  private static final int COUNTED = 32;

  private final int budget;
  private final TokenCount tokens;

  /**
   * @param budget most tokens of one text
   */
  public ScreenText(int budget, TokenCount tokens) {
    if (budget < 60) {
      throw new IllegalArgumentException("a budget of " + budget + " tokens is too small; from 60");
    }
    this.budget = budget;
    this.tokens = tokens;
  }

  /** Within 1,200 tokens by estimate. */
  public static ScreenText standard() {
    return new ScreenText(1200, TokenCount.estimate());
  }

  /** A whole screen. */
  public String of(Screen screen) {
    return head(screen) + "\n" + fitted(Line.of(screen.nodes()), used(head(screen)));
  }

  /** As {@link #of(Screen)}, with tabs and downloads where there are any. */
  public String of(Observation seen) {
    var extra = new StringBuilder();
    if (seen.tabs().size() > 1) {
      extra.append("tabs:");
      for (Observation.Tab tab : seen.tabs()) {
        extra.append(tab.active() ? " [" : " ").append(tab.id()).append(' ').append(tab.title());
        extra.append(tab.active() ? "]" : "");
      }
      extra.append('\n');
    }
    seen.downloads()
        .forEach(d ->
            extra
                .append("download ")
                .append(d.name())
                .append(' ')
                .append(d.progress().name().toLowerCase(Locale.ROOT))
                .append('\n'));
    String head = head(seen.screen()) + "\n" + extra;
    return head + fitted(Line.of(seen.screen().nodes()), used(head));
  }

  private int used(String head) {
    return tokens.of(head) + COUNTED;
  }

  private static String head(Screen screen) {
    double below = screen.contentHeight() - screen.viewport().y() - screen.viewport().height();
    String scroll =
        (screen.viewport().y() > 1 ? " ↑%.0f".formatted(screen.viewport().y()) : "")
            + (below > 1 ? " ↓%.0f".formatted(below) : "");
    String url = screen.location();
    return "g%d \"%s\" %s%s"
        .formatted(
            screen.generation(),
            screen.title(),
            url.length() > 120 ? url.substring(0, 119) + "…" : url,
            scroll);
  }

  /** Lines that fit, best first, in reading order, with what is missing counted in its place. */
  private String fitted(List<Line> lines, int alreadyUsed) {
    int[] order =
        IntStream.range(0, lines.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> lines.get(i).rank()))
            .mapToInt(Integer::intValue)
            .toArray();
    BitSet chosen = new BitSet();
    int left = budget - alreadyUsed;
    for (int i : order) {
      int cost = tokens.of(lines.get(i).text()) + 1;
      if (cost <= left) {
        chosen.set(i);
        left -= cost;
      } else if (left < 12) {
        break;
      }
    }
    return written(lines, chosen);
  }

  /** Gaps cost tokens too: one in the middle is only told when it hides something to act on. */
  private static String written(List<Line> lines, BitSet chosen) {
    var text = new StringBuilder();
    int missing = 0;
    int actions = 0;
    for (int i = 0; i < lines.size(); i++) {
      if (chosen.get(i)) {
        text.append(lines.get(i).text()).append('\n');
      } else {
        missing++;
        actions += lines.get(i).canAct() ? 1 : 0;
      }
    }
    if (missing > 0) {
      text.append(
          "… %d lines more, %d to act on: find, read or scroll\n".formatted(missing, actions));
    }
    return text.toString();
  }

  /** What came of an action: outcome and difference, or the new screen when all is new. */
  public String of(ActionResult result) {
    var head = new StringBuilder(result.done() ? "done" : "not done");
    result.outcome().ifPresent(o -> head.append(' ').append(o));
    if (!result.message().isEmpty()) {
      head.append(": ").append(result.message());
    }
    head.append('\n');
    result.content().ifPresent(c -> head.append(limited(c)).append('\n'));
    ScreenDiff diff = result.diff();
    boolean allNew =
        diff.moved()
            || (diff.added().size() > MOST_CHANGES && diff.removed().size() > MOST_CHANGES);
    if (allNew) {
      return head + of(result.after());
    }
    List<Line> lines = new ArrayList<>();
    diff.changed().forEach(c -> lines.add(new Line("~ " + Line.written(c.after()), 0, true)));
    for (Node root : roots(diff.added())) {
      Line.of(List.of(root))
          .forEach(l -> lines.add(new Line("+ " + l.text(), 1 + l.rank(), l.canAct())));
    }
    if (!diff.removed().isEmpty()) {
      lines.add(new Line("− %d gone".formatted(diff.removed().size()), 1, false));
    }
    return head + fitted(lines, used(head.toString()));
  }

  /** Those that are not within another. */
  private static List<Node> roots(List<Node> nodes) {
    List<Node> roots = new ArrayList<>();
    java.util.Set<Ref> inside = new java.util.HashSet<>();
    for (Node node : nodes) {
      if (!inside.contains(node.ref())) {
        roots.add(node);
      }
      node.stream().forEach(n -> inside.add(n.ref()));
    }
    return roots;
  }

  private String limited(String text) {
    int most = budget * 3;
    return text.length() <= most ? text : text.substring(0, most) + "…";
  }

  /** All of a part of the screen, as far as the budget goes. */
  public String expand(Screen screen, Ref ref) {
    Optional<Node> node = screen.find(ref);
    return node.map(n -> fitted(Line.of(List.of(n)), COUNTED))
        .orElse(ref + " is not on this screen\n");
  }

  /** Nodes whose words hold all words of the query, best first, on or off the screen. */
  public String find(Screen screen, String query) {
    String wanted = query.strip().toLowerCase(Locale.ROOT);
    List<String> words = List.of(wanted.split("\\s+"));
    List<Node> found =
        screen.stream()
            .filter(n -> n.role() != Role.WINDOW)
            .filter(n -> holds(n, words))
            .sorted(Comparator.comparingInt(n -> distance(n, wanted)))
            .toList();
    if (found.isEmpty()) {
      return "nothing here says \"%s\"\n".formatted(query);
    }
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      lines.add(new Line(Line.written(found.get(i)), i, true));
    }
    return fitted(lines, COUNTED);
  }

  private static boolean holds(Node node, List<String> words) {
    String text = (node.name() + " " + node.value().orElse("")).toLowerCase(Locale.ROOT);
    return words.stream().allMatch(text::contains);
  }

  private static int distance(Node node, String wanted) {
    String name = node.name().toLowerCase(Locale.ROOT);
    int exact =
        name.equals(wanted) ? 0 : name.startsWith(wanted) ? 1 : name.contains(wanted) ? 2 : 3;
    return exact * 2 + (node.interactive() ? 0 : 1);
  }
}

package dev.krafla.screen.browser;

import dev.krafla.screen.Node;
import dev.krafla.screen.Role;
import dev.krafla.screen.Screen;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which number means which node. A number is given to one identity (frame, document, the browser's
 * own number) and never to another; what it was last seen as is remembered, so that a node that was
 * replaced by its like can be found again, and one that became something else is noticed.
 */
final class RefBook {
  private static final int MOST_REMEMBERED = 50_000;

  /** What a node is to the browser. */
  record Identity(String frame, String document, int backend) {}

  /**
   * What a number stood for when it was last seen.
   *
   * @param path roles and names of what it lies in
   * @param since the generation in which it began to be called this
   */
  record Seen(
      Identity identity, Role role, String name, boolean weak, String path, int since, int last) {}

  private final Map<Identity, Integer> numbers = new HashMap<>();
  private final LinkedHashMap<Integer, Seen> seen = new LinkedHashMap<>();
  private final Map<Integer, Identity> identities = new HashMap<>();
  private int next = 1;

  /** The identity's number, a new one the first time. */
  int number(Identity identity) {
    return numbers.computeIfAbsent(
        identity,
        k -> {
          identities.put(next, k);
          return next++;
        });
  }

  /** Remembers what is on a screen. */
  void note(Screen screen) {
    screen.nodes().forEach(root -> note(root, "", screen.generation()));
    while (seen.size() > MOST_REMEMBERED) {
      var oldest = seen.firstEntry();
      seen.remove(oldest.getKey());
      numbers.remove(oldest.getValue().identity());
      identities.remove(oldest.getKey());
    }
  }

  private void note(Node node, String path, int generation) {
    int number = node.ref().element();
    Identity identity = identities.get(number);
    if (identity != null) {
      Seen before = seen.remove(number);
      boolean same =
          before != null && before.role() == node.role() && before.name().equals(node.name());
      int since = before != null && same ? before.since() : generation;
      seen.put(
          number,
          new Seen(
              identity, node.role(), node.name(), node.confidence() < 1, path, since, generation));
    }
    String inner = path + "/" + node.role().word() + ":" + node.name();
    node.children().forEach(child -> note(child, inner, generation));
  }

  Optional<Seen> seen(int number) {
    return Optional.ofNullable(seen.get(number));
  }

  /**
   * Nodes of a screen that are what {@code lost} was: same role, same name, in the same place of
   * the tree.
   */
  List<Node> alike(Seen lost, Screen screen) {
    List<Node> found = new ArrayList<>();
    screen.nodes().forEach(root -> collect(lost, root, "", found));
    return found;
  }

  private static void collect(Seen lost, Node node, String path, List<Node> found) {
    if (node.role() == lost.role() && node.name().equals(lost.name()) && path.equals(lost.path())) {
      found.add(node);
    }
    String inner = path + "/" + node.role().word() + ":" + node.name();
    node.children().forEach(child -> collect(lost, child, inner, found));
  }
}

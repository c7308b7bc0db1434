package dev.krafla.image.scene;

import dev.krafla.image.InvalidScene;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;

/**
 * A picture before it is drawn. Nodes refer to strings by id, so nothing that writes a scene can
 * misspell them.
 *
 * @param colors tokens, {@code #RRGGBB} or {@code #RRGGBBAA}
 */
public record Scene(
    Canvas canvas,
    SequencedMap<String, Copy> strings,
    SequencedMap<String, String> colors,
    Plate plate,
    Node root,
    List<Rule> rules) {
  /** Most nodes of a scene. */
  public static final int MAX_NODES = 2_000;

  /** Deepest tree. */
  public static final int MAX_DEPTH = 32;

  public Scene {
    strings = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(strings));
    colors = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(colors));
    rules = List.copyOf(rules);
  }

  /** Every node, parents before children, in the order of drawing. */
  public List<Node> nodes() {
    var all = new ArrayList<Node>();
    walk(root, all::add);
    return all;
  }

  private static void walk(Node node, Consumer<Node> each) {
    each.accept(node);
    if (node instanceof Node.Group group) {
      group.children().forEach(child -> walk(child, each));
    }
  }

  /** Nodes by id. */
  public Map<String, Node> byId() {
    var map = new LinkedHashMap<String, Node>();
    nodes().forEach(node -> map.put(node.id(), node));
    return map;
  }

  /** The paragraphs of a text node, in order. */
  public List<Copy> copies(Node.Text text) {
    return text.strings().stream().map(this::copy).toList();
  }

  private Copy copy(String id) {
    Copy copy = strings.get(id);
    if (copy == null) {
      throw new InvalidScene("strings", "has no string '%s'".formatted(id));
    }
    return copy;
  }

  /** ARGB of a token or of {@code #RRGGBB[AA]}. */
  public int argb(String color) {
    String hex = colors.getOrDefault(color, color);
    if (!hex.matches("#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")) {
      throw new InvalidScene(
          "tokens.color",
          "'%s' is neither one of %s nor #RRGGBB"
              .formatted(color.substring(0, Math.min(40, color.length())), colors.keySet()));
    }
    int rgb = Integer.parseInt(hex.substring(1, 7), 16);
    int alpha =
        hex.length() == 9 ? Integer.parseInt(hex.substring(7).toLowerCase(Locale.ROOT), 16) : 255;
    return alpha << 24 | rgb;
  }

  public Scene withRoot(Node newRoot) {
    return new Scene(canvas, strings, colors, plate, newRoot, rules);
  }
}

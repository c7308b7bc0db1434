package dev.krafla.image.layout;

import dev.krafla.image.UnsolvableRules;
import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Rule;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.TextStyle;
import dev.krafla.image.text.SetText;
import dev.krafla.image.text.TextSetter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A scene to boxes: containers first, then the rules across the tree. Texts of one style get one
 * size, that of the one with the least room.
 */
public final class LayoutSolver {
  private final TextSetter setter;

  public LayoutSolver(TextSetter setter) {
    this.setter = setter;
  }

  /**
   * The layout of {@code scene}.
   *
   * @throws UnsolvableRules when required rules contradict each other
   * @throws dev.krafla.image.TextDoesNotFit when a text has too little room
   */
  public Layout solve(Scene scene) {
    FlexPass first = pass(scene, Map.of());
    Map<TextStyle, Double> caps = caps(scene, first);
    FlexPass flex = caps.isEmpty() ? first : pass(scene, caps);
    List<String> broken = List.of();
    if (!scene.rules().isEmpty()) {
      broken = applyRules(scene, flex);
    }
    return new Layout(scene, flex.boxes(), flex.texts(), broken);
  }

  private FlexPass pass(Scene scene, Map<TextStyle, Double> caps) {
    FlexPass pass = new FlexPass(scene, setter, caps);
    pass.place(scene.root(), scene.canvas().box(), 1);
    return pass;
  }

  /** Sizes of styles whose texts came out at different ones. */
  private static Map<TextStyle, Double> caps(Scene scene, FlexPass pass) {
    var least = new HashMap<TextStyle, Double>();
    var differing = new HashMap<TextStyle, Double>();
    for (Node node : scene.nodes()) {
      SetText set = pass.texts().get(node.id());
      if (node instanceof Node.Text text && set != null) {
        Double before = least.get(text.style());
        if (before != null && Math.abs(before - set.size()) > 0.01) {
          differing.put(text.style(), Math.min(before, set.size()));
        }
        least.merge(text.style(), set.size(), Math::min);
      }
    }
    differing.replaceAll((style, size) -> least.getOrDefault(style, size));
    return differing;
  }

  private static List<String> applyRules(Scene scene, FlexPass flex) {
    var fixed = new ArrayList<String>();
    for (Node node : scene.nodes()) {
      if (node.frame().box().isPresent()) {
        fixed.add(node.id());
      }
    }
    var solver = new RuleSolver(scene.canvas(), scene.rules(), fixed);
    Map<String, Box> before = new LinkedHashMap<>(flex.boxes());
    Map<String, Box> solved = solver.solve(before);
    Map<String, Node> byId = scene.byId();
    solved.forEach((id, box) -> {
      if (!box.equals(before.get(id))) {
        flex.place(java.util.Objects.requireNonNull(byId.get(id)), box, 1);
      }
    });
    List<String> broken = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    for (Rule rule : scene.rules()) {
      solver
          .violation(rule, flex.boxes())
          .ifPresent(v -> (rule.required() ? refused : broken).add(v));
    }
    if (!refused.isEmpty()) {
      throw new UnsolvableRules(refused);
    }
    return broken;
  }
}

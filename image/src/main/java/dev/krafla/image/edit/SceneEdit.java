package dev.krafla.image.edit;

import dev.krafla.image.InvalidScene;
import dev.krafla.image.layout.Layout;
import dev.krafla.image.scene.Box;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.SceneReader;
import dev.krafla.image.scene.SceneWriter;
import dev.krafla.image.scene.Skin;
import dev.krafla.image.text.SetText;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;

/** Changes of a scene, and the part of the picture that they touch. */
public final class SceneEdit {
  private SceneEdit() {}

  /**
   * The scene after {@code patch}, an RFC 6902 array.
   *
   * @throws InvalidScene when the patch cannot be applied, or leaves what is no scene
   */
  public static Scene patched(Scene scene, String patch) {
    ArrayNode operations;
    try {
      operations =
          (ArrayNode)
              Objects.requireNonNull(Json.parseObject("{\"patch\":" + patch + "}").get("patch"));
    } catch (InvalidBody | ClassCastException e) {
      throw new InvalidScene("patch", "must be a JSON array of operations", e);
    }
    return SceneReader.read(JsonPatch.apply(SceneWriter.tree(scene), operations));
  }

  /**
   * The rectangle outside of which two layouts look alike; empty where they do everywhere. Nodes
   * differ when they, their boxes, their texts or a colour that is named differ.
   */
  public static Optional<Box> dirty(Layout before, Layout after) {
    Box canvas = after.scene().canvas().box();
    if (!before.scene().plate().equals(after.scene().plate())
        || !before.scene().colors().equals(after.scene().colors())
        || !before.scene().canvas().equals(after.scene().canvas())) {
      return Optional.of(canvas);
    }
    Map<String, Node> old = before.scene().byId();
    Map<String, Node> now = after.scene().byId();
    Box dirty = null;
    for (String id : now.keySet()) {
      if (!same(id, before, after, old, now)) {
        dirty = joined(joined(dirty, extent(id, before, old)), extent(id, after, now));
      }
    }
    for (String id : old.keySet()) {
      if (!now.containsKey(id)) {
        dirty = joined(dirty, extent(id, before, old));
      }
    }
    boolean reordered =
        dirty == null && !before.scene().byId().keySet().equals(after.scene().byId().keySet());
    return reordered ? Optional.of(canvas) : Optional.ofNullable(dirty).map(b -> b.inset(-2));
  }

  private static boolean same(
      String id, Layout before, Layout after, Map<String, Node> old, Map<String, Node> now) {
    Node a = old.get(id);
    Node b = now.get(id);
    if (a == null || b == null || !Objects.equals(before.boxes().get(id), after.boxes().get(id))) {
      return false;
    }
    if (a instanceof Node.Group one && b instanceof Node.Group other) {
      return one.skin().equals(other.skin()); // children stand for themselves
    }
    if (a instanceof Node.Text one && b instanceof Node.Text other) {
      return one.style().equals(other.style())
          && Objects.equals(before.texts().get(id), after.texts().get(id))
          && before.scene().copies(one).equals(after.scene().copies(other));
    }
    return like(a, b);
  }

  /**
   * Leaves are alike when they are written alike: frames hold arrays, which only differ in kind.
   */
  private static boolean like(Node a, Node b) {
    return SceneWriter.leaf(a).equals(SceneWriter.leaf(b));
  }

  private static Optional<Box> extent(String id, Layout layout, Map<String, Node> nodes) {
    Box box = layout.boxes().get(id);
    Node node = nodes.get(id);
    if (box == null || node == null) {
      return Optional.empty();
    }
    SetText text = layout.texts().get(id);
    if (text != null) {
      // a scrim may reach 0.35 em beyond the ink
      return text.ink().map(ink -> ink.inset(-0.4 * text.size()));
    }
    Optional<Skin> skin =
        switch (node) {
          case Node.Group group -> group.skin();
          case Node.Shape shape -> Optional.of(shape.skin());
          case Node.Text _, Node.Icon _, Node.Chart _, Node.Picture _, Node.Slot _ ->
              Optional.empty();
        };
    double beyond =
        skin.map(s -> s.shadow() * 1.5 + s.strokeWidth()).orElse(0.0)
            + 0.2 * Math.min(box.width(), box.height());
    if (node instanceof Node.Group group && group.skin().isEmpty()) {
      return Optional.empty(); // nothing to be seen
    }
    return Optional.of(box.inset(-beyond));
  }

  private static @org.jspecify.annotations.Nullable Box joined(
      @org.jspecify.annotations.Nullable Box a, Optional<Box> b) {
    if (b.isEmpty()) {
      return a;
    }
    return a == null ? b.get() : a.union(b.get());
  }
}

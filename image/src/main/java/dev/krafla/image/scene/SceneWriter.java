package dev.krafla.image.scene;

import dev.krafla.wire.Json;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes what {@link SceneReader} reads; members with their usual value are left out. */
public final class SceneWriter {
  private SceneWriter() {}

  /** Compact text. */
  public static String write(Scene scene) {
    return Json.write(tree(scene));
  }

  public static ObjectNode tree(Scene scene) {
    ObjectNode top = Json.object();
    top.put("v", 1);
    ObjectNode canvas = top.putObject("canvas");
    canvas.put("w", scene.canvas().width()).put("h", scene.canvas().height());
    put(canvas, "margin", scene.canvas().margin(), 0);
    ObjectNode strings = top.putObject("strings");
    scene
        .strings()
        .forEach((id, copy) -> {
          ObjectNode s = strings.putObject(id).put("t", copy.text()).put("lang", copy.lang());
          if (copy.from() >= 0) {
            s.putArray("src").add(copy.from()).add(copy.to());
          }
        });
    ObjectNode colors = top.putObject("tokens").putObject("color");
    scene.colors().forEach(colors::put);
    ObjectNode plate = top.putObject("plate");
    plate.put("style", word(scene.plate().style()));
    strings(plate.putArray("colors"), scene.plate().colors());
    plate.put("seed", scene.plate().seed());
    top.set("root", node(scene.root()));
    ArrayNode rules = top.putArray("rules");
    for (Rule rule : scene.rules()) {
      ObjectNode r = rules.addObject();
      r.put("op", rule.op().word()).put("a", rule.a()).put("b", rule.b());
      put(r, "gap", rule.gap(), 0);
      r.put("strength", rule.required() ? "required" : "preferred");
    }
    return top;
  }

  /** One node alone, as the document has it. */
  public static ObjectNode leaf(Node node) {
    return node(node);
  }

  private static ObjectNode node(Node node) {
    ObjectNode n = Json.object();
    Frame frame = node.frame();
    n.put("id", frame.id());
    switch (node) {
      case Node.Group group -> group(n, group);
      case Node.Text text -> text(n, text);
      case Node.Shape shape -> {
        n.put("shape", word(shape.form()));
        n.set("skin", skin(shape.skin()));
      }
      case Node.Icon icon -> n.put("icon", icon.name()).put("color", icon.color());
      case Node.Chart chart -> {
        n.put("chart", word(chart.plot()));
        ArrayNode data = n.putArray("data");
        chart.data().forEach(d -> data.add(d.value()));
        strings(n.putArray("colors"), chart.colors());
      }
      case Node.Picture picture -> {
        n.put("picture", picture.source());
        put(n, "radius", picture.radius(), 0);
      }
      case Node.Slot slot -> {
        ObjectNode s = n.putObject("slot");
        s.put("prompt", slot.prompt()).put("count", slot.count()).put("seed", slot.seed());
        strings(s.putArray("control"), slot.controls());
      }
    }
    frame.box().ifPresent(t -> n.putArray("box").add(t[0]).add(t[1]).add(t[2]).add(t[3]));
    frame.width().ifPresent(w -> n.put("w", w));
    frame.height().ifPresent(h -> n.put("h", h));
    frame.aspect().ifPresent(a -> n.put("aspect", a));
    put(n, "grow", frame.grow(), 0);
    return n;
  }

  private static void group(ObjectNode n, Node.Group group) {
    n.put("flex", word(group.flex()));
    put(n, "gap", group.gap(), 0);
    if (group.padding().stream().anyMatch(p -> p != 0)) {
      ArrayNode pad = n.putArray("pad");
      group.padding().forEach(pad::add);
    }
    n.put("align", word(group.align())).put("justify", word(group.justify()));
    group.skin().ifPresent(s -> n.set("skin", skin(s)));
    ArrayNode kids = n.putArray("kids");
    group.children().forEach(child -> kids.add(node(child)));
  }

  private static void text(ObjectNode n, Node.Text text) {
    TextStyle s = text.style();
    strings(n.putArray("text"), text.strings());
    n.put("font", s.font()).put("weight", s.weight());
    n.putArray("fit").add(s.minSize()).add(s.maxSize());
    n.put("color", s.color()).put("align", word(s.align()));
    n.put("leading", s.lineHeight());
    put(n, "tracking", s.tracking(), 0);
    if (s.vertical()) {
      n.put("vertical", true);
    }
    put(n, "lines", s.maxLines(), 0);
    n.put("contrast", s.contrast());
  }

  private static ObjectNode skin(Skin skin) {
    ObjectNode s = Json.object();
    strings(s.putArray("fill"), skin.fill());
    put(s, "angle", skin.angle(), 90);
    put(s, "radius", skin.radius(), 0);
    skin.stroke().ifPresent(c -> s.put("stroke", c));
    put(s, "width", skin.strokeWidth(), 0);
    put(s, "shadow", skin.shadow(), 0);
    return s;
  }

  private static void strings(ArrayNode array, List<String> strings) {
    strings.forEach(array::add);
  }

  private static void put(ObjectNode n, String name, double value, double usual) {
    if (value != usual) {
      n.put(name, value);
    }
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}

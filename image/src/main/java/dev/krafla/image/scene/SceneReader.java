package dev.krafla.image.scene;

import dev.krafla.image.InvalidScene;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads scene documents, version 1. Strict: what it does not know is an error, as a misspelt field
 * would else change a picture in silence. Sizes, counts and depth are limited before memory is
 * taken.
 */
public final class SceneReader {
  /** Longest document, bytes. */
  public static final int MAX_BYTES = 4 << 20;

  private static final int MAX_STRINGS = 2_000;
  private static final int MAX_RULES = 2_000;
  private static final int MAX_COLORS = 256;
  private static final double MAX_PIXELS = 100_000;

  private final Set<String> ids = new HashSet<>();
  private final Set<String> strings;

  private SceneReader(Set<String> strings) {
    this.strings = strings;
  }

  /**
   * The scene of {@code json}.
   *
   * @throws InvalidScene when it is malformed or beyond a limit
   */
  public static Scene read(byte[] json) {
    if (json.length > MAX_BYTES) {
      throw new InvalidScene(
          "", "the document has %d bytes; at most %d are read".formatted(json.length, MAX_BYTES));
    }
    try {
      return read(Json.parseObject(json));
    } catch (InvalidBody e) {
      throw new InvalidScene("", e.getMessage() == null ? "no JSON" : e.getMessage(), e);
    }
  }

  /** As {@link #read(byte[])}. */
  public static Scene read(ObjectNode json) {
    Strict top = new Strict(json, "");
    top.only("$schema", "v", "canvas", "strings", "tokens", "plate", "root", "rules");
    if (top.number("v", 1, 0, 1e9) != 1) {
      throw new InvalidScene("v", "must be 1, the only version so far");
    }
    Canvas canvas = canvas(top.object("canvas"));
    var strings = new LinkedHashMap<String, Copy>();
    top.members("strings", MAX_STRINGS, (id, s) -> strings.put(id, copy(s)));
    var colors = new LinkedHashMap<String, String>();
    Optional<Strict> tokens = top.optional("tokens");
    if (tokens.isPresent()) {
      tokens.get().only("color");
      tokens.get().texts("color", MAX_COLORS, colors::put);
    }
    Plate plate =
        top.optional("plate")
            .map(SceneReader::plate)
            .orElse(new Plate(Plate.Style.FLAT, List.of("#FFFFFF"), 0));
    var reader = new SceneReader(strings.keySet());
    Node root = reader.node(top.object("root"), 0);
    var rules = new ArrayList<Rule>();
    top.each("rules", MAX_RULES, r -> rules.add(reader.rule(r)));
    Scene scene = new Scene(canvas, strings, colors, plate, root, rules);
    colors.values().forEach(scene::argb);
    plate.colors().forEach(scene::argb);
    return scene;
  }

  private static Canvas canvas(Strict c) {
    c.only("w", "h", "margin");
    int w = (int) c.number("w", 0, 1, Canvas.MAX_SIDE);
    int h = (int) c.number("h", 0, 1, Canvas.MAX_SIDE);
    return new Canvas(w, h, c.number("margin", 0, 0, Canvas.MAX_SIDE));
  }

  private static Copy copy(Strict s) {
    s.only("t", "lang", "src");
    String text = s.string("t", Copy.MAX_LENGTH);
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if ((Character.isISOControl(c) && c != '\n') || Character.getType(c) == Character.SURROGATE) {
        throw new InvalidScene(
            s.path("t"), "has U+%04X at %d, which cannot be drawn".formatted(c, i));
      }
    }
    List<Double> src = s.numbers("src", 2, -1, Integer.MAX_VALUE);
    String lang = s.optionalString("lang").orElseGet(() -> Languages.of(text));
    return src.isEmpty()
        ? Copy.of(text, lang)
        : new Copy(text, lang, src.get(0).intValue(), src.get(1).intValue());
  }

  private static Plate plate(Strict p) {
    p.only("style", "colors", "seed");
    return new Plate(
        p.choice("style", Plate.Style.class, Plate.Style.FLAT),
        p.strings("colors", 16),
        (long) p.number("seed", 0, 0, 1L << 53));
  }

  private Node node(Strict n, int depth) {
    if (depth > Scene.MAX_DEPTH) {
      throw new InvalidScene(
          n.path(), "is %d deep; trees are at most %d deep".formatted(depth, Scene.MAX_DEPTH));
    }
    Frame frame = frame(n);
    if (!ids.add(frame.id())) {
      throw new InvalidScene(n.path("id"), "'%s' is used twice".formatted(frame.id()));
    }
    if (ids.size() > Scene.MAX_NODES) {
      throw new InvalidScene("root", "has more than %d nodes".formatted(Scene.MAX_NODES));
    }
    return switch (n.kind("flex", "text", "shape", "icon", "chart", "picture", "slot")) {
      case "flex" -> group(n, frame, depth);
      case "text" -> text(n, frame);
      case "shape" -> {
        n.also("skin");
        yield new Node.Shape(
            frame,
            n.choice("shape", Node.Form.class, Node.Form.RECT),
            n.optional("skin").map(SceneReader::skin).orElse(Skin.of()));
      }
      case "icon" -> {
        n.also("color");
        yield new Node.Icon(frame, n.string("icon", 64), n.optionalString("color").orElse("ink"));
      }
      case "chart" -> {
        n.also("data", "colors");
        List<Node.Datum> data =
            n.numbers("data", 0, -1e12, 1e12).stream().map(Node.Datum::new).toList();
        yield new Node.Chart(
            frame,
            n.choice("chart", Node.Plot.class, Node.Plot.COLUMNS),
            data,
            n.strings("colors", 64));
      }
      case "picture" -> {
        n.also("radius");
        yield new Node.Picture(
            frame, n.string("picture", 4096), n.number("radius", 0, 0, MAX_PIXELS));
      }
      default -> slot(n, frame);
    };
  }

  private static Frame frame(Strict n) {
    String id = n.string("id", 128);
    List<Double> box = n.numbers("box", 4, -1000, 2000);
    Optional<double[]> place = Optional.empty();
    if (!box.isEmpty()) {
      double[] t = box.stream().mapToDouble(Double::doubleValue).toArray();
      if (t[0] >= t[2] || t[1] >= t[3]) {
        throw new InvalidScene(
            n.path("box"), "is %s; it is [y0, x0, y1, x1] with y0 < y1, x0 < x1".formatted(box));
      }
      place = Optional.of(t);
    }
    return new Frame(
        id,
        place,
        n.optionalNumber("w", 0, MAX_PIXELS),
        n.optionalNumber("h", 0, MAX_PIXELS),
        n.number("grow", 0, 0, 1000),
        n.optionalNumber("aspect", 0.01, 100));
  }

  private Node group(Strict n, Frame frame, int depth) {
    n.also("gap", "pad", "align", "justify", "skin", "kids");
    List<Double> pad = n.numbers("pad", 4, 0, MAX_PIXELS);
    var kids = new ArrayList<Node>();
    n.each("kids", Scene.MAX_NODES, k -> kids.add(node(k, depth + 1)));
    return new Node.Group(
        frame,
        n.choice("flex", Flex.class, Flex.COL),
        n.number("gap", 0, 0, MAX_PIXELS),
        pad.isEmpty() ? List.of(0.0, 0.0, 0.0, 0.0) : pad,
        n.choice("align", Align.class, Align.STRETCH),
        n.choice("justify", Align.class, Align.START),
        n.optional("skin").map(SceneReader::skin),
        kids);
  }

  private Node text(Strict n, Frame frame) {
    n.also(
        "font",
        "weight",
        "fit",
        "color",
        "align",
        "leading",
        "tracking",
        "vertical",
        "lines",
        "contrast");
    List<String> ids = n.strings("text", 256);
    for (String id : ids) {
      if (!strings.contains(id)) {
        throw new InvalidScene(
            n.path("text"), "refers to '%s', which is not in the string table".formatted(id));
      }
    }
    List<Double> fit = n.numbers("fit", 2, 1, 4000);
    double min = fit.isEmpty() ? 14 : fit.get(0);
    double max = fit.isEmpty() ? 64 : fit.get(1);
    if (min > max) {
      throw new InvalidScene(n.path("fit"), "is %s; it is [smallest, largest]".formatted(fit));
    }
    return new Node.Text(
        frame,
        ids,
        new TextStyle(
            n.optionalString("font").orElse("sans"),
            (int) n.number("weight", 400, 100, 900),
            min,
            max,
            n.optionalString("color").orElse("ink"),
            n.choice("align", Align.class, Align.START),
            n.number("leading", 1.3, 0.5, 5),
            n.number("tracking", 0, -200, 2000),
            n.flag("vertical"),
            (int) n.number("lines", 0, 0, 1000),
            n.number("contrast", max >= 48 ? 3 : 4.5, 0, 21)));
  }

  private static Node slot(Strict n, Frame frame) {
    Strict s = n.object("slot");
    s.only("prompt", "count", "seed", "control");
    return new Node.Slot(
        frame,
        s.string("prompt", 2_000),
        (int) s.number("count", 1, 1, 64),
        (long) s.number("seed", 0, 0, 1L << 53),
        s.strings("control", 8));
  }

  private static Skin skin(Strict s) {
    s.only("fill", "angle", "radius", "stroke", "width", "shadow");
    return new Skin(
        s.strings("fill", 8),
        s.number("angle", 90, -360, 360),
        s.number("radius", 0, 0, MAX_PIXELS),
        s.optionalString("stroke"),
        s.number("width", 0, 0, MAX_PIXELS),
        s.number("shadow", 0, 0, 500));
  }

  private Rule rule(Strict r) {
    r.only("op", "a", "b", "gap", "strength");
    String word = r.string("op", 32);
    Rule.Op op = null;
    for (Rule.Op each : Rule.Op.values()) {
      if (each.word().equals(word)) {
        op = each;
      }
    }
    if (op == null) {
      throw new InvalidScene(r.path("op"), "is '%s', which is no relation".formatted(word));
    }
    String strength = r.optionalString("strength").orElse("required").toLowerCase(Locale.ROOT);
    if (!strength.equals("required") && !strength.equals("preferred")) {
      throw new InvalidScene(r.path("strength"), "must be required or preferred");
    }
    return new Rule(
        op,
        node(r, "a", false),
        node(r, "b", true),
        r.number("gap", 0, 0, MAX_PIXELS),
        strength.equals("required"));
  }

  private String node(Strict r, String name, boolean canvasToo) {
    String id = r.string(name, 128);
    if (!ids.contains(id) && !(canvasToo && id.equals("canvas"))) {
      throw new InvalidScene(r.path(name), "is '%s', which is no node".formatted(id));
    }
    return id;
  }
}

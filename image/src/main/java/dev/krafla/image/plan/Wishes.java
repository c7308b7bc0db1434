package dev.krafla.image.plan;

import dev.krafla.image.InvalidScene;
import dev.krafla.image.scene.Align;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Frame;
import dev.krafla.image.scene.Node;
import dev.krafla.image.scene.Rule;
import dev.krafla.image.scene.Scene;
import dev.krafla.image.scene.TextStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a prompt fixes in so many words, taken over as it stands: places in thousandths of the
 * canvas, {@code [y0, x0, y1, x1]}, of quoted texts and of objects; how many objects; which text
 * stands left of, right of, above or below which; the colour of the ground.
 */
final class Wishes {
  private static final String NUMBER = "\\s*(\\d{1,4}(?:\\.\\d+)?)\\s*";
  private static final Pattern PLACE =
      Pattern.compile("\\[" + NUMBER + "," + NUMBER + "," + NUMBER + "," + NUMBER + "\\]");

  /** What may stand between a thing and its place. */
  private static final Pattern LINK =
      Pattern.compile("[”\"」』»]?\\s*(?:is\\s+)?(?:placed\\s+)?(?:at|in|within|位于|在)?\\s*:?\\s*$");

  private static final Pattern RELATION =
      Pattern.compile(
          "[”\"」』»]?\\s*(?:is\\s+|stands\\s+|placed\\s+)?(?:to the\\s+)?"
              + "(left of|right of|above|below|在左边|在右边|在上方|在下方)\\s*[“\"「『«]?$",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern GROUND =
      Pattern.compile(
          "(#[0-9a-fA-F]{6}|[a-z]+|[\\p{IsHan}]{1,2}色)\\s*(?:background|背景)|background\\s*(?:colou?r)?\\s*(?:of|is|:|in)?\\s*(#[0-9a-fA-F]{6})",
          Pattern.CASE_INSENSITIVE);

  private static final Map<String, String> COLORS =
      Map.ofEntries(
          Map.entry("red", "#C62828"), Map.entry("红色", "#C62828"),
          Map.entry("blue", "#1E4FD8"), Map.entry("蓝色", "#1E4FD8"),
          Map.entry("navy", "#0F1F44"), Map.entry("green", "#1F6B45"),
          Map.entry("绿色", "#1F6B45"), Map.entry("yellow", "#FBD34D"),
          Map.entry("黄色", "#FBD34D"), Map.entry("orange", "#F08A24"),
          Map.entry("橙色", "#F08A24"), Map.entry("purple", "#5B2A9D"),
          Map.entry("紫色", "#5B2A9D"), Map.entry("pink", "#F6B6CB"),
          Map.entry("粉色", "#F6B6CB"), Map.entry("black", "#121212"),
          Map.entry("黑色", "#121212"), Map.entry("white", "#FFFFFF"),
          Map.entry("白色", "#FFFFFF"), Map.entry("grey", "#E3E3E6"),
          Map.entry("gray", "#E3E3E6"), Map.entry("灰色", "#E3E3E6"));

  private static final List<String> COUNTS =
      List.of(
          "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten");
  private static final String HAN_COUNTS = "零一二三四五六七八九十";

  private Wishes() {}

  /** The ground's colour, {@code #RRGGBB}, if the prompt names it. */
  static Optional<String> ground(String prompt) {
    Matcher m = GROUND.matcher(prompt);
    while (m.find()) {
      String word = (m.group(1) == null ? m.group(2) : m.group(1)).toLowerCase(Locale.ROOT);
      if (word.startsWith("#")) {
        return Optional.of(word.toUpperCase(Locale.ROOT));
      }
      if (COLORS.containsKey(word)) {
        return Optional.ofNullable(COLORS.get(word));
      }
    }
    return Optional.empty();
  }

  /** {@code scene} with what {@code prompt} fixes. */
  static Scene granted(String prompt, Scene scene) {
    var placed = new ArrayList<Node>();
    Node root = scene.root();
    Matcher m = PLACE.matcher(prompt);
    while (m.find()) {
      double[] t = new double[4];
      for (int i = 0; i < 4; i++) {
        t[i] = Double.parseDouble(m.group(i + 1));
      }
      if (t[0] >= t[2] || t[1] >= t[3] || t[2] > 1000 || t[3] > 1000) {
        throw new InvalidScene(
            "prompt",
            "asks for the place %s; it is [y0, x0, y1, x1] in thousandths, y0 < y1, x0 < x1"
                .formatted(m.group()));
      }
      String before = prompt.substring(0, m.start());
      Optional<Node.Text> text = quotedBefore(before, scene);
      if (text.isPresent()) {
        root = without(root, text.get().id());
        placed.add(fixed(text.get(), t, scene));
      } else {
        placed.add(slot(before, t, placed.size()));
      }
    }
    List<Rule> rules = relations(prompt, scene);
    double half = scene.canvas().safe().width() * 0.46;
    for (Rule rule : rules) {
      if (rule.op() == Rule.Op.LEFT_OF || rule.op() == Rule.Op.RIGHT_OF) {
        root = narrowed(narrowed(root, rule.a(), half), rule.b(), half);
      }
    }
    if (placed.isEmpty() && rules.isEmpty()) {
      return scene;
    }
    if (!placed.isEmpty() && root instanceof Node.Group group) {
      var kids = new ArrayList<Node>(group.children());
      kids.addAll(placed);
      root =
          new Node.Group(
              group.frame(),
              group.flex(),
              group.gap(),
              group.padding(),
              group.align(),
              group.justify(),
              group.skin(),
              kids);
    }
    return new Scene(scene.canvas(), scene.strings(), scene.colors(), scene.plate(), root, rules);
  }

  private static Node fixed(Node.Text text, double[] t, Scene scene) {
    double height = (t[2] - t[0]) * scene.canvas().height() / 1000;
    TextStyle style = text.style();
    double max = Math.max(style.minSize(), height);
    return new Node.Text(
        Frame.of(text.id()).at(t[0], t[1], t[2], t[3]),
        text.strings(),
        style.sizes(Math.min(14, style.minSize()), max).align(Align.CENTER));
  }

  private static Node slot(String before, double[] t, int n) {
    int from =
        Math.max(
            before.lastIndexOf(','), Math.max(before.lastIndexOf('.'), before.lastIndexOf(']')));
    from = Math.max(from, Math.max(before.lastIndexOf('，'), before.lastIndexOf('。')));
    String what = LINK.matcher(before.substring(from + 1)).replaceFirst("").strip();
    String prompt = what.isEmpty() ? "object" : what.substring(Math.max(0, what.length() - 200));
    return new Node.Slot(
        Frame.of("slot" + (n + 1)).at(t[0], t[1], t[2], t[3]),
        prompt,
        count(prompt),
        0,
        List.of("edge", "depth"));
  }

  /** The first count that a description names; one where it names none. */
  static int count(String what) {
    Matcher digits = Pattern.compile("(?<![\\w.])(\\d{1,2})(?![\\w.])").matcher(what);
    if (digits.find()) {
      return Math.clamp(Integer.parseInt(digits.group(1)), 1, 64);
    }
    String lower = what.toLowerCase(Locale.ROOT);
    for (int i = 1; i < COUNTS.size(); i++) {
      if (Words.count(lower, COUNTS.get(i)) > 0) {
        return i;
      }
    }
    Matcher han = Pattern.compile("([一二三四五六七八九十两])[个只朵颗杯把张条匹辆本棵]").matcher(what);
    return han.find()
        ? Math.max(1, han.group(1).equals("两") ? 2 : HAN_COUNTS.indexOf(han.group(1)))
        : 1;
  }

  private static Optional<Node.Text> quotedBefore(String before, Scene scene) {
    return textOf(
        scene,
        copy ->
            copy.to() > 0
                && copy.to() <= before.length()
                && LINK.matcher(before).region(copy.to(), before.length()).matches());
  }

  private static Optional<Node.Text> textOf(Scene scene, java.util.function.Predicate<Copy> is) {
    return scene.nodes().stream()
        .filter(Node.Text.class::isInstance)
        .map(Node.Text.class::cast)
        .filter(text -> scene.copies(text).stream().anyMatch(is))
        .findFirst();
  }

  /** Rules for quoted texts between which nothing stands but a relation. */
  private static List<Rule> relations(String prompt, Scene scene) {
    var rules = new ArrayList<Rule>();
    List<Copy> copies =
        scene.strings().values().stream()
            .filter(c -> c.from() >= 0)
            .sorted(java.util.Comparator.comparingInt(Copy::from))
            .toList();
    for (int i = 1; i < copies.size(); i++) {
      Copy a = copies.get(i - 1);
      Copy b = copies.get(i);
      Matcher m = RELATION.matcher(prompt.substring(a.to(), b.from()));
      if (m.matches()) {
        String one = textOf(scene, a::equals).orElseThrow().id();
        String other = textOf(scene, b::equals).orElseThrow().id();
        rules.add(new Rule(op(m.group(1)), one, other, 0, true));
      }
    }
    return rules;
  }

  private static Rule.Op op(String words) {
    return switch (words.toLowerCase(Locale.ROOT)) {
      case "left of", "在左边" -> Rule.Op.LEFT_OF;
      case "right of", "在右边" -> Rule.Op.RIGHT_OF;
      case "above", "在上方" -> Rule.Op.ABOVE;
      default -> Rule.Op.BELOW;
    };
  }

  /** Two texts can only stand side by side when neither takes the whole width. */
  private static Node narrowed(Node node, String id, double width) {
    return switch (node) {
      case Node.Text text when text.id().equals(id) ->
          new Node.Text(text.frame().width(width), text.strings(), text.style());
      case Node.Group group ->
          new Node.Group(
              group.frame(),
              group.flex(),
              group.gap(),
              group.padding(),
              group.align(),
              group.justify(),
              group.skin(),
              group.children().stream().map(child -> narrowed(child, id, width)).toList());
      case Node.Text _, Node.Shape _, Node.Icon _, Node.Chart _, Node.Picture _, Node.Slot _ ->
          node;
    };
  }

  private static Node without(Node node, String id) {
    if (!(node instanceof Node.Group group)) {
      return node;
    }
    var kids = new ArrayList<Node>();
    for (Node child : group.children()) {
      Node left = without(child, id);
      boolean emptied =
          left instanceof Node.Group now
              && now.children().isEmpty()
              && child instanceof Node.Group before
              && !before.children().isEmpty();
      if (!child.id().equals(id) && !emptied) {
        kids.add(left);
      }
    }
    return new Node.Group(
        group.frame(),
        group.flex(),
        group.gap(),
        group.padding(),
        group.align(),
        group.justify(),
        group.skin(),
        kids);
  }
}

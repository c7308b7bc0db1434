package dev.krafla.image.scene;

import dev.krafla.image.InvalidScene;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reading of one JSON object in which every member must be known and within its limits. */
final class Strict {
  /** Members that every node of the tree may have. */
  private static final Set<String> OF_A_NODE = Set.of("id", "box", "w", "h", "grow", "aspect");

  private final ObjectNode node;
  private final String path;
  private final Set<String> known = new HashSet<>();

  Strict(ObjectNode node, String path) {
    this.node = node;
    this.path = path;
  }

  String path() {
    return path;
  }

  String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** Refuses members of other names. */
  void only(String... names) {
    known.addAll(List.of(names));
    for (String name : node.propertyNames()) {
      if (!known.contains(name)) {
        throw new InvalidScene(
            path(name.substring(0, Math.min(40, name.length()))),
            "is unknown here; known are %s".formatted(known.stream().sorted().toList()));
      }
    }
  }

  /** The one of {@code kinds} that this node of the tree has. */
  String kind(String... kinds) {
    String found = null;
    for (String kind : kinds) {
      if (node.has(kind)) {
        if (found != null) {
          throw new InvalidScene(path, "has both '%s' and '%s'".formatted(found, kind));
        }
        found = kind;
      }
    }
    if (found == null) {
      throw new InvalidScene(path, "is no node: it has none of %s".formatted(List.of(kinds)));
    }
    known.add(found);
    if (found.equals("slot")) {
      also();
    }
    return found;
  }

  /** Allows these besides what every node has, and nothing else. */
  void also(String... names) {
    known.addAll(OF_A_NODE);
    only(names);
  }

  private @Nullable JsonNode get(String name) {
    JsonNode value = node.get(name);
    return value == null || value.isNull() ? null : value;
  }

  String string(String name, int maxLength) {
    JsonNode value = get(name);
    if (value == null || !value.isString()) {
      throw new InvalidScene(path(name), value == null ? "is missing" : "must be a string");
    }
    String text = value.stringValue();
    if (text.length() > maxLength) {
      throw new InvalidScene(
          path(name), "has %d characters; at most %d fit".formatted(text.length(), maxLength));
    }
    return text;
  }

  Optional<String> optionalString(String name) {
    return get(name) == null ? Optional.empty() : Optional.of(string(name, 256));
  }

  double number(String name, double otherwise, double min, double max) {
    return optionalNumber(name, min, max).orElse(otherwise);
  }

  OptionalDouble optionalNumber(String name, double min, double max) {
    JsonNode value = get(name);
    return value == null
        ? OptionalDouble.empty()
        : OptionalDouble.of(number(value, path(name), min, max));
  }

  private static double number(JsonNode value, String at, double min, double max) {
    if (!value.isNumber()) {
      throw new InvalidScene(at, "must be a number");
    }
    double number = value.doubleValue();
    if (!(number >= min && number <= max)) {
      throw new InvalidScene(at, "is %s; it is from %s to %s".formatted(number, min, max));
    }
    return number;
  }

  boolean flag(String name) {
    JsonNode value = get(name);
    if (value != null && !value.isBoolean()) {
      throw new InvalidScene(path(name), "must be true or false");
    }
    return value != null && value.booleanValue();
  }

  <E extends Enum<E>> E choice(String name, Class<E> of, E otherwise) {
    if (get(name) == null) {
      return otherwise;
    }
    String word = string(name, 64);
    for (E constant : of.getEnumConstants()) {
      if (constant.name().toLowerCase(Locale.ROOT).equals(word)) {
        return constant;
      }
    }
    throw new InvalidScene(
        path(name),
        "is '%s'; it is one of %s"
            .formatted(word, List.of(of.getEnumConstants()).toString().toLowerCase(Locale.ROOT)));
  }

  /** {@code count} numbers, any number of them for 0; none when absent. */
  List<Double> numbers(String name, int count, double min, double max) {
    var out = new ArrayList<Double>();
    elements(name, 10_000, (value, at) -> out.add(number(value, at, min, max)));
    if (count > 0 && !out.isEmpty() && out.size() != count) {
      throw new InvalidScene(path(name), "has %d numbers, not %d".formatted(out.size(), count));
    }
    return List.copyOf(out);
  }

  List<String> strings(String name, int most) {
    var out = new ArrayList<String>();
    elements(
        name,
        most,
        (value, at) -> {
          if (!value.isString() || value.stringValue().length() > 256) {
            throw new InvalidScene(at, "must be a string of at most 256 characters");
          }
          out.add(value.stringValue());
        });
    return List.copyOf(out);
  }

  Strict object(String name) {
    return optional(name).orElseThrow(() -> new InvalidScene(path(name), "is missing"));
  }

  Optional<Strict> optional(String name) {
    JsonNode value = get(name);
    return value == null ? Optional.empty() : Optional.of(of(value, path(name)));
  }

  void each(String name, int most, Consumer<Strict> each) {
    elements(name, most, (value, at) -> each.accept(of(value, at)));
  }

  /** Members of the object {@code name} that are objects themselves. */
  void members(String name, int most, BiConsumer<String, Strict> each) {
    for (var e : limited(name, most).properties()) {
      each.accept(e.getKey(), of(e.getValue(), path(name) + "." + e.getKey()));
    }
  }

  /** Members of the object {@code name} that are strings. */
  void texts(String name, int most, BiConsumer<String, String> each) {
    ObjectNode object = limited(name, most);
    Strict inside = new Strict(object, path(name));
    for (String key : object.propertyNames()) {
      each.accept(key, inside.string(key, 64));
    }
  }

  private ObjectNode limited(String name, int most) {
    JsonNode value = get(name);
    if (value == null) {
      return dev.krafla.wire.Json.object();
    }
    ObjectNode object = of(value, path(name)).node;
    if (object.size() > most) {
      throw new InvalidScene(
          path(name), "has %d members; at most %d fit".formatted(object.size(), most));
    }
    return object;
  }

  private void elements(String name, int most, BiConsumer<JsonNode, String> each) {
    JsonNode value = get(name);
    if (value == null) {
      return;
    }
    if (!(value instanceof ArrayNode array)) {
      throw new InvalidScene(path(name), "must be an array");
    }
    if (array.size() > most) {
      throw new InvalidScene(
          path(name), "has %d elements; at most %d fit".formatted(array.size(), most));
    }
    for (int i = 0; i < array.size(); i++) {
      each.accept(array.get(i), path(name) + "[" + i + "]");
    }
  }

  private static Strict of(JsonNode value, String at) {
    if (value instanceof ObjectNode object) {
      return new Strict(object, at);
    }
    throw new InvalidScene(at, "must be an object");
  }
}

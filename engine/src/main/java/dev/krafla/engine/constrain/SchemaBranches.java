package dev.krafla.engine.constrain;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;

/** What can be told of schemas without compiling them: the types they allow, and disjointness. */
final class SchemaBranches {
  private static final int MAX_REFERENCES = 32;
  private static final int MAX_EXCLUSIVE = 500;
  private static final Set<String> ALL_TYPES =
      Set.of("string", "number", "boolean", "null", "object", "array");

  private SchemaBranches() {}

  /** The schema that {@code #…} points to; a missing node if there is none. */
  static JsonNode at(JsonNode root, String pointer) {
    return root.at(JsonPointer.compile(pointer.substring(1)));
  }

  /**
   * Whether {@code branch} allows values of {@code types} only.
   *
   * @param root of the document, for references
   */
  static boolean within(JsonNode branch, Set<String> types, JsonNode root) {
    Set<String> own = typesOf(branch, root);
    return own.stream()
        .allMatch(t -> types.contains(t) || (t.equals("integer") && types.contains("number")));
  }

  /** Refuses a {@code oneOf} unless no value can match two of its branches. */
  static void requireDisjoint(JsonNode root, List<JsonNode> branches, String path) {
    if (branches.size() > MAX_EXCLUSIVE) {
      throw SchemaCompiler.refuse(
          path,
          "has oneOf of %d branches; at most %d are compared, use anyOf"
              .formatted(branches.size(), MAX_EXCLUSIVE));
    }
    List<JsonNode> resolved = branches.stream().map(b -> resolve(b, root)).toList();
    List<Set<String>> types = branches.stream().map(b -> simplified(b, root)).toList();
    for (int i = 0; i < branches.size(); i++) {
      for (int j = i + 1; j < branches.size(); j++) {
        JsonNode a = resolved.get(i);
        JsonNode b = resolved.get(j);
        if (!Collections.disjoint(types.get(i), types.get(j))
            && !disjointValues(a, b)
            && !disjointMembers(a, b, root)) {
          throw SchemaCompiler.refuse(
              path,
              "has oneOf whose branches %d and %d may both match, which cannot be enforced; use anyOf, or give them a required property with different const values"
                  .formatted(i, j));
        }
      }
    }
  }

  private static JsonNode resolve(JsonNode s, JsonNode root) {
    JsonNode at = s;
    for (int i = 0; i < MAX_REFERENCES && at.path("$ref").isString(); i++) {
      String pointer = at.path("$ref").stringValue();
      if (!pointer.equals("#") && !pointer.startsWith("#/")) {
        return at;
      }
      at = at(root, pointer);
    }
    return at;
  }

  private static Set<String> typesOf(JsonNode s, JsonNode root) {
    return typesOf(s, root, Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  /** {@code seen}: schemas on the way; one that comes back to itself adds nothing. */
  private static Set<String> typesOf(JsonNode reference, JsonNode root, Set<JsonNode> seen) {
    JsonNode s = resolve(reference, root);
    if (!seen.add(s)) {
      return Set.of();
    }
    var types = new TreeSet<String>();
    if (s.has("const")) {
      types.add(typeOf(s.path("const")));
    } else if (s.path("enum").isArray()) {
      s.path("enum").values().forEach(v -> types.add(typeOf(v)));
    } else if (s.has("type")) {
      types.addAll(SchemaCompiler.types(s, ""));
    } else if (s.has("anyOf")) {
      s.path("anyOf").values().forEach(b -> types.addAll(typesOf(b, root, seen)));
    } else {
      types.addAll(SchemaCompiler.impliedTypes(s));
    }
    if (s.path("nullable").booleanValue(false)) {
      types.add("null");
    }
    return types.isEmpty() ? ALL_TYPES : types;
  }

  private static String typeOf(JsonNode v) {
    return switch (v.getNodeType()) {
      case STRING -> "string";
      case NUMBER -> "number";
      case BOOLEAN -> "boolean";
      case OBJECT -> "object";
      case ARRAY -> "array";
      default -> "null";
    };
  }

  private static Set<String> simplified(JsonNode s, JsonNode root) {
    return typesOf(s, root).stream()
        .map(t -> t.equals("integer") ? "number" : t)
        .collect(Collectors.toSet());
  }

  private static boolean disjointValues(JsonNode a, JsonNode b) {
    Optional<Set<JsonNode>> left = values(a);
    Optional<Set<JsonNode>> right = values(b);
    return left.isPresent()
        && right.isPresent()
        && left.get().stream().noneMatch(right.get()::contains);
  }

  /**
   * The finitely many values of a schema with const or enum; numbers are left out as too subtle.
   */
  private static Optional<Set<JsonNode>> values(JsonNode s) {
    List<JsonNode> listed =
        s.has("const") ? List.of(s.path("const")) : s.path("enum").values().stream().toList();
    boolean simple = !listed.isEmpty() && listed.stream().allMatch(JsonNode::isString);
    return simple ? Optional.of(Set.copyOf(listed)) : Optional.empty();
  }

  private static boolean disjointMembers(JsonNode a, JsonNode b, JsonNode root) {
    Set<String> shared = requiredNames(a);
    shared.retainAll(requiredNames(b));
    return shared.stream()
        .anyMatch(name ->
            disjointValues(
                resolve(a.path("properties").path(name), root),
                resolve(b.path("properties").path(name), root)));
  }

  private static Set<String> requiredNames(JsonNode s) {
    var names = new TreeSet<String>();
    s.path("required").values().forEach(n -> names.add(n.stringValue("")));
    return names;
  }
}

package dev.krafla.engine.constrain;

import dev.krafla.engine.InvalidRequest;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Draws the automaton of a JSON schema (draft 2020-12, the subset of OpenAI's structured outputs
 * and what else is regular). Properties come in the schema's order. Objects with {@code properties}
 * but without {@code additionalProperties} are closed. What cannot be enforced is refused by name.
 */
final class SchemaCompiler {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final int MAX_LENGTH = 1_000_000;

  /** Keywords that say nothing about which values are valid. */
  private static final Set<String> ANNOTATIONS =
      Set.of(
          "$schema",
          "$id",
          "$comment",
          "$defs",
          "definitions",
          "title",
          "description",
          "default",
          "examples",
          "example",
          "deprecated",
          "readOnly",
          "writeOnly",
          "discriminator");

  private static final Set<String> OBJECT_KEYWORDS =
      Set.of("properties", "required", "additionalProperties");
  private static final Set<String> ARRAY_KEYWORDS =
      Set.of("items", "prefixItems", "minItems", "maxItems", "uniqueItems");
  private static final Set<String> STRING_KEYWORDS =
      Set.of("pattern", "format", "minLength", "maxLength");
  private static final Set<String> NUMBER_KEYWORDS =
      Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");
  private static final Set<String> COMBINING_KEYWORDS = Set.of("anyOf", "oneOf", "allOf");
  private static final List<String> TYPES =
      List.of("string", "number", "integer", "boolean", "null", "object", "array");

  private final JsonNode root;
  private final NfaBuilder nfa;
  private final JsonRules json;
  private final SchemaNumbers numbers;
  private final Map<String, Integer> references = new HashMap<>();
  private final Queue<Runnable> undrawn = new ArrayDeque<>(); // no recursion along references

  private SchemaCompiler(JsonNode root, NfaBuilder nfa) {
    this.root = root;
    this.nfa = nfa;
    json = new JsonRules(nfa);
    numbers = new SchemaNumbers(nfa, json);
  }

  /**
   * Draws what {@code schema} allows from {@code start} to {@code end}.
   *
   * @throws InvalidRequest when it is no schema, or asks for what cannot be enforced
   */
  static void draw(String schema, NfaBuilder nfa, int start, int end) {
    if (schema.length() > MAX_LENGTH) {
      throw new InvalidRequest(
          "response_format",
          "the schema has %,d characters; the limit is %,d".formatted(schema.length(), MAX_LENGTH));
    }
    JsonNode root;
    try {
      root = JSON.readTree(schema);
    } catch (JacksonException e) {
      throw new InvalidRequest(
          "response_format", "the schema is not JSON: " + e.getOriginalMessage());
    }
    var compiler = new SchemaCompiler(root, nfa);
    compiler.schema(root, "#", start, end);
    while (!compiler.undrawn.isEmpty()) {
      compiler.undrawn.remove().run();
    }
  }

  private void schema(JsonNode s, String path, int from, int to) {
    if (s.isBoolean()) {
      if (s.booleanValue()) {
        json.value(from, to);
      }
      return; // false: nothing leads on
    }
    if (!s.isObject()) {
      throw refuse(path, "is %s; a schema is an object or a boolean".formatted(s.getNodeType()));
    }
    checkKeywords(s, path);
    if (s.has("$ref")) {
      alone(s, "$ref", Set.of(), path);
      nfa.call(from, reference(text(s, "$ref", path), path), to);
    } else if (s.has("const")) {
      alone(s, "const", Set.of("type"), path);
      literals(List.of(s.get("const")), s, path, from, to);
    } else if (s.has("enum")) {
      alone(s, "enum", Set.of("type"), path);
      if (!s.get("enum").isArray()) {
        throw refuse(path + "/enum", "is not an array");
      }
      literals(s.get("enum").values().stream().toList(), s, path, from, to);
    } else if (COMBINING_KEYWORDS.stream().anyMatch(s::has)) {
      combined(s, path, from, to);
    } else {
      typed(s, path, from, to);
    }
  }

  private static void checkKeywords(JsonNode s, String path) {
    for (String keyword : s.propertyNames()) {
      boolean known =
          ANNOTATIONS.contains(keyword)
              || keyword.startsWith("x-")
              || OBJECT_KEYWORDS.contains(keyword)
              || ARRAY_KEYWORDS.contains(keyword)
              || STRING_KEYWORDS.contains(keyword)
              || NUMBER_KEYWORDS.contains(keyword)
              || COMBINING_KEYWORDS.contains(keyword)
              || Set.of("type", "const", "enum", "$ref", "nullable").contains(keyword);
      if (!known) {
        throw refuse(
            path, "has the keyword %s, which cannot be enforced; leave it out".formatted(keyword));
      }
    }
  }

  /** Refuses keywords beside {@code keyword} that would have to hold as well. */
  private static void alone(JsonNode s, String keyword, Set<String> allowed, String path) {
    for (String other : s.propertyNames()) {
      if (!other.equals(keyword)
          && !allowed.contains(other)
          && !ANNOTATIONS.contains(other)
          && !other.startsWith("x-")) {
        throw refuse(
            path,
            "has %s beside %s, which cannot be enforced together; move it into the other schema"
                .formatted(other, keyword));
      }
    }
  }

  /** The rule of the schema at {@code pointer}. */
  private int reference(String pointer, String path) {
    Integer known = references.get(pointer);
    if (known != null) {
      return known;
    }
    if (!pointer.equals("#") && !pointer.startsWith("#/")) {
      throw refuse(
          path, "refers to %s; only #/… within the schema can be followed".formatted(pointer));
    }
    JsonNode target = SchemaBranches.at(root, pointer);
    if (target.isMissingNode()) {
      throw refuse(path, "refers to %s, which is not there".formatted(pointer));
    }
    int rule = nfa.rule();
    references.put(pointer, rule);
    undrawn.add(() -> schema(target, pointer, nfa.start(rule), nfa.end(rule)));
    return rule;
  }

  private void literals(List<JsonNode> values, JsonNode s, String path, int from, int to) {
    Set<String> types = types(s, path);
    for (JsonNode v : values) {
      if (types.isEmpty() || types.stream().anyMatch(t -> isOfType(v, t))) {
        literal(v, from, to);
      }
    }
  }

  private static boolean isOfType(JsonNode v, String type) {
    return switch (type) {
      case "string" -> v.isString();
      case "number" -> v.isNumber();
      case "integer" -> v.isNumber() && v.decimalValue().stripTrailingZeros().scale() <= 0;
      case "boolean" -> v.isBoolean();
      case "null" -> v.isNull();
      case "object" -> v.isObject();
      default -> v.isArray();
    };
  }

  /** A fixed value, with the white space that is free between its tokens. */
  private void literal(JsonNode v, int from, int to) {
    if (v.isString()) {
      nfa.literal(from, JsonRules.quoted(v.stringValue()), to);
    } else if (v.isArray()) {
      List<NfaBuilder.Part> items =
          v.values().stream().map(item -> (NfaBuilder.Part) (a, b) -> literal(item, a, b)).toList();
      json.list(from, items, json::value, items.size(), items.size(), to);
    } else if (v.isObject()) {
      var members = new ArrayList<Member>();
      v.properties()
          .forEach(p ->
              members.add(new Member(p.getKey(), true, (a, b) -> literal(p.getValue(), a, b))));
      object(members, null, from, to);
    } else {
      nfa.literal(from, v.toString(), to);
    }
  }

  private void combined(JsonNode s, String path, int from, int to) {
    String keyword = COMBINING_KEYWORDS.stream().filter(s::has).findFirst().orElseThrow();
    alone(s, keyword, Set.of("type", "nullable"), path);
    List<JsonNode> branches = s.get(keyword).values().stream().toList();
    if (!s.get(keyword).isArray() || branches.isEmpty()) {
      throw refuse(path + "/" + keyword, "is not an array of schemas");
    }
    if (keyword.equals("allOf") && branches.size() > 1) {
      throw refuse(
          path, "has allOf of several schemas, which cannot be enforced; merge them into one");
    }
    if (keyword.equals("oneOf")) {
      SchemaBranches.requireDisjoint(root, branches, path);
    }
    Set<String> types = types(s, path);
    for (int i = 0; i < branches.size(); i++) {
      String at = path + "/" + keyword + "/" + i;
      if (!types.isEmpty() && !SchemaBranches.within(branches.get(i), types, root)) {
        throw refuse(
            at, "may be of other types than the type beside %s; give it a type".formatted(keyword));
      }
      schema(branches.get(i), at, from, to);
    }
    if (s.path("nullable").booleanValue(false)) {
      nfa.literal(from, "null", to);
    }
  }

  private void typed(JsonNode s, String path, int from, int to) {
    Set<String> types = types(s, path);
    if (types.isEmpty()) {
      types = impliedTypes(s);
    }
    if (types.isEmpty()) {
      json.value(from, to);
    }
    for (String type : types) {
      switch (type) {
        case "string" -> string(s, path, from, to);
        case "number" -> numbers.draw(s, path, false, from, to);
        case "integer" -> numbers.draw(s, path, true, from, to);
        case "boolean" -> {
          nfa.literal(from, "true", to);
          nfa.literal(from, "false", to);
        }
        case "null" -> nfa.literal(from, "null", to);
        case "object" -> objectSchema(s, path, from, to);
        default -> array(s, path, from, to);
      }
    }
    if (s.path("nullable").booleanValue(false) && !types.contains("null")) {
      nfa.literal(from, "null", to);
    }
  }

  /** What {@code type} says; empty where it is absent. */
  static Set<String> types(JsonNode s, String path) {
    JsonNode type = s.path("type");
    var types = new TreeSet<String>();
    if (type.isMissingNode()) {
      return types;
    }
    for (JsonNode t : type.isArray() ? type.values() : List.of(type)) {
      if (!t.isString() || !TYPES.contains(t.stringValue())) {
        throw refuse(path + "/type", "is %s; it must be one of %s".formatted(t, TYPES));
      }
      types.add(t.stringValue());
    }
    if (types.isEmpty()) {
      throw refuse(path + "/type", "is an empty array");
    }
    return types;
  }

  /** The types that keywords speak of; a schema without {@code type} is meant for these. */
  static Set<String> impliedTypes(JsonNode s) {
    var types = new TreeSet<String>();
    for (String keyword : s.propertyNames()) {
      if (OBJECT_KEYWORDS.contains(keyword)) {
        types.add("object");
      } else if (ARRAY_KEYWORDS.contains(keyword)) {
        types.add("array");
      } else if (STRING_KEYWORDS.contains(keyword)) {
        types.add("string");
      } else if (NUMBER_KEYWORDS.contains(keyword)) {
        types.add("number");
      }
    }
    return types;
  }

  private void string(JsonNode s, String path, int from, int to) {
    int min = count(s, "minLength", 0, path);
    int max = count(s, "maxLength", Regex.UNBOUNDED, path);
    requireOrder("minLength", min, "maxLength", max, path);
    if (s.has("pattern") || s.has("format")) {
      String one = s.has("pattern") ? "pattern" : "format";
      for (String other : STRING_KEYWORDS) {
        if (!other.equals(one) && s.has(other)) {
          throw refuse(
              path,
              "has %s beside %s, which cannot be enforced together; express both in one pattern"
                  .formatted(other, one));
        }
      }
      patternString(pattern(s, one, path), from, to);
    } else if (min == 0 && max == Regex.UNBOUNDED) {
      json.string(from, to);
    } else {
      json.boundedString(from, min, max, to);
    }
  }

  private static Regex pattern(JsonNode s, String keyword, String path) {
    String value = text(s, keyword, path);
    if (keyword.equals("pattern")) {
      return RegexParser.parseSearch(value);
    }
    return RegexParser.parseWhole(
        StringFormats.pattern(value)
            .orElseThrow(() ->
                refuse(
                    path + "/format",
                    "is %s, which cannot be enforced; known are %s"
                        .formatted(value, StringFormats.known()))));
  }

  private void patternString(Regex regex, int from, int to) {
    int open = nfa.state();
    int close = nfa.state();
    nfa.bytes(from, '"', '"', open);
    nfa.regex(open, regex, true, close);
    nfa.bytes(close, '"', '"', to);
  }

  private void array(JsonNode s, String path, int from, int to) {
    int min = count(s, "minItems", 0, path);
    int max = count(s, "maxItems", Regex.UNBOUNDED, path);
    requireOrder("minItems", min, "maxItems", max, path);
    if (s.path("uniqueItems").booleanValue(false) && max > 1) {
      throw refuse(path, "has uniqueItems, which cannot be enforced; leave it out");
    }
    var prefix = new ArrayList<NfaBuilder.Part>();
    for (JsonNode item : s.path("prefixItems").values()) {
      String at = path + "/prefixItems/" + prefix.size();
      prefix.add((a, b) -> schema(item, at, a, b));
    }
    NfaBuilder.Part rest = json::value;
    if (s.has("items")) {
      int rule = nfa.rule();
      schema(s.get("items"), path + "/items", nfa.start(rule), nfa.end(rule));
      rest = (a, b) -> nfa.call(a, rule, b);
    }
    json.list(from, prefix, rest, min, max, to);
  }

  /** A member of an object. */
  private record Member(String name, boolean required, NfaBuilder.Part value) {}

  private void objectSchema(JsonNode s, String path, int from, int to) {
    var required = new LinkedHashMap<String, Boolean>(); // to whether properties lists it
    for (JsonNode name : s.path("required").values()) {
      if (!name.isString()) {
        throw refuse(path + "/required", "holds %s, which is no name".formatted(name));
      }
      required.put(name.stringValue(), false);
    }
    var members = new ArrayList<Member>();
    for (var p : s.path("properties").properties()) {
      String at = path + "/properties/" + p.getKey().replace("~", "~0").replace("/", "~1");
      boolean must = required.replace(p.getKey(), true) != null;
      members.add(new Member(p.getKey(), must, (a, b) -> schema(p.getValue(), at, a, b)));
    }
    JsonNode more = s.path("additionalProperties");
    NfaBuilder.Part extra = json::value;
    if (more.isObject()) {
      int rule = nfa.rule();
      schema(more, path + "/additionalProperties", nfa.start(rule), nfa.end(rule));
      extra = (a, b) -> nfa.call(a, rule, b);
    }
    boolean open = more.isMissingNode() ? !s.has("properties") : more.booleanValue(true);
    for (var name : required.entrySet()) {
      if (!name.getValue()) {
        if (more.isBoolean() && !more.booleanValue()) {
          throw refuse(
              path + "/required",
              "names %s, which properties lacks and additionalProperties forbids"
                  .formatted(name.getKey()));
        }
        members.add(new Member(name.getKey(), true, extra));
      }
    }
    object(members, open ? extra : null, from, to);
  }

  /**
   * An object of {@code members} in this order, then any number of others with values of {@code
   * extra}, if given. Two rows of states, before and after the first member: only the second has
   * commas.
   */
  private void object(List<Member> members, NfaBuilder.@Nullable Part extra, int from, int to) {
    int open = nfa.state();
    int fresh = nfa.state();
    int started = nfa.state();
    nfa.bytes(from, '{', '{', open);
    json.space(open, fresh);
    for (Member m : members) {
      int name = nfa.state();
      nfa.epsilon(fresh, name);
      json.comma(started, name);
      int named = nfa.state();
      int valued = nfa.state();
      nfa.literal(name, JsonRules.quoted(m.name), named);
      json.colon(named, valued);
      int nextStarted = nfa.state();
      m.value.between(valued, nextStarted);
      int nextFresh = nfa.state();
      if (!m.required) {
        nfa.epsilon(fresh, nextFresh);
        nfa.epsilon(started, nextStarted);
      }
      fresh = nextFresh;
      started = nextStarted;
    }
    if (extra != null) {
      int name = nfa.state();
      nfa.epsilon(fresh, name);
      json.comma(started, name);
      int named = nfa.state();
      int valued = nfa.state();
      json.otherName(name, members.stream().map(Member::name).toList(), named);
      json.colon(named, valued);
      extra.between(valued, started);
    }
    nfa.bytes(fresh, '}', '}', to);
    int close = nfa.state();
    json.space(started, close);
    nfa.bytes(close, '}', '}', to);
  }

  private static String text(JsonNode s, String keyword, String path) {
    if (!s.get(keyword).isString()) {
      throw refuse(path + "/" + keyword, "is not a string");
    }
    return s.get(keyword).stringValue();
  }

  private static int count(JsonNode s, String keyword, int absent, String path) {
    JsonNode n = s.path(keyword);
    if (n.isMissingNode()) {
      return absent;
    }
    if (!isOfType(n, "integer")
        || n.decimalValue().signum() < 0
        || n.decimalValue().compareTo(BigDecimal.valueOf(NfaBuilder.MAX_STATES)) > 0) {
      throw refuse(
          path + "/" + keyword,
          "is %s; it must be a whole number of 0 to %,d".formatted(n, NfaBuilder.MAX_STATES));
    }
    return n.decimalValue().intValueExact();
  }

  private static void requireOrder(String least, int min, String most, int max, String path) {
    if (min > max) {
      throw refuse(path, "has %s %d above %s %d".formatted(least, min, most, max));
    }
  }

  /** An error about the part of the schema at {@code path}. */
  static InvalidRequest refuse(String path, String what) {
    return new InvalidRequest("response_format", "the schema at %s %s".formatted(path, what));
  }
}

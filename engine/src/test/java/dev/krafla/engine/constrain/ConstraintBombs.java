package dev.krafla.engine.constrain;

import dev.krafla.engine.Constraint;
import dev.krafla.engine.InvalidRequest;
import dev.krafla.engine.TokenMask;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Schemas and patterns that were written to hang, exhaust or crash whoever compiles or follows
 * them. As a program, compiles all of them and follows each for some tokens: to be run with little
 * memory.
 */
final class ConstraintBombs {
  private static final Duration MAX_COMPILE = Duration.ofSeconds(20);

  /** On the engine's thread, where everybody waits for it. */
  private static final Duration MAX_STEP = Duration.ofSeconds(2);

  private static final int STEPS = 12;
  private static final int PIECES = 30_000;
  private static final String STRING = "{\"type\":\"string\"}";

  private ConstraintBombs() {}

  static Map<String, Constraint> all() {
    Map<String, Constraint> bombs = new LinkedHashMap<>();
    patterns().forEach((what, pattern) -> bombs.put(what, new Constraint.Regex(pattern)));
    patterns()
        .forEach((what, pattern) ->
            bombs.put(
                what + ", in a string",
                new Constraint.JsonSchema(
                    "{\"type\":\"string\",\"pattern\":\"%s\"}"
                        .formatted(pattern.replace("\\", "\\\\").replace("\"", "\\\"")))));
    schemas().forEach((what, schema) -> bombs.put(what, new Constraint.JsonSchema(schema)));
    bombs.put("a long choice", new Constraint.Choice(List.of("x".repeat(2_000_000))));
    bombs.put(
        "many choices",
        new Constraint.Choice(IntStream.range(0, 10_000).mapToObj(i -> "choice " + i).toList()));
    bombs.put("an unpaired surrogate", new Constraint.Choice(List.of("\ud800", "a\udc00b")));
    return bombs;
  }

  private static Map<String, String> patterns() {
    return Map.ofEntries(
        Map.entry("exponentially many states", "(a|b)*a(a|b){300}"),
        Map.entry("exponentially many states of any character", ".*a.{2000}"),
        Map.entry("nested counts", "((a{100}){100}){9}"),
        Map.entry("nested ambiguous counts", "((a{1,99}){1,99}){1,99}"),
        Map.entry("nested stars", "(".repeat(190) + "a*" + ")*".repeat(190)),
        Map.entry("nested groups", "(".repeat(9_000)),
        Map.entry("nested optional groups", "(a?".repeat(199) + ")?".repeat(199)),
        Map.entry("many alternatives", "a|".repeat(9_000) + "b"),
        Map.entry("many long alternatives", "(abcdefgh|abcdefgi){9000}"),
        Map.entry("many sets", "[^\\w]".repeat(3_000)),
        Map.entry("repeated sets", "([^a]{0,99}[^b]{0,99}[^\\d]{0,99}){0,99}"),
        Map.entry("empty loops", "(()*|(a?)*)*{0,9}"),
        Map.entry("ambiguous words", "(\\w+\\s?)+(\\w*\\s?)*x{3}"),
        Map.entry("large count of a set", "\\p{L}{10000}"),
        Map.entry("many ranges", "[" + "\\u0100-\\u0101".repeat(1_500) + "]"));
  }

  private static Map<String, String> schemas() {
    Map<String, String> schemas = new LinkedHashMap<>();
    schemas.put("refers to itself", "{\"$ref\":\"#\"}");
    schemas.put("two refer to each other", defs("a", ref("b"), "b", ref("a")));
    schemas.put("a tree of references to itself", anyOf(ref("x"), 2).replace("#/$defs/x", "#"));
    schemas.put("one of itself", "{\"oneOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}");
    schemas.put(
        "types of a tree of references",
        "{\"type\":\"string\",\"anyOf\":[%s,%s],\"$defs\":{\"t\":%s}}"
            .formatted(ref("t"), ref("t"), anyOf(ref("t"), 4)));
    schemas.put("an object that never ends", defs("a", object("x", ref("a"), true)));
    schemas.put("deep", "{\"items\":".repeat(5_000) + "true" + "}".repeat(5_000));
    schemas.put("deep, as JSON allows", "{\"items\":".repeat(480) + "true" + "}".repeat(480));
    schemas.put("deep alternatives", "{\"anyOf\":[".repeat(240) + STRING + "]}".repeat(240));
    schemas.put(
        "deep objects",
        "{\"type\":\"object\",\"properties\":{\"a\":".repeat(240) + STRING + "}}".repeat(240));
    schemas.put("deep values", "{\"const\":" + "[".repeat(490) + "]".repeat(490) + "}");
    schemas.put("many properties", properties(9_000, ""));
    schemas.put("many optional properties", properties(4_000, ",\"additionalProperties\":true"));
    schemas.put("a long name", object("n".repeat(40_000), STRING, false));
    schemas.put(
        "many names to avoid",
        "{\"type\":\"object\",\"additionalProperties\":true,"
            + "\"properties\":{"
            + IntStream.range(0, 3_000)
                .mapToObj(i -> "\"%s\":true".formatted("x".repeat(i % 100) + i))
                .collect(Collectors.joining(","))
            + "}}");
    schemas.put("long strings", "{\"type\":\"string\",\"minLength\":9000,\"maxLength\":10000}");
    schemas.put("longest strings", "{\"type\":\"string\",\"maxLength\":100000}");
    schemas.put("long arrays", array(9_000, 10_000, STRING));
    schemas.put(
        "long arrays of long arrays", array(99, 999, array(99, 999, array(99, 999, STRING))));
    schemas.put("long tuples", "{\"prefixItems\":[" + (STRING + ",").repeat(5_000) + STRING + "]}");
    schemas.put("many equal alternatives", anyOf(STRING, 20_000));
    schemas.put(
        "many different alternatives", many("anyOf", 900, "{\"const\":{\"k\":\"%d\",\"v\":[%d]}}"));
    schemas.put(
        "many exclusive alternatives",
        many(
            "oneOf",
            3_000,
            "{\"type\":\"object\",\"properties\":{\"k\":{\"const\":\"%d\"},\"v\":{\"const\":%d}},\"required\":[\"k\"]}"));
    schemas.put("many values", many("enum", 9_000, "\"value %d of many, %<d\""));
    schemas.put("many numbers", many("enum", 50_000, "%d.%<d"));
    schemas.put(
        "a large range", "{\"type\":\"integer\",\"minimum\":-1e18,\"maximum\":987654321987654321}");
    schemas.put(
        "a fine range",
        "{\"type\":\"number\",\"minimum\":-1.23456789012345e-200,\"maximum\":0.1e-999}");
    schemas.put("a huge bound", "{\"type\":\"number\",\"maximum\":1e999999999}");
    schemas.put("a huge length", "{\"type\":\"string\",\"maxLength\":1e999999999}");
    schemas.put("a huge value", "{\"enum\":[1e999999999,-1e-999999999]}");
    schemas.put("a huge divisor", "{\"type\":\"number\",\"multipleOf\":1e999999999}");
    schemas.put(
        "a tiny divisor",
        "{\"type\":\"number\",\"multipleOf\":3e-900,\"minimum\":1e300,\"maximum\":2e300}");
    schemas.put("all remainders", "{\"type\":\"integer\",\"multipleOf\":97}");
    schemas.put("a pointer of many steps", "{\"$ref\":\"#" + "/x".repeat(20_000) + "\"}");
    schemas.put(
        "pointers to pointers",
        IntStream.range(0, 5_000)
            .mapToObj(i -> "\"d%d\":%s".formatted(i, ref("d" + (i + 1))))
            .collect(
                Collectors.joining(
                    ",", "{\"$ref\":\"#/$defs/d0\",\"$defs\":{", ",\"d5000\":true}}")));
    return schemas;
  }

  private static String ref(String name) {
    return "{\"$ref\":\"#/$defs/%s\"}".formatted(name);
  }

  private static String defs(String... namesAndSchemas) {
    var out = new StringBuilder("{\"$ref\":\"#/$defs/a\",\"$defs\":{");
    for (int i = 0; i < namesAndSchemas.length; i += 2) {
      out.append(i == 0 ? "" : ",");
      out.append('"').append(namesAndSchemas[i]).append("\":").append(namesAndSchemas[i + 1]);
    }
    return out.append("}}").toString();
  }

  private static String anyOf(String branch, int count) {
    return "{\"anyOf\":[" + (branch + ",").repeat(count - 1) + branch + "]}";
  }

  private static String many(String keyword, int count, String each) {
    return IntStream.range(0, count)
        .mapToObj(i -> each.formatted(i, i))
        .collect(Collectors.joining(",", "{\"" + keyword + "\":[", "]}"));
  }

  private static String object(String name, String value, boolean required) {
    return "{\"type\":\"object\",\"additionalProperties\":true,\"properties\":{\"%s\":%s}%s}"
        .formatted(name, value, required ? ",\"required\":[\"" + name + "\"]" : "");
  }

  private static String properties(int count, String more) {
    return IntStream.range(0, count)
        .mapToObj(i -> "\"p%d\":{\"type\":\"boolean\"}".formatted(i))
        .collect(
            Collectors.joining(",", "{\"type\":\"object\",\"properties\":{", "}" + more + "}"));
  }

  private static String array(int min, int max, String items) {
    return "{\"type\":\"array\",\"minItems\":%d,\"maxItems\":%d,\"items\":%s}"
        .formatted(min, max, items);
  }

  /** A vocabulary of a real one's size: syllables with and without a space. */
  private static PieceTokenizer vocabulary() {
    var random = new SplittableRandom(11);
    List<byte[]> pieces = new ArrayList<>();
    for (int i = 0; i < PIECES; i++) {
      var piece = new StringBuilder(random.nextBoolean() ? " " : "");
      for (int syllables = 1 + random.nextInt(4); syllables > 0; syllables--) {
        piece.append((char) ('a' + random.nextInt(26))).append("aeiou".charAt(random.nextInt(5)));
      }
      pieces.add(piece.toString().getBytes(StandardCharsets.UTF_8));
    }
    return new PieceTokenizer(pieces);
  }

  public static void main(String[] args) {
    PieceTokenizer tokenizer = vocabulary();
    var compiler = new ConstraintCompiler(tokenizer);
    compiler.start(new Constraint.Regex("a"));
    List<String> failed = new ArrayList<>();
    all()
        .forEach((what, bomb) -> {
          long begin = System.nanoTime();
          Duration compiled = Duration.ZERO;
          Duration step = Duration.ZERO;
          String how = "followed";
          try {
            TokenMask mask = compiler.start(bomb);
            compiled = since(begin);
            step = follow(mask, tokenizer);
          } catch (InvalidRequest e) {
            compiled = since(begin);
            how = "refused";
          } catch (Throwable e) { // an Error is exactly what must not happen
            how = e.toString();
            failed.add(what);
          }
          System.out.printf(
              "%6d ms to compile, %5d ms the longest step: %s, %s%n",
              compiled.toMillis(), step.toMillis(), what, how);
          if (compiled.compareTo(MAX_COMPILE) > 0 || step.compareTo(MAX_STEP) > 0) {
            failed.add(what);
          }
        });
    if (!failed.isEmpty()) {
      throw new AssertionError(failed);
    }
  }

  private static Duration since(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  /** Takes some random tokens; gives the longest time for one. */
  private static Duration follow(TokenMask mask, PieceTokenizer tokenizer) {
    var random = new SplittableRandom(3);
    long[] bits = new long[(tokenizer.vocabSize() + 63) / 64];
    Duration longest = Duration.ZERO;
    for (int i = 0; i < STEPS; i++) {
      long begin = System.nanoTime();
      mask.allowed(bits);
      int[] allowed =
          IntStream.range(0, tokenizer.vocabSize())
              .filter(id -> (bits[id >> 6] & 1L << id) != 0)
              .toArray();
      if (allowed.length == 0) {
        throw new AssertionError("no token is allowed");
      }
      int token = allowed[random.nextInt(allowed.length)];
      mask.accept(token);
      Duration step = since(begin);
      longest = step.compareTo(longest) > 0 ? step : longest;
      if (tokenizer.endTokens().contains(token)) {
        break;
      }
    }
    return longest;
  }
}

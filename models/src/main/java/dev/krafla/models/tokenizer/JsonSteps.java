package dev.krafla.models.tokenizer;

import dev.krafla.models.ModelFormatException;
import dev.krafla.models.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The steps around the model in a {@code tokenizer.json}; an unknown one is refused by name. */
final class JsonSteps {
  private static final int MAX_INSERTED = 16;

  private JsonSteps() {}

  /**
   * What a pre-tokenizer comes to.
   *
   * @param preparation of each section of text, before the splitters
   * @param byteLevel whether tokens are written in GPT-2's byte alphabet
   */
  record Cut(Normalizer preparation, List<Splitter> splitters, boolean byteLevel) {}

  /** Ids put before and after a single text. */
  record Around(int[] prefix, int[] suffix) {}

  static Normalizer normalizer(JsonNode node) {
    if (node.isNull() || node.isMissingNode()) {
      return new Normalizer.None();
    }
    String type = type(node);
    return switch (type) {
      case "NFC", "NFD", "NFKC", "NFKD" ->
          new Normalizer.Form(java.text.Normalizer.Form.valueOf(type));
      case "Lowercase" -> new Normalizer.Lowercase();
      case "StripAccents" -> new Normalizer.StripAccents();
      case "Strip" ->
          new Normalizer.Strip(
              node.path("strip_left").asBoolean(), node.path("strip_right").asBoolean());
      case "Prepend" -> new Normalizer.Prepend(inserted(node, "prepend"));
      case "Replace" -> replace(node);
      case "Sequence" -> {
        List<Normalizer> steps = new ArrayList<>();
        node.path("normalizers").forEach(step -> steps.add(normalizer(step)));
        yield new Normalizer.Sequence(steps);
      }
      default -> throw unsupported("normalizer", type);
    };
  }

  private static Normalizer replace(JsonNode node) {
    String content = inserted(node, "content");
    JsonNode pattern = node.path("pattern");
    return pattern.has("String")
        ? new Normalizer.ReplaceText(pattern.path("String").asString(), content)
        : new Normalizer.Replace(Regexes.compile(pattern.path("Regex").asString()), content);
  }

  /** Text that is put into a text, perhaps at every character. */
  private static String inserted(JsonNode node, String key) {
    String text = node.path(key).asString();
    if (text.length() > MAX_INSERTED) {
      throw new ModelFormatException(
          "a normalizer in tokenizer.json inserts %d characters; at most %d are plausible"
              .formatted(text.length(), MAX_INSERTED));
    }
    return text;
  }

  static Cut cut(JsonNode node) {
    List<JsonNode> steps = new ArrayList<>();
    flatten(node, steps);
    List<Normalizer> preparation = new ArrayList<>();
    List<Splitter> splitters = new ArrayList<>();
    boolean byteLevel = false;
    for (JsonNode step : steps) {
      String type = type(step);
      switch (type) {
        case "ByteLevel" -> {
          byteLevel = true;
          if (step.path("add_prefix_space").asBoolean(false)) {
            first(splitters, type);
            preparation.add(new Normalizer.PrependOnce(" ", false));
          }
          if (step.path("use_regex").asBoolean(true)) {
            splitters.add(PreTokenizers.isolated(PreTokenizers.GPT2));
          }
        }
        case "Metaspace" -> {
          first(splitters, type);
          metaspace(step, preparation, splitters);
        }
        default -> splitters.add(splitter(step, type));
      }
    }
    return new Cut(new Normalizer.Sequence(preparation), splitters, byteLevel);
  }

  private static void flatten(JsonNode node, List<JsonNode> steps) {
    if (node.isNull() || node.isMissingNode()) {
      return;
    }
    if (type(node).equals("Sequence")) {
      node.path("pretokenizers").forEach(step -> flatten(step, steps));
    } else {
      steps.add(node);
    }
  }

  /** A step that adds a space to its input can only come first here: later it would add many. */
  private static void first(List<Splitter> splitters, String type) {
    if (!splitters.isEmpty()) {
      throw new UnsupportedModelException(
          "pre-tokenizer '%s' with a leading space after another one is not supported"
              .formatted(type));
    }
  }

  private static void metaspace(
      JsonNode step, List<Normalizer> preparation, List<Splitter> splitters) {
    String mark = step.path("replacement").asString("▁");
    String legacy = step.path("add_prefix_space").asBoolean(true) ? "always" : "never";
    String scheme = step.path("prepend_scheme").asString(legacy);
    preparation.add(new Normalizer.ReplaceText(" ", mark));
    if (!scheme.equals("never")) {
      preparation.add(new Normalizer.PrependOnce(mark, scheme.equals("first")));
    }
    if (step.path("split").asBoolean(true)) {
      splitters.add(
          new Splitter.Regex(
              Pattern.compile(Pattern.quote(mark)), Splitter.Behavior.MERGED_WITH_NEXT, false));
    }
  }

  private static Splitter splitter(JsonNode step, String type) {
    return switch (type) {
      case "Split" -> {
        JsonNode pattern = step.path("pattern");
        Pattern compiled =
            pattern.has("String")
                ? Pattern.compile(Pattern.quote(pattern.path("String").asString()))
                : Regexes.compile(pattern.path("Regex").asString());
        yield new Splitter.Regex(compiled, behavior(step), step.path("invert").asBoolean(false));
      }
      case "Digits" ->
          PreTokenizers.isolated(
              step.path("individual_digits").asBoolean(false) ? "\\p{N}" : "\\p{N}+");
      case "Punctuation" ->
          new Splitter.Regex(Regexes.compile("[!-/:-@\\[-`{-~\\p{P}]"), behavior(step), false);
      case "Whitespace" ->
          new Splitter.Regex(Regexes.compile("\\w+|[^\\w\\s]+"), Splitter.Behavior.REMOVED, true);
      case "WhitespaceSplit" ->
          new Splitter.Regex(Regexes.compile("\\s"), Splitter.Behavior.REMOVED, false);
      default -> throw unsupported("pre-tokenizer", type);
    };
  }

  private static Splitter.Behavior behavior(JsonNode step) {
    String name = step.path("behavior").asString("Isolated");
    String constant = name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
    try {
      return Splitter.Behavior.valueOf(constant);
    } catch (IllegalArgumentException e) {
      throw new ModelFormatException("unknown split behavior '%s'".formatted(name), e);
    }
  }

  static Around around(JsonNode node) {
    IntList prefix = new IntList();
    IntList suffix = new IntList();
    around(node, prefix, suffix);
    return new Around(prefix.toArray(), suffix.toArray());
  }

  private static void around(JsonNode node, IntList prefix, IntList suffix) {
    if (node.isNull() || node.isMissingNode()) {
      return;
    }
    String type = type(node);
    switch (type) {
      case "ByteLevel" -> {} // offsets only
      case "Sequence" -> node.path("processors").forEach(p -> around(p, prefix, suffix));
      case "TemplateProcessing" -> template(node, prefix, suffix);
      case "BertProcessing", "RobertaProcessing" -> {
        prefix.add(node.path("cls").path(1).asInt());
        suffix.add(node.path("sep").path(1).asInt());
      }
      default -> throw unsupported("post-processor", type);
    }
  }

  private static void template(JsonNode node, IntList prefix, IntList suffix) {
    boolean before = true;
    for (JsonNode part : node.path("single")) {
      if (part.has("Sequence")) {
        before = false;
        continue;
      }
      String name = part.path("SpecialToken").path("id").asString();
      IntList list = before ? prefix : suffix;
      node.path("special_tokens").path(name).path("ids").forEach(id -> list.add(id.asInt()));
    }
  }

  /** Whether decoding a whole text takes away one leading space. */
  static boolean stripsLeadingSpace(JsonNode decoder) {
    if (decoder.isNull() || decoder.isMissingNode()) {
      return false;
    }
    return switch (type(decoder)) {
      case "Sequence" -> {
        boolean strips = false;
        for (JsonNode step : decoder.path("decoders")) {
          strips |= stripsLeadingSpace(step);
        }
        yield strips;
      }
      case "Strip" -> decoder.path("start").asInt(0) > 0;
      case "Metaspace" -> !decoder.path("prepend_scheme").asString("always").equals("never");
      default -> false;
    };
  }

  private static String type(JsonNode node) {
    return node.path("type").asString("");
  }

  private static UnsupportedModelException unsupported(String what, String type) {
    return new UnsupportedModelException(
        "%s '%s' in tokenizer.json is not supported".formatted(what, type));
  }
}

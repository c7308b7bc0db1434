package dev.krafla.models.tokenizer;

import dev.krafla.models.ModelFormatException;
import dev.krafla.models.UnsupportedModelException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * Builds the tokenizer of a Hugging Face folder from {@code tokenizer.json} (format 1.0 of the
 * {@code tokenizers} library) and what the files beside it say of first and last tokens.
 */
final class TokenizerJson {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private final JsonNode root;
  private final JsonNode config;
  private final List<AddedToken> raw = new ArrayList<>();
  private final List<AddedToken> normalized = new ArrayList<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final Set<Integer> control = new HashSet<>();

  private TokenizerJson(JsonNode root, JsonNode config) {
    this.root = root;
    this.config = config;
  }

  static TextTokenizer read(Path folder) {
    JsonNode root = json(folder.resolve("tokenizer.json"));
    if (root.isMissingNode()) {
      throw new UnsupportedModelException(
          "%s has no tokenizer.json; save the model's tokenizer with transformers to get one"
              .formatted(folder));
    }
    try {
      var reader = new TokenizerJson(root, json(folder.resolve("tokenizer_config.json")));
      return reader.build(endIds(folder));
    } catch (JacksonException e) {
      throw new ModelFormatException(
          "%s/tokenizer.json is not laid out as expected: %s"
              .formatted(folder, e.getOriginalMessage()),
          e);
    }
  }

  private static JsonNode json(Path file) {
    if (Files.notExists(file)) {
      return JSON.missingNode();
    }
    try {
      return JSON.readTree(file);
    } catch (JacksonException e) {
      throw new ModelFormatException(
          "%s is not valid JSON: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (UncheckedIOException e) {
      throw new ModelFormatException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** End tokens by id, as {@code generation_config.json} and {@code config.json} list them. */
  private static Set<Integer> endIds(Path folder) {
    Set<Integer> end = new HashSet<>();
    for (String file : List.of("generation_config.json", "config.json")) {
      JsonNode eos = json(folder.resolve(file)).path("eos_token_id");
      if (eos.isInt()) {
        end.add(eos.asInt());
      }
      eos.forEach(id -> end.add(id.asInt()));
    }
    return end;
  }

  private TextTokenizer build(Set<Integer> endIds) {
    JsonSubwords subwords = new JsonSubwords(root.path("model"));
    readAddedTokens(subwords);
    Normalizer normalizer = JsonSteps.normalizer(root.path("normalizer"));
    JsonSteps.Cut cut = JsonSteps.cut(root.path("pre_tokenizer"));
    boolean byteLevel = cut.byteLevel();
    SubwordModel model = subwords.build(byteLevel, control);
    List<Splitter> splitters = new ArrayList<>(cut.splitters());
    if (!byteLevel && model instanceof BpeModel && subwords.cuttableAtSpaces()) {
      splitters.add(new Splitter.WordStarts());
    }
    var pipeline =
        new TextTokenizer.Pipeline(
            new AddedTokens(raw),
            normalizer,
            new AddedTokens(normalizedTexts(normalizer)),
            cut.preparation(),
            new Splitter.Sequence(splitters),
            model);
    var pieces = pieces(subwords, byteLevel);
    var roles = roles(endIds);
    checkIds(roles.prefix(), pieces.bytes().length);
    checkIds(roles.suffix(), pieces.bytes().length);
    return new TextTokenizer(pipeline, pieces, roles);
  }

  private static void checkIds(int[] around, int vocabSize) {
    for (int id : around) {
      if (id < 0 || id >= vocabSize) {
        throw new ModelFormatException(
            "the post-processor in tokenizer.json adds token %d; the vocabulary has %d tokens"
                .formatted(id, vocabSize));
      }
    }
  }

  private List<AddedToken> normalizedTexts(Normalizer normalizer) {
    return normalized.stream()
        .map(t ->
            new AddedToken(
                t.id(),
                normalizer.apply(t.text(), false),
                t.control(),
                t.stripLeft(),
                t.stripRight(),
                t.singleWord()))
        .toList();
  }

  private void readAddedTokens(JsonSubwords subwords) {
    for (JsonNode node : root.path("added_tokens")) {
      var token =
          new AddedToken(
              node.path("id").asInt(),
              node.path("content").asString(),
              node.path("special").asBoolean(false),
              node.path("lstrip").asBoolean(false),
              node.path("rstrip").asBoolean(false),
              node.path("single_word").asBoolean(false));
      if (token.id() < 0 || token.id() > subwords.maxId() + root.path("added_tokens").size()) {
        throw new ModelFormatException(
            "added token '%s' has id %d; the vocabulary has %d tokens"
                .formatted(token.text(), token.id(), subwords.maxId() + 1));
      }
      if (token.text().isEmpty()) {
        continue;
      }
      (node.path("normalized").asBoolean(false) ? normalized : raw).add(token);
      ids.put(token.text(), token.id());
      subwords.added(token.id(), token.text());
      if (token.control()) {
        control.add(token.id());
      }
    }
  }

  private TextTokenizer.Pieces pieces(JsonSubwords subwords, boolean byteLevel) {
    byte[][] bytes = subwords.pieces(byteLevel);
    boolean[] isControl = new boolean[bytes.length];
    control.forEach(id -> isControl[id] = true);
    return new TextTokenizer.Pieces(
        bytes, isControl, JsonSteps.stripsLeadingSpace(root.path("decoder")));
  }

  private TextTokenizer.Roles roles(Set<Integer> endIds) {
    var around = JsonSteps.around(root.path("post_processor"));
    OptionalInt bos = id("bos_token");
    Set<Integer> end = new HashSet<>();
    for (int id : endIds) {
      if (id >= 0 && ids.containsValue(id)) {
        end.add(id);
      }
    }
    id("eos_token").ifPresent(end::add);
    ids.forEach((text, id) -> {
      if (EndTokens.isEnd(text)) {
        end.add(id);
      }
    });
    Map<String, Integer> byText = new HashMap<>(ids);
    byText.values().retainAll(control);
    int[] prefix = around.prefix();
    boolean addBos = config.path("add_bos_token").asBoolean(false);
    if (addBos && bos.isPresent() && Arrays.stream(prefix).noneMatch(i -> i == bos.getAsInt())) {
      prefix = new int[] {bos.getAsInt()}; // as transformers does where the file leaves it out
    }
    return new TextTokenizer.Roles(prefix, around.suffix(), byText, bos, end);
  }

  /** Id of the token that {@code tokenizer_config.json} names under {@code key}. */
  private OptionalInt id(String key) {
    JsonNode value = config.path(key);
    String text = (value.isObject() ? value.path("content") : value).asString("");
    Integer id = ids.get(text);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }
}

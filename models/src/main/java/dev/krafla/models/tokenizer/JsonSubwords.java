package dev.krafla.models.tokenizer;

import dev.krafla.models.ModelFormatException;
import dev.krafla.models.UnsupportedModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The "model" of a {@code tokenizer.json}: vocabulary, merges or scores. */
final class JsonSubwords {
  private static final int BYTES = 256;
  private static final String SPACE = "▁";

  /** A vocabulary is a map without holes worth the name; ids further beyond are damage. */
  private static final int MAX_HOLES = 1 << 12;

  private final JsonNode model;
  private final boolean unigram;
  private final ByteAlphabet alphabet = new ByteAlphabet();
  private final List<@Nullable String> tokens = new ArrayList<>();
  private final List<@Nullable String> added = new ArrayList<>();

  JsonSubwords(JsonNode model) {
    this.model = model;
    String type = model.path("type").asString(model.has("merges") ? "BPE" : "");
    unigram = type.equals("Unigram");
    if (!unigram && !type.equals("BPE")) {
      throw new UnsupportedModelException(
          "tokenizer model '%s' is not supported; BPE and Unigram are".formatted(type));
    }
    if (unigram) {
      model.path("vocab").forEach(entry -> tokens.add(entry.path(0).asString()));
    } else {
      refuse("continuing_subword_prefix");
      refuse("end_of_word_suffix");
      if (model.path("dropout").asDouble(0) > 0) {
        throw new UnsupportedModelException("tokenizer model with dropout is not supported");
      }
      model
          .path("vocab")
          .properties()
          .forEach(e -> put(tokens, e.getValue().asInt(), e.getKey(), model.path("vocab").size()));
    }
    if (tokens.isEmpty()) {
      throw new ModelFormatException("tokenizer.json has no vocabulary");
    }
  }

  private void refuse(String key) {
    String value = model.path(key).asString("");
    if (!value.isEmpty()) {
      throw new UnsupportedModelException(
          "tokenizer model with %s='%s' is not supported".formatted(key, value));
    }
  }

  private static void put(List<@Nullable String> list, int id, String text, int count) {
    if (id < 0 || id >= count + MAX_HOLES) {
      throw new ModelFormatException(
          "token '%s' has id %d; the vocabulary lists %d tokens".formatted(text, id, count));
    }
    while (list.size() <= id) {
      list.add(null);
    }
    list.set(id, text);
  }

  int maxId() {
    return tokens.size() - 1;
  }

  void added(int id, String text) {
    put(added, id, text, tokens.size());
  }

  /** Whether no token crosses the beginning of a word. */
  boolean cuttableAtSpaces() {
    return tokens.stream().noneMatch(t -> t != null && Splitter.WordStarts.crossedBy(t));
  }

  SubwordModel build(boolean byteLevel, Set<Integer> control) {
    Function<String, Optional<byte[]>> bytesOf =
        byteLevel ? alphabet::bytes : token -> Optional.of(Utf8.bytes(token));
    boolean fallback = model.path("byte_fallback").asBoolean(false);
    List<byte @Nullable []> words = new ArrayList<>(tokens.size());
    int[] byteIds = new int[BYTES];
    Arrays.fill(byteIds, -1);
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      int value = token == null || !fallback ? -1 : ByteTokens.value(token);
      if (value >= 0) {
        byteIds[value] = id;
      }
      boolean word = token != null && value < 0 && !control.contains(id);
      words.add(word ? bytesOf.apply(token).orElse(null) : null);
    }
    var vocabulary = new Vocabulary(words);
    Optional<int[]> bytes = fallback ? Optional.of(byteIds) : Optional.empty();
    if (unigram) {
      return unigram(vocabulary, words, bytes);
    }
    String unk = model.path("unk_token").asString("");
    int unkId = unk.isEmpty() ? -1 : tokens.indexOf(unk);
    var unknowns =
        new Unknowns(
            bytes,
            unkId < 0 ? OptionalInt.empty() : OptionalInt.of(unkId),
            model.path("fuse_unk").asBoolean(false));
    return new BpeModel(
        vocabulary,
        new MergeRule.Pairs(merges(vocabulary, bytesOf)),
        unknowns,
        byteLevel,
        model.path("ignore_merges").asBoolean(false));
  }

  private LongTable merges(Vocabulary vocabulary, Function<String, Optional<byte[]>> bytesOf) {
    JsonNode list = model.path("merges");
    var table = new LongTable(list.size());
    int rank = 0;
    for (JsonNode merge : list) {
      if (merge.isArray()) {
        MergeLists.add(
            table, vocabulary, rank++, merge.path(0).asString(), merge.path(1).asString(), bytesOf);
      } else {
        String text = merge.asString();
        int cut = MergeLists.cut(text);
        MergeLists.add(
            table, vocabulary, rank++, text.substring(0, cut), text.substring(cut + 1), bytesOf);
      }
    }
    return table;
  }

  private SubwordModel unigram(
      Vocabulary vocabulary, List<byte @Nullable []> words, Optional<int[]> bytes) {
    float[] scores = new float[words.size()];
    byte[][] texts = new byte[words.size()][];
    int id = 0;
    for (JsonNode entry : model.path("vocab")) {
      scores[id] = (float) entry.path(1).asDouble();
      byte[] word = words.get(id);
      texts[id++] = word == null ? new byte[0] : word;
    }
    JsonNode unk = model.path("unk_id");
    OptionalInt unknown = unk.isInt() ? OptionalInt.of(unk.asInt()) : OptionalInt.empty();
    if (unknown.isPresent() && (unknown.getAsInt() < 0 || unknown.getAsInt() >= tokens.size())) {
      throw new ModelFormatException(
          "unk_id in tokenizer.json is %d; the vocabulary has %d tokens"
              .formatted(unknown.getAsInt(), tokens.size()));
    }
    return UnigramModel.of(vocabulary, texts, scores, new Unknowns(bytes, unknown, true));
  }

  /** Bytes by id, as they appear in text. */
  byte[][] pieces(boolean byteLevel) {
    byte[][] pieces = new byte[Math.max(tokens.size(), added.size())][];
    for (int id = 0; id < pieces.length; id++) {
      String special = id < added.size() ? added.get(id) : null;
      String token = id < tokens.size() ? tokens.get(id) : null;
      pieces[id] = piece(special, token, byteLevel);
    }
    return pieces;
  }

  private byte[] piece(@Nullable String special, @Nullable String token, boolean byteLevel) {
    if (special != null) {
      return Utf8.bytes(byteLevel ? special : special.replace(SPACE, " "));
    }
    if (token == null) {
      return new byte[0];
    }
    if (byteLevel) {
      return alphabet.bytes(token).orElseGet(() -> Utf8.bytes(token));
    }
    int value = ByteTokens.value(token);
    return value >= 0 ? new byte[] {(byte) value} : Utf8.bytes(token.replace(SPACE, " "));
  }
}

package dev.krafla.models.tokenizer;

import dev.krafla.models.ModelFormatException;
import dev.krafla.models.UnsupportedModelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Builds the tokenizer that a GGUF file describes; key meanings are llama.cpp's. */
final class GgufTokenizer {
  private static final int NORMAL = 1;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;
  private static final int BYTE = 6;
  private static final String SPACE = "▁";
  private static final int BYTES = 256;

  private final TokenizerSpec spec;
  private final boolean[] control;

  private GgufTokenizer(TokenizerSpec spec) {
    this.spec = spec;
    control = new boolean[spec.tokens().size()];
    for (int id = 0; id < control.length; id++) {
      control[id] = type(id) == CONTROL;
    }
  }

  static TextTokenizer build(TokenizerSpec spec) {
    var builder = new GgufTokenizer(spec);
    return switch (spec.model()) {
      case "gpt2" -> builder.byteLevel();
      case "llama" -> builder.sentencePiece();
      default ->
          throw new UnsupportedModelException(
              "tokenizer.ggml.model=%s is not supported; gpt2 (byte-level BPE) and llama"
                      .formatted(spec.model())
                  + " (SentencePiece BPE) are");
    };
  }

  private int type(int id) {
    return spec.types().length == 0 ? NORMAL : spec.types()[id];
  }

  private TextTokenizer byteLevel() {
    PreTokenizers.Known pre =
        PreTokenizers.named(
            spec.pre()
                .orElseThrow(() ->
                    new UnsupportedModelException(
                        "tokenizer.ggml.pre is missing, so nobody knows how this model cuts"
                            + " text into words; convert the model anew")));
    var alphabet = new ByteAlphabet();
    byte[][] pieces = new byte[control.length][];
    List<byte @Nullable []> words = new ArrayList<>(control.length);
    for (int id = 0; id < control.length; id++) {
      String token = spec.tokens().get(id);
      Optional<byte[]> bytes = type(id) == NORMAL ? alphabet.bytes(token) : Optional.empty();
      pieces[id] = bytes.orElseGet(() -> Utf8.bytes(token));
      words.add(bytes.orElse(null));
    }
    var vocabulary = new Vocabulary(words);
    var rule = new MergeRule.Pairs(MergeLists.table(vocabulary, spec.merges(), alphabet::bytes));
    var unknowns = new Unknowns(Optional.empty(), OptionalInt.empty(), false);
    var model = new BpeModel(vocabulary, rule, unknowns, true, pre.ignoreMerges());
    Normalizer normalizer =
        pre.nfc() ? new Normalizer.Form(java.text.Normalizer.Form.NFC) : new Normalizer.None();
    Normalizer preparation =
        spec.addSpacePrefix().orElse(false)
            ? new Normalizer.PrependOnce(" ", false)
            : new Normalizer.None();
    var pipeline =
        new TextTokenizer.Pipeline(
            addedTokens(),
            normalizer,
            new AddedTokens(List.of()),
            preparation,
            pre.splitter(),
            model);
    return tokenizer(pipeline, pieces, pre.addBos());
  }

  private TextTokenizer sentencePiece() {
    if (spec.scores().length == 0) {
      throw new ModelFormatException(
          "tokenizer.ggml.scores is missing; a tokenizer of kind llama cannot do without");
    }
    int[] byteIds = new int[BYTES];
    java.util.Arrays.fill(byteIds, -1);
    byte[][] pieces = new byte[control.length][];
    List<byte @Nullable []> words = new ArrayList<>(control.length);
    boolean cuttable = true;
    for (int id = 0; id < control.length; id++) {
      String token = spec.tokens().get(id);
      int type = type(id);
      if (type == BYTE) {
        int value = ByteTokens.value(token);
        if (value < 0) {
          throw new ModelFormatException(
              "token %d is a byte token by type, but reads '%s'".formatted(id, token));
        }
        byteIds[value] = id;
        pieces[id] = new byte[] {(byte) value};
      } else {
        pieces[id] = Utf8.bytes(type == NORMAL ? token.replace(SPACE, " ") : token);
      }
      boolean word = type == NORMAL;
      words.add(word ? Utf8.bytes(token) : null);
      cuttable &= !word || !Splitter.WordStarts.crossedBy(token);
    }
    var vocabulary = new Vocabulary(words);
    var unknowns = new Unknowns(Optional.of(byteIds), spec.unknown(), true);
    var rule = MergeRule.Scores.of(vocabulary, spec.scores());
    var model = new BpeModel(vocabulary, rule, unknowns, false, false);
    boolean spacePrefix = spec.addSpacePrefix().orElse(true);
    var replace = new Normalizer.ReplaceText(" ", SPACE);
    Normalizer normalizer =
        spacePrefix
            ? new Normalizer.Sequence(List.of(new Normalizer.Prepend(SPACE), replace))
            : replace;
    Splitter splitter = cuttable ? new Splitter.WordStarts() : new Splitter.Sequence(List.of());
    var pipeline =
        new TextTokenizer.Pipeline(
            addedTokens(),
            normalizer,
            new AddedTokens(List.of()),
            new Normalizer.None(),
            splitter,
            model);
    return tokenizer(pipeline, pieces, true);
  }

  private AddedTokens addedTokens() {
    List<AddedToken> added = new ArrayList<>();
    for (int id = 0; id < control.length; id++) {
      String token = spec.tokens().get(id);
      if ((type(id) == CONTROL || type(id) == USER_DEFINED) && !token.isEmpty()) {
        added.add(AddedToken.plain(id, token, control[id]));
      }
    }
    return new AddedTokens(added);
  }

  private TextTokenizer tokenizer(
      TextTokenizer.Pipeline pipeline, byte[][] pieces, boolean addBosByDefault) {
    Map<String, Integer> byText = new HashMap<>();
    Set<Integer> end = new HashSet<>(spec.end());
    spec.eos().ifPresent(end::add);
    for (int id = 0; id < control.length; id++) {
      String token = spec.tokens().get(id);
      if (control[id]) {
        byText.putIfAbsent(token, id);
      }
      if (type(id) != NORMAL && EndTokens.isEnd(token)) {
        end.add(id);
      }
    }
    int[] prefix = ids(spec.bos(), spec.addBos().orElse(addBosByDefault));
    int[] suffix = ids(spec.eos(), spec.addEos().orElse(false));
    // The default of add_space_prefix holds for SentencePiece alone.
    boolean strip = spec.model().equals("llama") && spec.addSpacePrefix().orElse(true);
    return new TextTokenizer(
        pipeline,
        new TextTokenizer.Pieces(pieces, control, strip),
        new TextTokenizer.Roles(prefix, suffix, byText, spec.bos(), end));
  }

  private static int[] ids(OptionalInt id, boolean wanted) {
    return wanted && id.isPresent() ? new int[] {id.getAsInt()} : new int[0];
  }
}

package dev.krafla.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krafla.models.tokenizer.Tokenizers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The real tokenizer files of many families give the ids that Hugging Face's {@code tokenizers}
 * gives (goldens made by {@code tools/tokenizer_goldens.py}), on texts that are meant to be
 * awkward: scripts, emoji, code, control characters, spelled-out special tokens, seeded mixtures.
 */
class TokenizerGoldenTest {
  private static final String SMOLLM2 = "smollm2"; // from the GGUF file, the others from npm

  /** Those that give back every byte; the others normalise their text first. */
  private static final List<String> LOSSLESS =
      List.of("deepseek_v3", "llama3", "llama3_2", "mistral_nemo", SMOLLM2);

  private static final Map<String, Tokenizer> READ = new ConcurrentHashMap<>();

  private static final List<String> CORPUS =
      JsonMapper.shared().readValue(golden("corpus"), new TypeReference<List<String>>() {});

  static Stream<String> families() {
    return Stream.of(
        "command_r_plus",
        "deepseek_v3",
        "gemma2",
        "gemma3",
        "llama2",
        "llama3",
        "llama3_2",
        "mistral_nemo",
        "qwen2_5",
        "qwen3",
        SMOLLM2);
  }

  static Stream<String> losslessFamilies() {
    return LOSSLESS.stream();
  }

  private static byte[] golden(String name) {
    String file = "/golden/tokenizer/" + name + ".json";
    try (InputStream in = TokenizerGoldenTest.class.getResourceAsStream(file)) {
      return Objects.requireNonNull(in, file).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Tokenizer tokenizer(String family) throws IOException, InterruptedException {
    Tokenizer known = READ.get(family);
    if (known != null) {
      return known;
    }
    Tokenizer read =
        family.equals(SMOLLM2) ? ofPulledModel() : Tokenizers.ofFolder(NpmTokenizer.folder(family));
    READ.put(family, read);
    return read;
  }

  private static Tokenizer ofPulledModel() {
    Path file = NpmTokenizer.home().resolve("models/smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf");
    assumeTrue(Files.exists(file), "no " + file + "; run ./krafla pull smollm2-135m");
    try (GgufFile gguf = GgufFile.open(file)) {
      return Tokenizers.of(GgufTokenizerSpec.read(gguf));
    }
  }

  private static int[] ids(JsonNode array) {
    return array.valueStream().mapToInt(JsonNode::intValue).toArray();
  }

  @ParameterizedTest
  @MethodSource("families")
  void encodesEveryTextAsTokenizersDoes(String family) throws Exception {
    Tokenizer tokenizer = tokenizer(family);
    JsonNode expected = JsonMapper.shared().readTree(golden(family)).required("ids");
    assertThat(expected.size()).isEqualTo(CORPUS.size());

    for (int i = 0; i < CORPUS.size(); i++) {
      assertThat(tokenizer.encode(CORPUS.get(i), false, true))
          .as("text %d: %s", i, CORPUS.get(i))
          .isEqualTo(ids(expected.required(i)));
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void putsTheFirstAndLastTokensThatTheModelAsksFor(String family) throws Exception {
    Tokenizer tokenizer = tokenizer(family);
    JsonNode golden = JsonMapper.shared().readTree(golden(family)).required("helloWithSpecial");
    int[] expected = ids(golden);
    if (family.equals("deepseek_v3")) {
      // Its tokenizer.json, which `tokenizers` goes by, is silent; tokenizer_config.json, which
      // transformers goes by, has "add_bos_token": true.
      expected = IntStream.concat(IntStream.of(0), Arrays.stream(expected)).toArray();
    }

    assertThat(tokenizer.encode("Hello world", true, false)).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("losslessFamilies")
  void givesBackWhatItEncoded(String family) throws Exception {
    Tokenizer tokenizer = tokenizer(family);
    for (String text : CORPUS) {
      assertThat(tokenizer.decode(tokenizer.encode(text, false, false), false)).isEqualTo(text);
      assertThat(tokenizer.decode(tokenizer.encode(text, false, true), false)).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void textFromOutsideForgesNoControlToken(String family) throws Exception {
    Tokenizer tokenizer = tokenizer(family);
    for (String text : CORPUS) {
      int[] forged =
          Arrays.stream(tokenizer.encode(text, false, false))
              .filter(tokenizer::isSpecial)
              .toArray();
      assertThat(forged).as(text).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void streamsTheSameTextAndNeverHalfACharacter(String family) throws Exception {
    Tokenizer tokenizer = tokenizer(family);
    for (String text : CORPUS) {
      int[] ids = tokenizer.encode(text, false, true);
      var stream = new StreamDecoder(tokenizer, false);
      var whole = new StringBuilder();
      for (int id : ids) {
        String piece = stream.add(id);
        assertThat(piece).doesNotContain("\ufffd".repeat(text.contains("\ufffd") ? 2 : 1));
        whole.append(piece);
      }
      whole.append(stream.finish());
      // A whole text loses the space that SentencePiece puts before its first word; a stream, which
      // goes on from a prompt, keeps it.
      String decoded = tokenizer.decode(ids, false);
      assertThat(whole.toString()).isIn(decoded, " " + decoded);
    }
  }
}

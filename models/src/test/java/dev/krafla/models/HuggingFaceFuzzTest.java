package dev.krafla.models;

import dev.krafla.kernels.Kernels;
import dev.krafla.models.tokenizer.Tokenizers;
import dev.krafla.testing.Damage;
import dev.krafla.testing.DamagedJson;
import dev.krafla.testing.Fuzz;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged Hugging Face folders: a {@link ModelException} each, or a model that runs. */
class HuggingFaceFuzzTest {
  private static final Duration LIMIT = Duration.ofSeconds(1);
  private static final List<String> JSON_PARTS =
      List.of("{", "}", "[", "]", ",", ":", "\"", "\\", "null", "1e999", "-", "\\ud800", "\u0000");

  @TempDir private Path folder;

  private void copy(String model) throws IOException {
    try (Stream<Path> files = Files.list(GoldenModel.read(model).folder())) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName().toString()));
      }
    }
  }

  private static String damaged(String json, SplittableRandom random) {
    return random.nextInt(3) == 0
        ? Damage.text(json, JSON_PARTS, random)
        : DamagedJson.of(json, random);
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "gemma3", "qwen3"})
  void damagedConfigurationGivesAClearErrorOrAModelThatRuns(String model) throws IOException {
    copy(model);
    String good = Files.readString(folder.resolve("config.json"));
    checkModels(500, random -> write("config.json", damaged(good, random)));
  }

  @Test
  void damagedTensorHeadersGiveAClearErrorOrAModelThatRuns() throws IOException {
    copy("qwen2");
    Path weights = folder.resolve("model.safetensors");
    byte[] good = Files.readAllBytes(weights);
    int header = 4096; // its length and most of its JSON
    checkModels(1000, random -> Files.write(weights, Damage.bytes(good, header, random)));
  }

  @Test
  void aDamagedListOfShardsGivesAClearErrorOrAModelThatRuns() throws IOException {
    copy("qwen3");
    String good = Files.readString(folder.resolve("model.safetensors.index.json"));
    checkModels(500, random -> write("model.safetensors.index.json", damaged(good, random)));
  }

  private interface Change {
    void apply(SplittableRandom random) throws IOException;
  }

  private void checkModels(int cases, Change change) {
    try (Kernels kernels = TestKernels.scalar()) {
      Fuzz.check(
          cases,
          LIMIT,
          random -> {
            change.apply(random);
            return FuzzedModels.runs(folder, kernels, random);
          });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"byteLevel", "sentencePiece", "unigram"})
  void damagedTokenizersGiveAClearErrorOrEncode(String kind) throws IOException {
    copy("llama");
    String tokenizer = HandMadeTokenizers.json(kind);
    String config = HandMadeTokenizers.CONFIG;
    Fuzz.check(
        4000,
        LIMIT,
        random -> {
          boolean inConfig = random.nextInt(4) == 0;
          int bytes =
              write("tokenizer.json", inConfig ? tokenizer : damaged(tokenizer, random))
                  + write("tokenizer_config.json", inConfig ? damaged(config, random) : config);
          return FuzzedModels.withinBounds(bytes, this::readText);
        });
  }

  private void readText() {
    ChatTemplates.ofFolder(folder);
    Tokenizer tokenizer = Tokenizers.ofFolder(folder);
    int[] ids = tokenizer.encode("ab  \ta\u4e2d\ud83d\udc08 a<|end|>b", true, true);
    tokenizer.decode(ids, false);
  }

  private int write(String name, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8); // lone surrogates become question marks
    Files.write(folder.resolve(name), bytes);
    return bytes.length;
  }
}

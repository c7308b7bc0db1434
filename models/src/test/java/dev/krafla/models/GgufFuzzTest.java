package dev.krafla.models;

import dev.krafla.kernels.Kernels;
import dev.krafla.models.tokenizer.TokenizerSpec;
import dev.krafla.models.tokenizer.Tokenizers;
import dev.krafla.testing.Damage;
import dev.krafla.testing.Fuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged GGUF files: a {@link ModelException} each, or a model that runs. */
class GgufFuzzTest {
  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final int HEADER = 4096; // of the golden models

  @TempDir private Path temp;
  private Path path = Path.of("");

  @BeforeEach
  void place() {
    path = temp.resolve("damaged.gguf");
  }

  @Test
  void aDamagedHeaderGivesAClearErrorAndNoLargeAllocation() throws IOException {
    List<byte[]> files = List.of(HandMade.byteLevel().bytes(), HandMade.sentencePiece().bytes());
    Fuzz.check(
        4000,
        LIMIT,
        random -> {
          byte[] good = files.get(random.nextInt(files.size()));
          byte[] bad = Damage.bytes(good, good.length, random);
          Files.write(path, bad);
          return FuzzedModels.withinBounds(bad.length, this::readHeader);
        });
  }

  /** Reads all of the header as loading does. */
  private void readHeader() {
    try (GgufSource source = GgufSource.open(path)) {
      TokenizerSpec spec = GgufTokenizerSpec.read(source.file());
      Tokenizers.of(spec);
      GgufTokenizerSpec.chatTemplate(source.file(), spec);
    }
  }

  @Test
  void aHeaderWhoseValuesMakeNoSenseGivesAClearErrorOrAModelThatRuns() {
    try (Kernels kernels = TestKernels.scalar()) {
      Fuzz.check(
          3000,
          LIMIT,
          random -> {
            byte[] bytes = oddHeader(random);
            Files.write(path, bytes);
            FuzzedModels.withinBounds(bytes.length, this::readHeader);
            return FuzzedModels.runs(path, kernels, random);
          });
    }
  }

  private static byte[] oddHeader(SplittableRandom random) {
    GgufWriter file = random.nextBoolean() ? HandMade.byteLevel() : HandMade.sentencePiece();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      HandMade.oddValue(file, random);
    }
    return file.bytes();
  }

  @Test
  void aModelThatOpensInSpiteOfItsDamageRuns() throws IOException {
    List<byte[]> files = new ArrayList<>();
    for (String name : List.of("llama", "gemma3")) {
      GoldenGguf.convert(GoldenModel.read(name).folder(), path);
      files.add(Files.readAllBytes(path));
    }
    try (Kernels kernels = TestKernels.scalar()) {
      Fuzz.check(
          1000,
          LIMIT,
          random -> {
            byte[] good = files.get(random.nextInt(files.size()));
            Files.write(path, Damage.bytes(good, HEADER, random));
            return FuzzedModels.runs(path, kernels, random);
          });
    }
  }
}

package dev.krafla.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.kernels.Kernels;
import dev.krafla.testing.Damage;
import dev.krafla.testing.ResidentMemory;
import dev.krafla.testing.SmallJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Damaged models of a few kilobytes in a JVM with little memory, on the heap and off it: whatever
 * their headers claim, nothing large is allocated.
 */
class SmallMachineTest {
  private static final int CASES = 800;

  /** The JVM itself takes some 85 MiB, its heap included. */
  private static final long MAX_RESIDENT_KIB = 150 << 10;

  @Test
  void damagedModelsOfAFewKilobytesLoadOrAreRefusedInLittleMemory() {
    String output =
        SmallJvm.run(
            SmallMachineTest.class,
            Duration.ofMinutes(2),
            "-Xmx48m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED");
    System.out.print(output);
    assertThat(output).contains("all done");
  }

  public static void main(String[] args) throws IOException {
    Path path = Files.createTempFile("damaged", ".gguf");
    int ran = 0;
    try (Kernels kernels = TestKernels.scalar()) {
      for (int seed = 0; seed < CASES; seed++) {
        var random = new SplittableRandom(seed);
        GgufWriter file = random.nextBoolean() ? HandMade.byteLevel() : HandMade.sentencePiece();
        HandMade.oddValue(file, random);
        byte[] bytes = file.bytes();
        Files.write(path, seed % 2 == 0 ? bytes : Damage.bytes(bytes, bytes.length, random));
        ran += FuzzedModels.runs(path, kernels, random) ? 1 : 0;
      }
    } finally {
      Files.delete(path);
    }
    long peak = ResidentMemory.peakKib().orElse(0);
    if (peak > MAX_RESIDENT_KIB) {
      throw new AssertionError("%d KiB were resident".formatted(peak));
    }
    System.out.printf("all done, %d of %d ran; %d KiB resident%n", ran, CASES, peak);
  }
}

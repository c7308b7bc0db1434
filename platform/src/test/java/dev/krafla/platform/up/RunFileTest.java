package dev.krafla.platform.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.testing.SmallJvm;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFileTest {
  private static final RunFile.Running RUNNING =
      new RunFile.Running(
          7,
          Instant.parse("2026-01-02T03:04:05Z"),
          URI.create("http://127.0.0.1:8080"),
          List.of(
              new RunFile.Part("gateway", "ready", 7, ""),
              new RunFile.Part("worker", "failed", 0, "it ended with exit status 1")));

  @TempDir private Path home;

  @Test
  void othersReadWhatItsOwnerHasWritten() throws IOException {
    try (RunFile file = RunFile.take(home).orElseThrow()) {
      file.write(RUNNING);
      assertThat(RunFile.read(home)).contains(RUNNING);
      assertThat(RunFile.take(home)).isEmpty();
    }
    assertThat(RunFile.read(home)).isEmpty();
  }

  @Test
  void whatAKilledOwnerHasLeftIsNotTakenForRunning() throws IOException {
    SmallJvm.run(Leaves.class, Duration.ofMinutes(1), "-Dhome=" + home);
    assertThat(home.resolve("run/up.json")).exists();
    assertThat(RunFile.read(home)).isEmpty();
    try (RunFile file = RunFile.take(home).orElseThrow()) {
      file.write(RUNNING);
      assertThat(RunFile.read(home)).contains(RUNNING);
    }
  }

  /** Ends without closing what it has taken. */
  static final class Leaves {
    private Leaves() {}

    public static void main(String[] args) throws IOException {
      RunFile.take(Path.of(System.getProperty("home"))).orElseThrow().write(RUNNING);
      Runtime.getRuntime().halt(0);
    }
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    try (RunFile file = RunFile.take(home).orElseThrow()) {
      file.write(RUNNING);
      Files.writeString(home.resolve("run/up.json"), "{\"pid\": 1}");
      assertThatThrownBy(() -> RunFile.read(home))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("run/up.json is damaged");
    }
  }
}

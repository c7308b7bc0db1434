package dev.krafla.platform.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatingLogTest {
  @TempDir private Path folder;

  private static void write(Path file, String text) throws IOException {
    try (var log = new RotatingLog(file, 10, 2)) {
      for (String line : text.lines().toList()) {
        log.copy(new ByteArrayInputStream((line + "\n").getBytes(StandardCharsets.UTF_8)));
      }
    }
  }

  @Test
  void onlyTheNewestFilesAreKept() throws IOException {
    Path file = folder.resolve("logs/a.log");
    write(file, "0123456789\nabcdefghij\nklmnopqrst\nuvwxyz\n");
    assertThat(Files.readString(file)).isEqualTo("uvwxyz\n");
    assertThat(Files.readString(folder.resolve("logs/a.log.1"))).isEqualTo("klmnopqrst\n");
    assertThat(Files.readString(folder.resolve("logs/a.log.2"))).isEqualTo("abcdefghij\n");
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertThat(files).hasSize(3);
    }
  }

  @Test
  void aLogThatIsThereIsContinued() throws IOException {
    Path file = folder.resolve("a.log");
    write(file, "one\n");
    write(file, "two\n");
    assertThat(Files.readString(file)).isEqualTo("one\ntwo\n");
  }
}

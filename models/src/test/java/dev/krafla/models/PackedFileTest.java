package dev.krafla.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedFileTest {
  @TempDir Path folder;

  private PackedFile file(String name) {
    return new PackedFile(folder.resolve(name), new byte[32]);
  }

  private void age(String name, Duration age) throws IOException {
    Files.setLastModifiedTime(folder.resolve(name), FileTime.from(Instant.now().minus(age)));
  }

  @Test
  void whoeverWritesOneDeletesWhatNobodyHasUsedForAMonth() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(1000).fill((byte) 7);
      for (String name : new String[] {"old.weights", "fresh.weights", "read.weights"}) {
        file(name).write(data);
      }
      Files.writeString(folder.resolve("torn.tmp"), "of a process that was killed");
      Files.writeString(folder.resolve("note.txt"), "nobody's business");
      Duration old = PackedFile.UNUSED_LIMIT.plusHours(1);
      age("fresh.weights", PackedFile.UNUSED_LIMIT.minusHours(1));
      for (String name : new String[] {"old.weights", "read.weights", "torn.tmp", "note.txt"}) {
        age(name, old);
      }
      MemorySegment into = arena.allocate(1000);
      assertThat(file("read.weights").read(into)).isTrue(); // it is in use again
      file("new.weights").write(data);
      try (var left = Files.list(folder)) {
        assertThat(left.map(path -> path.getFileName().toString()))
            .containsExactlyInAnyOrder("fresh.weights", "read.weights", "new.weights", "note.txt");
      }
      assertThat(into.mismatch(data)).isEqualTo(-1);
    }
  }
}

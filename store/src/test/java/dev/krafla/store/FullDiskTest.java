package dev.krafla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krafla.testing.ChildJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk without room, which is a small one mounted for the test's process alone. */
class FullDiskTest {
  @TempDir private Path home;

  @BeforeEach
  void needsTheRightToMount() {
    assumeTrue(
        Commands.run(List.of("unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt")).ok(),
        "only root can mount a small disk");
  }

  @Test
  void aStartWithoutRoomSaysSo() {
    try (ChildJvm child = onDisk("48m")) {
      assertThat(child.await("refused")).contains("No space left on device");
    }
  }

  @Test
  void whatWasCommittedOutlivesADiskThatIsFull() {
    try (ChildJvm child = onDisk("112m")) {
      assertThat(child.await("full")).isNotEmpty();
      String[] counts = child.await("survived").split(" ", -1);
      assertThat(Long.parseLong(counts[1])).isGreaterThanOrEqualTo(Long.parseLong(counts[0]));
      assertThat(child.exitCode()).isZero();
    }
  }

  private ChildJvm onDisk(String size) {
    TestDatabase.create().close(); // unpacks the programs
    assertThat(Files.isDirectory(TestDatabase.cache())).isTrue();
    var command = new ArrayList<String>(List.of("unshare", "--mount", "sh", "-c"));
    command.add("mount -t tmpfs -o size=$1 none $2 && ln -s $3 $2/cache && shift 3 && exec \"$@\"");
    command.addAll(
        List.of("sh", size, home.toString(), TestDatabase.cache().resolveSibling("").toString()));
    command.addAll(ChildJvm.command(FullDisk.class, home.toString()));
    return ChildJvm.start(command);
  }
}

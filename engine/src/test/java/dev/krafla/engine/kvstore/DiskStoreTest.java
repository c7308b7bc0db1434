package dev.krafla.engine.kvstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskStoreTest {
  private static final int BYTES = 100;

  @TempDir Path parent;

  private DiskStore open(long maxBytes) {
    return DiskStore.open(folder(), maxBytes);
  }

  private Path folder() {
    return parent.resolve("some").resolve("kv");
  }

  private static KvKey key(int i) {
    return new KvKey(~i, i);
  }

  private static void write(KvStore store, int i) throws IOException {
    store.write(key(i), content(i));
  }

  private static ByteBuffer content(int i) {
    return ByteBuffer.allocate(BYTES).putInt(i).rewind();
  }

  private static boolean reads(KvStore store, int i) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(8);
    ByteBuffer rest = ByteBuffer.allocateDirect(BYTES - 8);
    return store.read(key(i), new ByteBuffer[] {head, rest}, Long.MAX_VALUE) && head.getInt(0) == i;
  }

  @Test
  void givesBackWhatWasWrittenAlsoAfterItIsOpenedAgain() throws IOException {
    try (DiskStore store = open(10_000)) {
      write(store, 1);
      write(store, 2);
      assertThat(reads(store, 1)).isTrue();
    }
    try (DiskStore store = open(10_000)) {
      assertThat(store.holds(key(1)) && store.holds(key(2))).isTrue();
      assertThat(store.holds(key(3))).isFalse();
      assertThat(reads(store, 1) && reads(store, 2)).isTrue();
      assertThat(reads(store, 3)).isFalse();
      assertThat(store.bytes()).isEqualTo(2 * BYTES);
      assertThat(store.entries()).isEqualTo(2);
    }
  }

  @Test
  void theLeastRecentlyUsedGivesWay() throws IOException {
    try (DiskStore store = open(3 * BYTES)) {
      for (int i = 1; i <= 3; i++) {
        write(store, i);
      }
      assertThat(store.holds(key(1))).isTrue(); // used now
      write(store, 4);
      assertThat(store.bytes()).isEqualTo(3 * BYTES);
      assertThat(reads(store, 2)).isFalse();
      assertThat(reads(store, 1) && reads(store, 3) && reads(store, 4)).isTrue();
    }
  }

  @Test
  void useIsRememberedOverARestart() throws IOException {
    try (DiskStore store = open(10_000)) {
      for (int i = 1; i <= 3; i++) {
        write(store, i);
        Files.setLastModifiedTime(file(i), FileTime.fromMillis(1_000_000L * i));
      }
    }
    try (DiskStore store = open(10_000)) {
      assertThat(store.holds(key(1))).isTrue();
    }
    try (DiskStore store = open(2 * BYTES)) { // one has to go
      assertThat(store.holds(key(2))).isFalse();
      assertThat(store.holds(key(1)) && store.holds(key(3))).isTrue();
    }
  }

  private Path file(int i) {
    return folder().resolve(key(i).hex() + ".kv");
  }

  @Test
  void anEntryLargerThanAllIsNotKept() throws IOException {
    try (DiskStore store = open(BYTES - 1)) {
      write(store, 1);
      assertThat(store.bytes()).isZero();
      assertThat(reads(store, 1)).isFalse();
    }
  }

  @Test
  void whatAnotherWorkerHasDeletedIsAMiss() throws IOException {
    try (DiskStore one = open(10_000);
        DiskStore two = open(10_000)) {
      write(one, 1);
      write(two, 1); // both have it: the same name, the same content
      two.remove(key(1));
      assertThat(reads(one, 1)).isFalse();
      assertThat(one.holds(key(1))).isFalse();
    }
  }

  @Test
  void aFileOfAnotherLengthIsAMiss() throws IOException {
    try (DiskStore store = open(10_000)) {
      write(store, 1);
      Files.write(file(1), new byte[BYTES - 1]);
      assertThat(reads(store, 1)).isFalse();
      Files.write(file(1), new byte[BYTES + 1]);
      assertThat(reads(store, 1)).isFalse();
    }
  }

  @Test
  void foreignFilesStayAndAbandonedOnesGo() throws IOException {
    open(10_000).close();
    Path foreign = Files.writeString(folder().resolve("notes.txt"), "mine");
    Path writing = Files.writeString(folder().resolve("0.tmp"), "somebody writes it now");
    Path abandoned = Files.writeString(folder().resolve("1.tmp"), "its writer was killed");
    Files.setLastModifiedTime(abandoned, FileTime.fromMillis(0));
    try (DiskStore store = open(1)) {
      assertThat(store.entries()).isZero();
    }
    assertThat(foreign).exists();
    assertThat(writing).exists();
    assertThat(abandoned).doesNotExist();
  }

  @Test
  void onlyTheOwnerCanLookIn() throws IOException {
    open(10_000).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder())))
        .isEqualTo("rwx------");
  }

  @Test
  void aFolderThatVanishesFailsTheWriteAndNothingElse() throws IOException {
    try (DiskStore store = open(10_000)) {
      write(store, 1);
      try (Stream<Path> files = Files.list(folder())) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder());
      Files.write(folder(), "a file".getBytes(StandardCharsets.UTF_8));
      assertThatThrownBy(() -> write(store, 2)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> write(store, 3)).hasMessageContaining("left alone");
      assertThat(store.holds(key(2))).isFalse();
    }
  }

  @Test
  void namesAreReadStrictly() {
    KvKey key = new KvKey(-2, 255);
    assertThat(key.hex()).isEqualTo("fffffffffffffffe00000000000000ff");
    assertThat(KvKey.parse(key.hex())).contains(key);
    for (String bad :
        new String[] {
          "", "f", key.hex() + "0", key.hex().toUpperCase(Locale.ROOT), " " + key.hex().substring(1)
        }) {
      assertThat(KvKey.parse(bad)).as(bad).isEmpty();
    }
  }
}

package dev.krafla.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * Measures opening the store in a home: the first time, with unpacking, then in a home of its own
 * that is ready, eleven times; prints milliseconds. Not a test: {@code mvn -q -pl testing,store
 * test-compile} and then {@code mvn -q -pl store exec:java -Dexec.classpathScope=test
 * -Dexec.mainClass=dev.krafla.store.StartTimes}.
 */
final class StartTimes {
  private static final int LATER = 11;

  private StartTimes() {}

  public static void main(String[] args) throws IOException {
    Path home = Files.createTempDirectory("krafla-start-times");
    try {
      double first = open(home);
      var later = new double[LATER];
      for (int i = 0; i < LATER; i++) {
        later[i] = open(home);
      }
      Arrays.sort(later);
      System.out.printf(
          "first %.0f ms; later: median %.0f ms, least %.0f, greatest %.0f of %d%n",
          first, later[LATER / 2], later[0], later[LATER - 1], LATER);
    } finally {
      Folders.delete(home);
    }
  }

  /** From nothing to a migrated database that answers. */
  private static double open(Path home) {
    long begun = System.nanoTime();
    try (Database database = Database.open(home, Map.of())) {
      database.jdbi().useHandle(h -> h.execute("SELECT 1"));
      return (System.nanoTime() - begun) / 1e6;
    }
  }
}

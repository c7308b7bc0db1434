package dev.krafla.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.JdbiException;

/**
 * Fills the small disk that the home, its argument, is on, says what the store then says, makes
 * room and says what is left of what was committed.
 */
final class FullDisk {
  private static final int BALLAST_BYTES = 24 << 20;

  private FullDisk() {}

  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]);
    Path ballast = Files.write(home.resolve("ballast"), new byte[BALLAST_BYTES]);
    try (Database database = Database.open(home, Map.of())) {
      database.jdbi().useHandle(h -> h.execute("CREATE TABLE public.filled (text text)"));
      long committed = fill(database);
      Files.delete(ballast);
      System.out.println("survived " + committed + " " + onceItAnswers(database));
    } catch (StoreException e) {
      System.out.println("refused " + String.valueOf(e.getMessage()).replace('\n', ' '));
    }
  }

  private static long fill(Database database) throws IOException {
    long committed = 0;
    while (true) {
      try {
        database
            .jdbi()
            .useHandle(h ->
                h.execute(
                    "INSERT INTO public.filled SELECT string_agg(md5(i::text), '')"
                        + " FROM generate_series(1, 20000) AS i"));
        committed++;
      } catch (JdbiException e) {
        System.out.println("full " + String.valueOf(e.getMessage()).replace('\n', ' '));
        return committed;
      }
    }
  }

  private static long onceItAnswers(Database database) throws InterruptedException {
    while (true) {
      try {
        return database
            .jdbi()
            .withHandle(
                h -> h.createQuery("SELECT count(*) FROM public.filled").mapTo(Long.class).one());
      } catch (JdbiException e) {
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }
}

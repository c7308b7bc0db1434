package dev.krafla.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Opens the home that its argument names, counts up in a table of its own, and says each number
 * once it is committed, until it is killed.
 */
final class Owner {
  private Owner() {}

  public static void main(String[] args) throws IOException {
    Database database = Database.open(Path.of(args[0]), Map.of());
    try (var handle = database.jdbi().open()) {
      handle.execute("CREATE TABLE IF NOT EXISTS public.counted (n bigint PRIMARY KEY)");
      long next =
          handle
              .createQuery("SELECT coalesce(max(n), 0) + 1 FROM public.counted")
              .mapTo(Long.class)
              .one();
      System.out.println("ready " + EmbeddedPostgres.running(Path.of(args[0])).orElseThrow());
      while (true) {
        handle.execute("INSERT INTO public.counted VALUES (?)", next);
        System.out.println("committed " + next);
        System.out.flush();
        next++;
      }
    }
  }
}

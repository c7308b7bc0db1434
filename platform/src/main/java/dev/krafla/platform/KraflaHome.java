package dev.krafla.platform;

import java.nio.file.Path;
import java.util.Map;

/** The user's folder for models and caches: {@code $KRAFLA_HOME}, else {@code ~/.krafla}. */
public record KraflaHome(Path folder) {
  public KraflaHome {
    folder = folder.toAbsolutePath().normalize();
  }

  /** The home that {@code environment} names. */
  public static KraflaHome of(Map<String, String> environment) {
    String named = environment.getOrDefault("KRAFLA_HOME", "");
    return new KraflaHome(
        named.isBlank() ? Path.of(System.getProperty("user.home"), ".krafla") : Path.of(named));
  }

  /** One folder per alias or reference, holding the model's files. */
  public Path models() {
    return folder.resolve("models");
  }

  /** Whatever can be made again: repacked weights, compiled kernels. */
  public Path cache() {
    return folder.resolve("cache");
  }

  /** What the programs that {@code krafla up} runs say. */
  public Path logs() {
    return folder.resolve("logs");
  }

  /** The log of the program called {@code name}. */
  public Path log(String name) {
    return logs().resolve(name + ".log");
  }

  /** The key of who administers what {@code krafla up} runs here. */
  public Path adminKey() {
    return folder.resolve("admin.key");
  }
}

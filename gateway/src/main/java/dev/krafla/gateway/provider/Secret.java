package dev.krafla.gateway.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * A provider's key, which no log and no error shows. Files name where it is, never what it is.
 *
 * @param source as {@code env:NAME} or {@code file:PATH}
 */
public record Secret(String source, String value) {
  private static final String ENV = "env:";
  private static final String FILE = "file:";

  public Secret {
    if (!value.matches("[\\x21-\\x7e]{1,8192}")) {
      throw new IllegalArgumentException(
          "%s does not hold a key: it must be 1 to 8,192 visible ASCII characters"
              .formatted(source));
    }
  }

  /**
   * Finds what {@code source} names.
   *
   * @param variables the process's environment
   * @throws IllegalArgumentException when there is nothing, or {@code source} is not a reference
   */
  public static Secret read(String source, Function<String, Optional<String>> variables) {
    if (source.startsWith(ENV)) {
      String name = source.substring(ENV.length());
      return variables
          .apply(name)
          .filter(v -> !v.isBlank())
          .map(v -> new Secret(source, v.strip()))
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "the environment variable %s is not set; export it before the gateway starts"
                      .formatted(name)));
    }
    if (source.startsWith(FILE)) {
      Path path = Path.of(source.substring(FILE.length()));
      try {
        return new Secret(source, Files.readString(path).strip());
      } catch (IOException e) {
        throw new IllegalArgumentException("the key's file %s cannot be read".formatted(path), e);
      }
    }
    // It may be the key itself: it is not repeated.
    throw new IllegalArgumentException(
        "a key is given by reference only: env:NAME or file:PATH; keep the key itself out of this file");
  }

  @Override
  public String toString() {
    return source;
  }
}

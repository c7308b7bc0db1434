package dev.krafla.image;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.krafla.image.text.FontLibrary;
import java.nio.file.Path;

/** The fonts that krafla image --fetch-fonts brings; tests that set text need them. */
final class Fonts {
  private Fonts() {}

  static Path folder() {
    String home = System.getenv("KRAFLA_HOME");
    Path base =
        home == null || home.isBlank()
            ? Path.of(System.getProperty("user.home"), ".krafla")
            : Path.of(home);
    return base.resolve("fonts");
  }

  /** Skips the test, by name, where fonts are missing. */
  static Studio studio() {
    assumeThat(new FontLibrary(folder()).missing())
        .as("fonts in %s (./krafla image --fetch-fonts)", folder())
        .isEmpty();
    return Studio.open(folder());
  }
}

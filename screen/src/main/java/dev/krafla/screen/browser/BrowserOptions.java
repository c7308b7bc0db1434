package dev.krafla.screen.browser;

import dev.krafla.screen.Bounds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a browser is started.
 *
 * @param profile its folder, of nobody else
 * @param program empty: the first that is found
 * @param visible whether it has a window on this machine's desktop
 * @param viewport size of a page in CSS pixels
 * @param scale device pixels in a CSS pixel
 * @param downloads where files that pages give go
 * @param grace how long the browser outlives a runtime that crashed, to be found again
 * @param flags further ones of the program
 */
public record BrowserOptions(
    Path profile,
    Optional<BrowserProgram> program,
    boolean visible,
    Bounds viewport,
    double scale,
    Path downloads,
    Duration grace,
    List<String> flags) {
  /** What a common screen shows of a page. */
  public static final Bounds VIEWPORT = new Bounds(0, 0, 1280, 800);

  public BrowserOptions {
    flags = List.copyOf(flags);
    if (viewport.isEmpty() || !(scale > 0)) {
      throw new IllegalArgumentException(
          "a viewport needs a size, and its scale must be above 0, not " + scale);
    }
  }

  /** Headless, in a profile of its own, found again for ten minutes after a crash. */
  public static BrowserOptions in(Path profile) {
    Path folder = profile.toAbsolutePath().normalize();
    return new BrowserOptions(
        folder,
        Optional.empty(),
        false,
        VIEWPORT,
        1,
        folder.resolve("downloads"),
        Duration.ofMinutes(10),
        List.of());
  }

  public BrowserOptions withProgram(BrowserProgram value) {
    return new BrowserOptions(
        profile, Optional.of(value), visible, viewport, scale, downloads, grace, flags);
  }

  public BrowserOptions withVisible(boolean value) {
    return new BrowserOptions(profile, program, value, viewport, scale, downloads, grace, flags);
  }

  public BrowserOptions withViewport(double width, double height, double deviceScale) {
    return new BrowserOptions(
        profile,
        program,
        visible,
        new Bounds(0, 0, width, height),
        deviceScale,
        downloads,
        grace,
        flags);
  }

  public BrowserOptions withDownloads(Path value) {
    return new BrowserOptions(
        profile, program, visible, viewport, scale, value.toAbsolutePath(), grace, flags);
  }

  public BrowserOptions withGrace(Duration value) {
    return new BrowserOptions(profile, program, visible, viewport, scale, downloads, value, flags);
  }

  public BrowserOptions withFlags(String... value) {
    return new BrowserOptions(
        profile, program, visible, viewport, scale, downloads, grace, List.of(value));
  }

  BrowserProgram findProgram(Map<String, String> environment) {
    return program.orElseGet(() -> BrowserProgram.find(environment));
  }
}

package dev.krafla.screen.browser;

import dev.krafla.screen.BrowserNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Chrome or Chromium of this machine.
 *
 * @param version as {@code 156.0.8078.79}
 * @param origin how it was found, for a person
 */
public record BrowserProgram(Path path, String version, String origin) {
  /** Older ones lack commands that are used here. */
  public static final int OLDEST = 120;

  /** Names the program to use, before any that is looked for. */
  public static final String VARIABLE = "KRAFLA_BROWSER";

  private static final List<String> NAMES =
      List.of(
          "chromium",
          "chromium-browser",
          "google-chrome",
          "google-chrome-stable",
          "chrome",
          "microsoft-edge",
          "brave-browser");
  private static final List<String> APPLICATIONS =
      List.of(
          "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
          "/Applications/Chromium.app/Contents/MacOS/Chromium",
          "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
          "/opt/google/chrome/chrome",
          "/usr/lib/chromium/chromium",
          "/snap/bin/chromium");
  private static final Pattern VERSION = Pattern.compile("([0-9]+)(?:\\.[0-9]+){1,3}");
  private static final int PATIENCE_SECONDS = 20;

  /** The first part of the version. */
  public int major() {
    return Integer.parseInt(version.substring(0, version.indexOf('.')));
  }

  /** What to do where there is none, in one line. */
  public static String remedy() {
    return "install one (Debian, Ubuntu: apt install chromium; Fedora: dnf install chromium; macOS:"
        + " brew install --cask chromium) or set "
        + VARIABLE
        + " to the program";
  }

  /**
   * The one that is named, or the first that is found and new enough.
   *
   * @throws BrowserNotFoundException when there is none, with what to do
   */
  public static BrowserProgram find(Map<String, String> environment) {
    String named = environment.getOrDefault(VARIABLE, "");
    if (!named.isEmpty()) {
      return ask(Path.of(named), VARIABLE)
          .filter(b -> b.major() >= OLDEST)
          .orElseThrow(() ->
              new BrowserNotFoundException(
                  "%s is %s, which is no Chrome or Chromium of version %d or newer"
                      .formatted(VARIABLE, named, OLDEST)));
    }
    List<String> tooOld = new ArrayList<>();
    for (Path candidate : candidates(environment).toList()) {
      Optional<BrowserProgram> found = ask(candidate, "found at " + candidate);
      if (found.isPresent() && found.get().major() >= OLDEST) {
        return found.get();
      }
      found.ifPresent(b -> tooOld.add(b.path() + " (" + b.version() + ")"));
    }
    throw new BrowserNotFoundException(
        "no Chrome or Chromium of version %d or newer on this machine%s; %s"
            .formatted(
                OLDEST, tooOld.isEmpty() ? "" : ", only " + String.join(", ", tooOld), remedy()));
  }

  private static Stream<Path> candidates(Map<String, String> environment) {
    List<Path> folders = new ArrayList<>();
    for (String folder :
        environment.getOrDefault("PATH", "").split(java.io.File.pathSeparator, -1)) {
      if (!folder.isEmpty()) {
        folders.add(Path.of(folder));
      }
    }
    return Stream.concat(
            NAMES.stream().flatMap(name -> folders.stream().map(f -> f.resolve(name))),
            APPLICATIONS.stream().map(Path::of))
        .filter(Files::isExecutable);
  }

  private static Optional<BrowserProgram> ask(Path program, String origin) {
    if (!Files.isExecutable(program)) {
      return Optional.empty();
    }
    try {
      Process process =
          new ProcessBuilder(program.toString(), "--version")
              .redirectInput(ProcessBuilder.Redirect.from(Processes.NOTHING))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (var out = process.getInputStream()) {
        String said = new String(out.readNBytes(4096), StandardCharsets.UTF_8);
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          return Optional.empty();
        }
        Matcher version = VERSION.matcher(said);
        return version.find()
            ? Optional.of(new BrowserProgram(program, version.group(), origin))
            : Optional.empty();
      }
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}

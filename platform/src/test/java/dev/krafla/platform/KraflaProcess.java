package dev.krafla.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A {@code krafla} command in a process of its own, which can be killed and started again. */
final class KraflaProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  final String name;
  final int port;
  private final Path home;
  private final Path log;
  private final HttpClient http;
  private final Optional<String> kernels;
  private final List<String> command;
  private Process process;

  /**
   * Starts it.
   *
   * @param folder where its log and its home are
   * @param port that {@code args} have it listen at
   * @param kernels absent: the fastest
   */
  KraflaProcess(
      String name,
      Path folder,
      int port,
      HttpClient http,
      Optional<String> kernels,
      List<String> args) {
    this.kernels = kernels;
    this.name = name;
    this.port = port;
    this.home = folder.resolve("home");
    this.log = folder.resolve(name + ".log");
    this.http = http;
    command = new ArrayList<>();
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-ea:dev.krafla...", // workers check their invariants after each step
            "-Xmx192m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName()));
    command.addAll(args);
    process = launch();
  }

  private Process launch() {
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("KRAFLA_HOME", home.toString());
    kernels.ifPresent(tier -> builder.environment().put("KRAFLA_KERNELS", tier));
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  void startAgain() {
    process = launch();
  }

  boolean isReady() {
    return get("/health").contains("ok");
  }

  /** Waits until it answers. */
  void awaitReady() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isReady()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new AssertionError(name + " does not start: " + log());
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** The body of an answer; empty where there is none. */
  String get(String path) {
    try {
      return http.send(
              HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(5)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  /** The sum of a metric over its labels, as far as the process can be asked. */
  long metric(String metric) {
    return get("/metrics")
        .lines()
        .filter(line -> line.startsWith(metric + "{"))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  String log() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}

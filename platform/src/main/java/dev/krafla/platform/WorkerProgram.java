package dev.krafla.platform;

import dev.krafla.platform.up.ChildSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * {@code krafla serve} as a program of its own beside the gateway: a crash of its native code takes
 * nothing else along, and only it needs the JVM's flags for kernels. It listens at loopback behind
 * a key that only this process knows, at a port that it keeps when it is started again.
 */
record WorkerProgram(List<String> models, List<String> options, int port, String key) {
  static final String NAME = "worker";

  /** Flags of its JVM, as the launcher gives them; without a launcher what always works. */
  private static final String FLAGS = "krafla.worker.flags";

  private static final String USUAL_FLAGS =
      "--enable-native-access=ALL-UNNAMED --add-modules=jdk.incubator.vector";

  private static final Pattern SPACES = Pattern.compile(" +");

  /** Loading a large model from a cold disk takes minutes. */
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final int OK = 200;

  WorkerProgram {
    models = List.copyOf(models);
    options = List.copyOf(options);
  }

  /**
   * A worker at a free port.
   *
   * @param options further words for {@code krafla serve}
   */
  static WorkerProgram atFreePort(List<String> models, List<String> options, String key) {
    try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new WorkerProgram(models, options, probe.getLocalPort(), key);
    } catch (IOException e) {
      throw new UncheckedIOException("no free port: " + e.getMessage(), e);
    }
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** How it is started and watched. */
  ChildSpec spec(KraflaHome home, HttpClient http) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    SPACES
        .splitAsStream(System.getProperty(FLAGS, USUAL_FLAGS).strip())
        .filter(flag -> !flag.isEmpty())
        .forEach(command::add);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "serve"));
    command.addAll(models);
    command.addAll(
        List.of("--host", "127.0.0.1", "--port", Integer.toString(port), "--until-stdin-ends"));
    command.addAll(options);
    return new ChildSpec(
        NAME,
        command,
        Map.of("KRAFLA_API_KEY", key, "KRAFLA_HOME", home.folder().toString()),
        home.log(NAME),
        () -> healthy(http),
        PATIENCE);
  }

  private boolean healthy(HttpClient http) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(url().resolve("/health")).timeout(ANSWER).build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == OK;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The key, for those who are asked for the variable that a replica's key is in. */
  Optional<String> variable(String name) {
    return name.equals(KEY_VARIABLE) ? Optional.of(key) : Optional.empty();
  }

  /** Names the key where a replica is described; no variable of the environment has this name. */
  static final String KEY_VARIABLE = "krafla.worker.key";
}

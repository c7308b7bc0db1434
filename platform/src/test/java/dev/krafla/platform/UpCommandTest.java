package dev.krafla.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.platform.up.RunFile;
import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.ChatRequest;
import dev.krafla.wire.GenerationOptions;
import dev.krafla.wire.OpenAiClient;
import dev.krafla.wire.RemoteError;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole of it in processes of its own: gateway, router, database and a worker. */
class UpCommandTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir private Path folder;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void endAll() throws InterruptedException {
    for (Process process : started) {
      process.toHandle().destroy(); // SIGTERM: its database ends with it
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  private Process up(String... more) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(Main.class.getName(), "up", "--port", "0"));
    command.addAll(List.of(more));
    var builder = new ProcessBuilder(command);
    builder.environment().put("KRAFLA_HOME", home().toString());
    builder.environment().remove("KRAFLA_API_KEY");
    builder.environment().remove("DATABASE_URL");
    Process process = builder.redirectError(folder.resolve("err").toFile()).start();
    started.add(process);
    return process;
  }

  private Process upWithModel() throws IOException {
    return up("--model", TinyModel.write(folder, "tiny").toString(), "--worker-options", WORKER);
  }

  private static final String WORKER = "--threads 1 --kv-disk 0 --kv-memory 16MiB";

  private Path home() {
    return folder.resolve("home");
  }

  private URI url(BufferedReader out) throws IOException {
    String ready = out.readLine();
    assertThat(ready)
        .as(() -> errors())
        .matches("Krafla is ready at http://127.0.0.1:\\d+/v1 after .* s");
    return URI.create(ready.replaceFirst(".*(http://[^/]+).*", "$1"));
  }

  private String errors() {
    try {
      return Files.readString(folder.resolve("err"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private RunFile.Running running() throws IOException {
    return RunFile.read(home()).orElseThrow();
  }

  private ProcessHandle worker() throws IOException {
    long pid =
        running().parts().stream()
            .filter(part -> part.name().equals("worker"))
            .findFirst()
            .orElseThrow()
            .pid();
    return ProcessHandle.of(pid).orElseThrow();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private Optional<String> adminKey() throws IOException {
    return Optional.of(Files.readString(home().resolve("admin.key")).strip());
  }

  private boolean answers(URI url, Optional<String> key) {
    try (var client = new OpenAiClient(url, key)) {
      GenerationOptions options =
          GenerationOptions.DEFAULTS.with(OptionalInt.of(3), Optional.of(0.0));
      var request = ChatRequest.of("tiny", List.of(ChatMessage.user("Hello?")), options);
      return client.chat(request).usage().promptTokens() > 0;
    } catch (RemoteError e) { // while the worker starts again
      return false;
    }
  }

  @Test
  void aWorkerThatIsKilledIsStartedAgainAndSigtermEndsAllOfIt() throws Exception {
    Process up = upWithModel();
    try (BufferedReader out = up.inputReader()) {
      URI url = url(out);
      Optional<String> key = adminKey();
      assertThat(answers(url, key)).isTrue();
      assertThat(answers(url, Optional.empty())).isFalse();
      assertThat(Files.getPosixFilePermissions(home().resolve("admin.key")))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      assertThat(running().parts()).allMatch(part -> part.state().equals("ready"));
      ProcessHandle first = worker();
      assertThat(first.destroyForcibly()).isTrue();
      await(() -> answers(url, key));
      ProcessHandle second = worker();
      assertThat(second.pid()).isNotEqualTo(first.pid());
      up.toHandle().destroy();
      assertThat(up.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(up.exitValue()).isZero();
      assertThat(second.isAlive()).isFalse();
      List<String> said = out.lines().toList();
      assertThat(said).last().asString().contains("Ctrl-C stops it");
      assertThat(said).anyMatch(line -> line.contains(key.orElseThrow()));
    }
    assertThat(errors())
        .contains("worker: it ended with exit status 137; it is started again in 1 s")
        .contains("Stopped.");
    assertThat(RunFile.read(home())).isEmpty();
  }

  @Test
  void nothingOutlivesItWhenItIsKilledAndItsHomeCanBeUsedAgain() throws Exception {
    Process up = upWithModel();
    ProcessHandle worker;
    try (BufferedReader out = up.inputReader()) {
      url(out);
      worker = worker();
      CommandRun second = CommandRun.start(new KraflaHome(home()), "up", "--no-models");
      assertThat(second.exitCode()).isNotZero();
      assertThat(second.err()).contains("krafla up runs already in " + home());
    }
    up.destroyForcibly().waitFor();
    await(() -> !worker.isAlive());
    Process again = up("--no-models");
    try (BufferedReader out = again.inputReader()) {
      URI url = url(out);
      try (var client = new OpenAiClient(url, adminKey())) {
        assertThat(client.models()).isEmpty();
      }
      again.toHandle().destroy();
      assertThat(out.lines()).noneMatch(line -> line.contains("kr-")); // a key is shown once
    }
  }

  @Test
  void aWorkerThatDoesNotStartSaysWhy() throws Exception {
    Path model = TinyModel.write(folder, "tiny");
    Process up = up("--model", model.toString(), "--worker-options", "--kv-memory none");
    assertThat(up.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(up.exitValue()).isNotZero();
    assertThat(errors()).contains("the worker does not start").contains("'none' is no size");
  }
}

package dev.krafla.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.ChatRequest;
import dev.krafla.wire.GenerationOptions;
import dev.krafla.wire.OpenAiClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in a process of its own, as the launcher starts it. */
class MainTest {
  private static final int PATIENCE_SECONDS = 60;

  @TempDir private Path folder;

  private Process start(String... args) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(List.of(args));
    var builder = new ProcessBuilder(command);
    builder.environment().put("KRAFLA_HOME", folder.resolve("home").toString());
    builder.environment().remove("KRAFLA_API_KEY");
    return builder.redirectError(folder.resolve("err").toFile()).start();
  }

  private int exitCode(Process process) throws InterruptedException {
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  @Test
  void servesUntilSigtermAndThenExitsWithZero() throws Exception {
    String model = TinyModel.write(folder, "tiny").toString();
    Process serve = start("serve", model, "--port", "0");
    try (BufferedReader out = serve.inputReader()) {
      String ready = out.readLine();
      assertThat(ready).as(Files.readString(folder.resolve("err"))).contains(" is ready at ");
      URI url = URI.create(ready.replaceFirst(".*(http://\\S+) after.*", "$1"));
      try (var client = new OpenAiClient(url, Optional.empty())) {
        GenerationOptions options =
            GenerationOptions.DEFAULTS.with(OptionalInt.of(5), Optional.of(0.0));
        var request = ChatRequest.of("tiny", List.of(ChatMessage.user("Hello?")), options);
        assertThat(client.chat(request).usage().promptTokens()).isPositive();
      }
      serve.toHandle().destroy(); // SIGTERM; Process.destroy would close its output too
      assertThat(exitCode(serve)).isZero();
      assertThat(out.lines()).last().asString().contains("Ctrl-C stops it");
    } finally {
      serve.destroyForcibly();
    }
    assertThat(folder.resolve("err")).content().contains("Stopped.").doesNotContain("WARNING");
  }

  @Test
  void exitsWithTwoForWordsItDoesNotKnow() throws Exception {
    Process unknown = start("sevre", "tiny");
    assertThat(exitCode(unknown)).isEqualTo(2);
    assertThat(folder.resolve("err")).content().contains("sevre").contains("serve");
  }
}

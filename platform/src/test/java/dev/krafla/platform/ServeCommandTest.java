package dev.krafla.platform;

import static dev.krafla.testing.RedisServer.freePort;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krafla.testing.RedisServer;
import dev.krafla.wire.ChatChunk;
import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.ChatRequest;
import dev.krafla.wire.ChatStream;
import dev.krafla.wire.GenerationOptions;
import dev.krafla.wire.OpenAiClient;
import dev.krafla.wire.RemoteError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServeCommandTest {
  private static final String READY = ".* is ready at http://\\S+ after .* s";

  @TempDir private Path folder;
  private KraflaHome home;
  private String model;

  @BeforeEach
  void writeModel() throws IOException {
    home = new KraflaHome(folder.resolve("home"));
    model = TinyModel.write(folder, "tiny").toString();
  }

  @AfterEach
  void chooseKernelsAgain() {
    System.clearProperty("krafla.kernels");
  }

  /** So that reading what was computed is faster than computing it, however small the model. */
  private static void computeSlowly() {
    System.setProperty("krafla.kernels", "scalar");
  }

  private static OpenAiClient client(CommandRun serve, Optional<String> key)
      throws InterruptedException {
    String url = serve.line(READY).replaceFirst(".*(http://\\S+) after.*", "$1");
    return new OpenAiClient(URI.create(url), key);
  }

  private static ChatRequest question(String id, int tokens) {
    GenerationOptions options =
        GenerationOptions.DEFAULTS.with(OptionalInt.of(tokens), Optional.of(0.0));
    return ChatRequest.of(id, List.of(ChatMessage.user("Hello?")), options);
  }

  @Test
  void servesTheModelUnderTheNameOfItsFolderUntilToldToStop() throws Exception {
    CommandRun serve = CommandRun.start(home, "serve", model, "--port", "0");
    try (OpenAiClient client = client(serve, Optional.empty())) {
      assertThat(client.models()).containsExactly("tiny");
      assertThat(client.chat(question("tiny", 5)).usage().completionTokens()).isBetween(1, 5);
      serve.line(".*KV cache.*tokens");
      serve.line(".*\"model\":\"tiny\".*");
    } finally {
      serve.stop.request();
    }
    assertThat(serve.exitCode()).isZero();
  }

  @Test
  void aDraftModelGuessesAndTheAnswerIsTheSame() throws Exception {
    String text = "";
    for (List<String> options : List.of(List.<String>of(), List.of("--draft-model", model))) {
      var command = new ArrayList<>(List.of("serve", model, "--port", "0"));
      command.addAll(options);
      CommandRun serve = CommandRun.start(home, command.toArray(String[]::new));
      try (OpenAiClient client = client(serve, Optional.empty())) {
        String answer = client.chat(question("tiny", 60)).text();
        assertThat(text.isEmpty() ? answer : text).isEqualTo(answer);
        text = answer;
      } finally {
        serve.stop.request();
      }
      assertThat(serve.exitCode()).isZero();
    }
  }

  @Test
  void aPromptThatWasAskedBeforeARestartIsReadFromDisk() throws Exception {
    computeSlowly();
    String[] command = {"serve", model, "--port", "0", "--kv-disk", "64MiB"};
    ChatRequest request = question("tiny", 5);
    CommandRun first = CommandRun.start(home, command);
    String text;
    try (OpenAiClient client = client(first, Optional.empty())) {
      text = client.chat(request).text();
      first.line(".*KV disk +0 B of 67.1 MB used, in .*cache.kv");
    } finally {
      first.stop.request();
    }
    assertThat(first.exitCode()).isZero();
    CommandRun second = CommandRun.start(home, command);
    try (OpenAiClient client = client(second, Optional.empty())) {
      assertThat(client.chat(request).text()).isEqualTo(text);
      assertThat(client.metrics())
          .containsPattern("krafla_prompts_repeated_total\\{[^}]*} 1")
          .containsPattern("krafla_kv_tier_hits_total\\{[^}]*tier=\"disk\"[^}]*} [1-9]")
          .containsPattern("krafla_kv_tier_damaged_total\\{[^}]*} 0");
    } finally {
      second.stop.request();
    }
    assertThat(second.exitCode()).isZero();
  }

  @Test
  void aSecondWorkerReadsFromTheSharedServerWhatTheFirstHasComputed() throws Exception {
    assumeTrue(
        RedisServer.find().isPresent(), "no valkey-server or redis-server; install one of them");
    computeSlowly();
    try (RedisServer server = RedisServer.start("--requirepass", "hunter2")) {
      String[] command = {
        "serve", model, "--port", "0", "--kv-disk", "0", "--kv-remote", server.url() + "/1"
      };
      Map<String, String> secret = Map.of("KRAFLA_KV_REMOTE_PASSWORD", "hunter2");
      ChatRequest request = question("tiny", 5);
      CommandRun first = CommandRun.start(home, secret, command);
      String text;
      try (OpenAiClient client = client(first, Optional.empty())) {
        text = client.chat(request).text();
        first.line(".*KV remote redis://127.0.0.1:[0-9]+/1, .* ms an entry, .*");
      } finally {
        first.stop.request();
      }
      assertThat(first.exitCode()).isZero();
      CommandRun second = CommandRun.start(home, secret, command);
      try (OpenAiClient client = client(second, Optional.empty())) {
        assertThat(client.chat(request).text()).isEqualTo(text);
        assertThat(client.metrics())
            .containsPattern("krafla_prompts_repeated_total\\{[^}]*} 1")
            .containsPattern("krafla_kv_tier_hits_total\\{[^}]*tier=\"remote\"[^}]*} [1-9]")
            .containsPattern("krafla_kv_tier_available\\{[^}]*tier=\"remote\"[^}]*} 1");
      } finally {
        second.stop.request();
      }
      assertThat(second.exitCode()).isZero();
      assertThat(first.out() + first.err() + second.out() + second.err()).doesNotContain("hunter2");
    }
  }

  @Test
  void aSharedPromptOfAFileIsFoundByAnotherSalt() throws Exception {
    Path file = Files.writeString(folder.resolve("system.txt"), "Hello? ".repeat(20) + "\n");
    CommandRun serve =
        CommandRun.start(
            home,
            "serve",
            model,
            "--port",
            "0",
            "--kv-disk",
            "0",
            "--shared-prompt",
            file.toString());
    try (OpenAiClient client = client(serve, Optional.empty())) {
      for (String salt : List.of("one", "two")) {
        var body = question("tiny", 5).toJson().put("cache_salt", salt);
        body.withArray("messages")
            .insertObject(0)
            .put("role", "system")
            .put("content", "Hello? ".repeat(20).strip());
        client.chat(ChatRequest.parse(body));
      }
      assertThat(client.metrics())
          .containsPattern("vllm:prefix_cache_hits_total\\{[^}]*} [1-9][0-9]");
    } finally {
      serve.stop.request();
    }
    assertThat(serve.exitCode()).isZero();
  }

  @Test
  void servesSeveralModelsAndLoadsTheSecondWhenItIsAskedFor() throws Exception {
    String other = TinyModel.write(folder, "other").toString();
    CommandRun serve =
        CommandRun.start(
            home, "serve", model, other, "--port", "0", "--kv-disk", "0", "--kv-memory", "1MiB");
    String url =
        serve
            .line("2 models are ready at http://\\S+ after .*")
            .replaceFirst(".* at (http://\\S+) after.*", "$1");
    try (var client = new OpenAiClient(URI.create(url), Optional.empty())) {
      serve.line(" *ready +tiny, .*");
      serve.line(" *unloaded +other, .*");
      assertThat(client.models()).containsExactly("tiny", "other");
      String text = client.chat(question("tiny", 5)).text();
      assertThat(client.chat(question("other", 5)).text()).isEqualTo(text); // the same weights
      assertThat(client.metrics())
          .contains("krafla_model_state{model_name=\"other\",state=\"ready\"} 1")
          .contains("krafla_model_loads_total 2");
    } finally {
      serve.stop.request();
    }
    assertThat(serve.exitCode()).isZero();
  }

  @Test
  void saysThatSeveralModelsDoNotFit() throws Exception {
    String other = TinyModel.write(folder, "other").toString();
    CommandRun serve =
        CommandRun.start(
            home,
            "serve",
            model,
            other,
            "--port",
            "0",
            "--models-memory",
            "1MB",
            "--kv-memory",
            "2MB");
    assertThat(serve.exitCode()).isEqualTo(1);
    assertThat(serve.err()).contains("--models-memory of 1.0 MB is too little", "pin fewer");
  }

  @Test
  void servesWithoutTheSharedServerWhereItIsNotThere() throws Exception {
    CommandRun serve =
        CommandRun.start(
            home, "serve", model, "--port", "0", "--kv-remote", "redis://127.0.0.1:" + freePort());
    try (OpenAiClient client = client(serve, Optional.empty())) {
      assertThat(client.chat(question("tiny", 5)).usage().completionTokens()).isBetween(1, 5);
      serve.line(".*KV remote .* cannot be used yet; .*");
    } finally {
      serve.stop.request();
    }
    assertThat(serve.exitCode()).isZero();
  }

  @Test
  void keepsNothingOnDiskWhereNothingIsAskedFor() throws Exception {
    CommandRun serve = CommandRun.start(home, "serve", model, "--port", "0", "--kv-disk", "0");
    try (OpenAiClient client = client(serve, Optional.empty())) {
      client.chat(question("tiny", 5));
    } finally {
      serve.stop.request();
    }
    assertThat(serve.exitCode()).isZero();
    assertThat(home.cache().resolve("kv")).doesNotExist();
  }

  @Test
  void takesItsLimitsFromTheCommandLine() throws Exception {
    CommandRun serve =
        CommandRun.start(
            home,
            ("serve %s --port 0 --id other --kv-memory 1MiB --kv-type f32 --max-context 64"
                    + " --threads 1 --max-batch-tokens 32 --max-sequences 2 --max-queued 3"
                    + " --quantize q8_0 --host 0.0.0.0")
                .formatted(model)
                .split(" "));
    try (OpenAiClient client = client(serve, Optional.empty())) {
      assertThat(client.models()).containsExactly("other");
      assertThat(serve.line(".*Model.*")).contains("context of 64 tokens");
      assertThat(serve.line(".*Kernels.*")).contains("1 threads");
      // A token is 3 layers × 2 heads × (16 K + 16 V) floats: 768 bytes.
      assertThat(serve.line(".*KV cache.*")).contains("of f32, 1,360 tokens");
    } finally {
      serve.stop.request();
    }
    assertThat(serve.exitCode()).isZero();
    assertThat(serve.err()).contains("whoever reaches 0.0.0.0 can use it");
  }

  @Test
  void letsARunningAnswerEndAndTakesNoNewOnes() throws Exception {
    CommandRun serve = CommandRun.start(home, "serve", model, "--port", "0");
    try (OpenAiClient client = client(serve, Optional.empty());
        ChatStream stream = client.stream(endless("tiny"))) {
      Iterator<ChatChunk> chunks = stream.iterator();
      chunks.next();
      serve.stop.request();
      Optional<String> finish = Optional.empty();
      while (chunks.hasNext()) {
        for (ChatChunk.Choice choice : chunks.next().choices()) {
          finish = choice.finishReason().or(List.of(finish)::getFirst);
        }
      }
      assertThat(finish).contains("length");
    }
    assertThat(serve.exitCode()).isZero();
    assertThat(serve.err()).contains("Stopped.");
  }

  @Test
  void cutsARunningAnswerOffWhenToldASecondTime() throws Exception {
    CommandRun serve = CommandRun.start(home, "serve", model, "--port", "0");
    try (OpenAiClient client = client(serve, Optional.empty());
        ChatStream stream = client.stream(endless("tiny"))) {
      stream.iterator().next();
      serve.stop.request();
      serve.stop.request();
      assertThat(serve.exitCode()).isZero();
    }
    assertThat(serve.err()).contains("Stopped").doesNotContain("fault in Krafla");
  }

  /** Goes on to the end of the context. */
  private static ChatRequest endless(String id) {
    var body = question(id, 200).toJson().put("ignore_eos", true);
    return ChatRequest.parse(body);
  }

  @Test
  void asksForTheKeyOfAFileOrOfTheEnvironment() throws Exception {
    Path file = Files.writeString(folder.resolve("key"), "from-file\n");
    CommandRun byFile =
        CommandRun.start(home, "serve", model, "--port", "0", "--api-key-file", file.toString());
    CommandRun byVariable =
        CommandRun.start(
            home, Map.of("KRAFLA_API_KEY", "from-variable"), "serve", model, "--port", "0");
    try {
      assertKey(byFile, "from-file");
      assertKey(byVariable, "from-variable");
    } finally {
      byFile.stop.request();
      byVariable.stop.request();
    }
    assertThat(byFile.exitCode()).isZero();
    assertThat(byVariable.exitCode()).isZero();
    assertThat(byFile.out() + byFile.err()).doesNotContain("from-file");
    assertThat(byVariable.out() + byVariable.err()).doesNotContain("from-variable");
  }

  private static void assertKey(CommandRun serve, String key) throws InterruptedException {
    String url = serve.line(READY).replaceFirst(".*(http://\\S+) after.*", "$1");
    try (var stranger = new OpenAiClient(URI.create(url), Optional.empty());
        var friend = new OpenAiClient(URI.create(url), Optional.of(key))) {
      assertThatThrownBy(stranger::models)
          .isInstanceOfSatisfying(RemoteError.class, e -> assertThat(e.status()).isEqualTo(401));
      assertThat(friend.models()).containsExactly("tiny");
    }
  }

  @Test
  void namesTheTakenPort() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      CommandRun serve = CommandRun.start(home, "serve", model, "--port", port);
      assertThat(serve.exitCode()).isEqualTo(1);
      assertThat(serve.err())
          .contains("cannot listen at 127.0.0.1 port " + port)
          .contains("--port");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--kv-memory     | 900TiB     | 1 | are available; ask for less",
        "--kv-memory     | much       | 1 | 'much' is no size",
        "--kv-disk       | much       | 1 | 'much' is no size",
        "--kv-memory     | 1          | 1 | has room for no block",
        "--kv-remote     | http://a   | 1 | does not begin with redis://",
        "--kv-remote     | redis://u:p@h | 1 | comes with a password",
        "--kv-remote-ttl | ever       | 2 | 'ever' is no time",
        "--shared-prompt | /nowhere   | 1 | --shared-prompt /nowhere cannot be read",
        "--port          | 70000      | 1 | it must be 0 to 65535",
        "--host          | 192.0.2.1  | 1 | cannot listen at 192.0.2.1",
        "--api-key-file  | /nowhere   | 1 | cannot be read",
        "--kv-type       | f8         | 2 | not one of f16, bf16, q8_0, f32",
        "--quantize      | q3         | 2 | not one of q8_0, q4_0",
        "--threads       | 0          | 2 | '--threads'",
        "--max-sequences | -1         | 2 | no whole number above 0",
        "--no-such       | 1          | 2 | Unknown option",
      })
  void saysWhatIsWrongWithAnOption(String option, String value, int code, String message)
      throws Exception {
    CommandRun serve = CommandRun.start(home, "serve", model, option, value);
    assertThat(serve.exitCode()).isEqualTo(code);
    assertThat(serve.err()).contains(message);
    assertThat(serve.out()).isEmpty();
  }

  @Test
  void saysThatAModelIsUnknownOrDamaged() throws Exception {
    CommandRun unknown = CommandRun.start(home, "serve", "no-such-model");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err()).contains("'no-such-model' is no model").contains("./krafla models");

    Path torn = Files.writeString(folder.resolve("torn.gguf"), "GGUF and nothing more");
    CommandRun damaged = CommandRun.start(home, "serve", torn.toString(), "--port", "0");
    assertThat(damaged.exitCode()).isEqualTo(1);
    assertThat(damaged.err()).contains("torn.gguf").doesNotContain("fault in Krafla");
  }
}

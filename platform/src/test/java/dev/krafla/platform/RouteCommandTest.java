package dev.krafla.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.wire.ChatMessage;
import dev.krafla.wire.ChatRequest;
import dev.krafla.wire.GenerationOptions;
import dev.krafla.wire.Json;
import dev.krafla.wire.OpenAiClient;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteCommandTest {
  private static final String SERVES = ".* is ready at http://\\S+ after .* s";
  private static final String ROUTES = "The router is ready at http://\\S+,.*";

  @TempDir private Path folder;

  private static String url(CommandRun run, String line) throws InterruptedException {
    return run.line(line).replaceFirst(".*?(http://[^/\\s,]+).*", "$1");
  }

  private static ChatRequest question() {
    GenerationOptions options =
        GenerationOptions.DEFAULTS.with(OptionalInt.of(5), Optional.of(0.0));
    return ChatRequest.of("tiny", List.of(ChatMessage.user("Hello?")), options);
  }

  @Test
  void standsInFrontOfTwoServersUntilToldToStop() throws Exception {
    var home = new KraflaHome(folder.resolve("home"));
    String model = TinyModel.write(folder, "tiny").toString();
    String[] serve = {"serve", model, "--port", "0", "--kv-disk", "0", "--threads", "1"};
    CommandRun one = CommandRun.start(home, serve);
    CommandRun two = CommandRun.start(home, serve);
    String first = url(one, SERVES);
    String second = url(two, SERVES);
    CommandRun route =
        CommandRun.start(home, "route", "--port", "0", "--replicas", first + "," + second);
    try (var client = new OpenAiClient(URI.create(url(route, ROUTES)), Optional.empty())) {
      assertThat(client.models()).containsExactly("tiny");
      assertThat(client.chat(question()).usage().completionTokens()).isPositive();
      assertThat(route.line(".*" + second + ".*")).contains("krafla").contains("tiny");
    } finally {
      route.stop.request();
      one.stop.request();
      two.stop.request();
    }
    assertThat(route.exitCode()).isZero();
    assertThat(route.err()).contains("Stopped.");
    assertThat(one.exitCode()).isZero();
    assertThat(two.exitCode()).isZero();
  }

  @Test
  void readsItsFileAgainWhenItChanges() throws Exception {
    var home = new KraflaHome(folder.resolve("home"));
    String model = TinyModel.write(folder, "tiny").toString();
    CommandRun serve =
        CommandRun.start(home, "serve", model, "--port", "0", "--kv-disk", "0", "--threads", "1");
    String server = url(serve, SERVES);
    Path file =
        Files.writeString(folder.resolve("fleet.yaml"), "replicas: [{url: 'http://127.0.0.1:1'}]");
    CommandRun route =
        CommandRun.start(home, "route", "--port", "0", "--json", "--replicas", file.toString());
    var told = Json.parseObject(route.line("\\{.*"));
    assertThat(told.at("/replicas/0/ready").booleanValue()).isFalse();
    try (var client =
        new OpenAiClient(URI.create(told.get("url").stringValue()), Optional.empty())) {
      Files.writeString(file, "replicas: [{url: '%s', role: both}]".formatted(server));
      route.awaitErr("has changed: 1 of 1 replicas ready");
      assertThat(client.chat(question()).usage().completionTokens()).isPositive();
      Files.writeString(file, "replicas: [{url: '%s', role: cook}]".formatted(server));
      route.awaitErr("'cook' is no role.*; the replicas stay as they were");
      assertThat(client.models()).containsExactly("tiny");
    } finally {
      route.stop.request();
      serve.stop.request();
    }
    assertThat(route.exitCode()).isZero();
    assertThat(serve.exitCode()).isZero();
  }

  @Test
  void readsEverythingThatAFileMaySay() {
    var specs =
        ReplicaFile.parse(
            """
            replicas:
              - url: http://a:1/v1/
              - {url: 'http://b:2', kind: vllm, role: decode, models: [m, n], key_variable: K}
              - url: http://c:3
                kind: vllm
                kv_events: tcp://c:5557
                kv_replay: tcp://c:5558
              - {url: 'http://d:4', kind: sglang, role: prefill, bootstrap_port: 9000}
            """,
            "here");
    assertThat(specs).hasSize(4);
    assertThat(specs.get(0).url()).isEqualTo(URI.create("http://a:1"));
    assertThat(specs.get(1).models()).containsExactly("m", "n");
    assertThat(specs.get(1).keyVariable()).contains("K");
    assertThat(specs.get(2).events().orElseThrow().replay()).contains("tcp://c:5558");
    assertThat(specs.get(3).bootstrapPort()).hasValue(9000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "replicas: [{url: ftp://a}]                              | is no URL of a server",
        "replicas: [{url: 'http://a', kind: magic}]              | must be one of krafla, vllm, sglang, llamacpp, openai",
        "replicas: [{url: 'http://a', kind: openai, role: decode}] | cannot do prefill and decode apart",
        "replicas: [{url: 'http://a', key: secret}]              | key",
        "replicas: [{kind: vllm}]                                | a replica has no url",
        "replicas: [{url: 'http://a', key_variable: NOT_SET}]    | NOT_SET, which is not set",
        "replicas: [{url: 'http://a'}, {url: 'http://a/'}]       | is there twice",
        "replicas: [{url: 'http://a', kv_events: 'a:1'}]         | tcp://",
        "replicas: []                                            | names no replica",
        "nothing                                                 | here.yaml",
      })
  void saysWhatIsWrongWithAFile(String text, String message) throws Exception {
    Path file = Files.writeString(folder.resolve("here.yaml"), text);
    CommandRun route =
        CommandRun.start(
            new KraflaHome(folder),
            Map.of(),
            "route",
            "--port",
            "0",
            "--replicas",
            file.toString());
    assertThat(route.exitCode()).isEqualTo(1);
    assertThat(route.err()).contains(message).doesNotContain("secret");
  }

  @Test
  void saysThatThereIsNoSuchFile() throws Exception {
    CommandRun route =
        CommandRun.start(new KraflaHome(folder), "route", "--replicas", "nowhere.yaml");
    assertThat(route.exitCode()).isEqualTo(1);
    assertThat(route.err()).contains("neither a file nor an address like http://10.0.0.7:8080");
  }
}

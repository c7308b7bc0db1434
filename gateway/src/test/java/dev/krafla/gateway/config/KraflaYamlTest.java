package dev.krafla.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.krafla.gateway.Endpoint;
import dev.krafla.gateway.route.Order;
import dev.krafla.gateway.route.Route;
import dev.krafla.gateway.route.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KraflaYamlTest {
  private static final String GOOD =
      """
      gateway: {port: 9000, max_body: 4MiB, request_time: 30s}
      providers:
        house: {kind: vllm, url: 'http://10.0.0.7:8000/v1/'}
        openai: {kind: openai, key: env:OPENAI_API_KEY, headers: {OpenAI-Project: p1}}
        claude: {kind: anthropic, key: env:CLAUDE}
      models:
        tiny: house/qwen3
        small: [house/qwen3, openai/gpt-5-mini]
        large:
          targets:
            - {target: openai/gpt-5, weight: 3}
            - claude/claude-opus
          order: weighted
          fallback_on: [timeout, rate_limit]
          first_byte: 10s
          attempts: 2
      limits:
        openai/*: {context_tokens: 400_000, max_output_tokens: 128000}
      prices:
        openai/gpt-5: [{input: 1.25, cached_input: 0.125, output: 10}, {from: 2030-01-01, input: 1, output: 9}]
      """;

  private static GatewayConfig read(String text) {
    Map<String, String> set = Map.of("OPENAI_API_KEY", "sk-1", "CLAUDE", "sk-2");
    return KraflaYaml.read("krafla.yaml", text, name -> Optional.ofNullable(set.get(name)));
  }

  @Test
  void aWholeFileIsRead() {
    GatewayConfig config = read(GOOD);
    assertThat(config.settings().port()).isEqualTo(9000);
    assertThat(config.settings().maxBodyBytes()).isEqualTo(4 << 20);
    assertThat(config.routes()).extracting(Route::name).containsExactly("tiny", "small", "large");
    Route large = config.routes().get(2);
    assertThat(large.order()).isEqualTo(Order.WEIGHTED);
    assertThat(large.patience().firstByte()).isEqualTo(Duration.ofSeconds(10));
    Target gpt = large.targets().getFirst();
    assertThat(gpt.weight()).isEqualTo(3);
    assertThat(gpt.limits().contextTokens()).isEqualTo(400_000);
    assertThat(gpt.provider().path(Endpoint.CHAT)).isEqualTo("/v1/chat/completions");
    assertThat(gpt.provider().toString()).doesNotContain("sk-1");
    assertThat(gpt.provider().headerLines()).contains("Authorization: Bearer sk-1\r\n");
    assertThat(large.targets().get(1).provider().headerLines())
        .contains("x-api-key: sk-2\r\n", "anthropic-version:");
    assertThat(
            config
                .prices()
                .at("openai", "gpt-5", Instant.parse("2026-11-24T00:00:00Z"))
                .get()
                .input())
        .isEqualTo(1_250_000_000L);
    assertThat(
            config
                .prices()
                .at("openai", "gpt-5", Instant.parse("2031-01-01T00:00:00Z"))
                .get()
                .output())
        .isEqualTo(9_000_000_000L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kind: vllm, url| kind: vlmm, url| 3| did you mean 'vllm'?",
        "models:| model:| 6| did you mean 'models'?",
        "house/qwen3, openai| hause/qwen3, openai| 8| did you mean 'house'?",
        "order: weighted| order: random| 13| there is cheapest, priority, weighted",
        "first_byte: 10s| first_byte: 10 seconds| 15| it must be a time like",
        "first_byte: 10s| frist_byte: 10s| 15| did you mean 'first_byte'?",
        "attempts: 2| attempts: none| 16| a whole number from 1 to 32",
        "env:CLAUDE| env:CLAUD| 5| the environment variable CLAUD is not set",
        "env:CLAUDE| sk-ant-secret| 5| by reference only",
        "kind: anthropic, key: env:CLAUDE| kind: anthropic| 5| needs a key",
        "weight: 3| weight: 0| 11| a whole number from 1",
        "input: 1.25| input: -1| 20| must be 0 or more",
        "[timeout, rate_limit]| [timeout, ratelimit]| 14| did you mean 'rate_limit'?",
        "http://10.0.0.7:8000/v1/| ftp://x| 3| is no address",
        "from: 2030-01-01, input: 1| input: 1| 20| two prices",
        "tiny: house/qwen3| tiny: house| 7| must be PROVIDER/MODEL",
        "tiny: house/qwen3| small: house/qwen3| 8| stands twice",
        "port: 9000| port: 90000| 1| from 0 to 65,535"
      })
  void anErrorSaysWhereAndWhatAndWhatToDo(String from, String to, int line, String says) {
    ConfigException e =
        catchThrowableOfType(
            ConfigException.class, () -> read(GOOD.replace(from.strip(), to.strip())));
    assertThat(e).hasMessageContaining(says.strip()).hasMessageNotContaining("sk-");
    assertThat(e.line()).isBetween(line - 1, line);
    assertThat(e.column()).isPositive();
  }

  @Test
  void whatIsNotYamlIsToldWithItsPlace() {
    assertThatThrownBy(() -> read("providers: {a: [}"))
        .hasMessageContaining("krafla.yaml, line 1, column")
        .hasMessageContaining("not YAML");
    assertThatThrownBy(() -> read("")).hasMessageContaining("empty");
    assertThatThrownBy(() -> read("- a")).hasMessageContaining("must have members");
  }

  @Test
  void damagedFilesAreReadOrRefusedAndNothingElse() {
    var random = new Random(3);
    for (int i = 0; i < 3000; i++) {
      byte[] bytes = GOOD.getBytes(StandardCharsets.UTF_8);
      for (int n = random.nextInt(1, 4); n > 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(32, 127);
      }
      try {
        read(new String(bytes, StandardCharsets.UTF_8));
      } catch (ConfigException e) {
        assertThat(e.getMessage()).startsWith("krafla.yaml");
      }
    }
  }

  @Test
  void aBadFileKeepsTheLastGoodOne(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("krafla.yaml");
    String text = "providers: {a: {kind: ollama}}\nmodels: {one: a/x}\n";
    Files.writeString(file, text);
    LiveConfig live = LiveConfig.open(file, _ -> Optional.empty());
    Files.writeString(file, text.replace("a/x", "b/x"));
    assertThatThrownBy(live::reload).hasMessageContaining("line 2, column 15");
    assertThat(live.get().routes().find("one")).isPresent();
    Files.writeString(file, text.replace("one", "two"));
    live.reload();
    assertThat(live.get().routes().find("one")).isEmpty();
    assertThat(live.get().routes().find("two")).isPresent();
  }
}

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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class LedgerCommandTest {
  @TempDir private Path folder;
  private KraflaHome home;

  @BeforeEach
  void nameHome() {
    home = new KraflaHome(folder.resolve("home"));
  }

  @Test
  void aServersLedgerIsAddedUpAndPriced() throws Exception {
    Path ledger = folder.resolve("requests.jsonl");
    String model = TinyModel.write(folder, "tiny").toString();
    CommandRun serve =
        CommandRun.start(
            home,
            "serve",
            model,
            "--port",
            "0",
            "--ledger",
            ledger.toString(),
            "--worker-name",
            "w1",
            "--price",
            "w1=2,*=7",
            "--first-token-deadline",
            "interactive=20s,batch=none",
            "--class-share",
            "batch=0.1");
    String url =
        serve.line(".* is ready at http://.*").replaceFirst(".*(http://\\S+) after.*", "$1");
    try (var client = new OpenAiClient(URI.create(url), Optional.empty())) {
      GenerationOptions options =
          GenerationOptions.DEFAULTS.with(OptionalInt.of(4), Optional.of(0.0));
      var question = List.of(ChatMessage.user("a secret question"));
      for (int i = 0; i < 3; i++) {
        client.chat(ChatRequest.of("tiny", question, options));
      }
    } finally {
      serve.stop.request();
    }
    assertThat(serve.exitCode()).isZero();
    assertThat(Files.readString(ledger)).doesNotContain("secret");

    ObjectNode sums = json(ledger);
    assertThat(sums.get("all").get("requests").intValue()).isEqualTo(3);
    assertThat(sums.get("groups").get(0).get("class").stringValue()).isEqualTo("normal");
    double seconds = sums.get("all").get("compute_seconds").doubleValue();
    assertThat(seconds).isPositive();
    assertThat(sums.get("all").get("euro").doubleValue() / seconds).isBetween(1.999, 2.001);
    assertThat(json(ledger, "--price", "w1=4").get("all").get("euro").doubleValue() / seconds)
        .isBetween(3.999, 4.001);

    CommandRun table = CommandRun.start(home, "ledger", ledger.toString(), "--by", "worker");
    assertThat(table.exitCode()).isZero();
    assertThat(table.out()).contains("worker").containsPattern("w1 +3 ");
  }

  private ObjectNode json(Path ledger, String... more) throws Exception {
    List<String> words =
        new ArrayList<>(List.of("ledger", ledger.toString(), "--by", "class", "--json"));
    words.addAll(List.of(more));
    CommandRun run = CommandRun.start(home, words.toArray(String[]::new));
    assertThat(run.exitCode()).isZero();
    return Json.parseObject(run.out());
  }

  @Test
  void aLedgerThatIsNotThereIsSaidSo() throws Exception {
    CommandRun run = CommandRun.start(home, "ledger", folder.resolve("none").toString());

    assertThat(run.exitCode()).isNotZero();
    assertThat(run.err()).contains("there is no ledger").contains("--ledger");
  }
}

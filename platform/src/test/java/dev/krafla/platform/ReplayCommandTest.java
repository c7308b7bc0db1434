package dev.krafla.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReplayCommandTest {
  /** Four requests of 80 scaled tokens; the first 64 of all are the same. */
  private static final String TRACE =
      """
      {"timestamp": 0, "input_length": 2560, "output_length": 96, "hash_ids": [0, 1, 2, 3, 4]}
      {"timestamp": 5, "input_length": 2560, "output_length": 96, "hash_ids": [0, 1, 2, 3, 5]}
      {"timestamp": 5, "input_length": 2560, "output_length": 96, "hash_ids": [0, 1, 2, 3, 6]}
      {"timestamp": 9, "input_length": 2560, "output_length": 96, "hash_ids": [0, 1, 2, 3, 7]}
      """;

  @TempDir private Path folder;
  private KraflaHome home;
  private String model;
  private Path trace;

  @BeforeEach
  void write() throws IOException {
    home = new KraflaHome(folder.resolve("home"));
    model = TinyModel.write(folder, "tiny").toString();
    trace = Files.writeString(folder.resolve("trace.jsonl"), TRACE);
  }

  private CommandRun bench(String command, String... args) {
    var words = new ArrayList<>(List.of("bench", command));
    words.addAll(List.of(args));
    words.addAll(List.of("--warm-up", "0", "--threads", "1"));
    return CommandRun.start(home, words.toArray(String[]::new));
  }

  private CommandRun replay(String... args) {
    return bench(
        "replay",
        Stream.concat(Stream.of("--trace", trace.toString(), "--scale", "0.03125"), Stream.of(args))
            .toArray(String[]::new));
  }

  private static JsonNode json(CommandRun run) throws Exception {
    assertThat(run.exitCode()).as(run.err()).isZero();
    return JsonMapper.shared().readTree(run.out());
  }

  @Test
  void printsOneJsonObject() throws Exception {
    JsonNode report = json(replay("--model", model, "--json"));
    assertThat(report.get("requests").asInt()).isEqualTo(4);
    assertThat(report.get("failed").asInt()).isZero();
    assertThat(report.get("prompt_tokens").asInt()).isEqualTo(320);
    assertThat(report.get("output_tokens").asInt()).isEqualTo(12);
    assertThat(report.get("ideal_hit_rate").asDouble()).isEqualTo(192 / 320.0);
    assertThat(report.get("hit_rate").asDouble()).isEqualTo(192 / 320.0);
    assertThat(report.get("tokens_per_compute_second").asDouble()).isPositive();
    assertThat(report.get("cost_per_million_tokens").asDouble()).isPositive();
    assertThat(report.get("goodput").isNumber()).isTrue();
    for (String spread : List.of("ttft_ms", "tpot_ms", "lateness_ms")) {
      assertThat(report.get(spread).get("p50").isNumber()).as(spread).isTrue();
      assertThat(report.get(spread).get("p99").isNumber()).as(spread).isTrue();
    }
    assertThat(report.get("command").asString()).contains("bench replay").contains("0.03125");
  }

  @Test
  void naiveIsOneRequestAtATimeWithoutCacheOrGuesses() throws Exception {
    JsonNode report = json(replay("--model", model, "--json", "--naive"));
    assertThat(report.get("hit_rate").asDouble()).isZero();
    assertThat(report.get("completed").asInt()).isEqualTo(4);
    assertThat(report.get("settings").get("concurrency").asInt()).isEqualTo(1);
  }

  @Test
  void theLadderAddsOneSavingAfterTheOther() throws Exception {
    JsonNode report = json(replay("--model", model, "--json", "--ladder", "--rate", "1000"));
    var names = new ArrayList<String>();
    var hits = new ArrayList<Double>();
    for (JsonNode leg : report.get("ladder")) {
      names.add(leg.get("name").asString());
      hits.add(leg.get("hit_rate").asDouble());
    }
    assertThat(names).containsExactly("naive", "+ batching", "+ caching", "+ speculation");
    assertThat(hits).startsWith(0.0, 0.0).endsWith(0.6, 0.6);
    assertThat(report.get("tokens_per_compute_second_ratio").asDouble()).isPositive();
  }

  @Test
  void sendsToAServerAtAUrl() throws Exception {
    CommandRun serve = CommandRun.start(home, "serve", model, "--port", "0", "--threads", "1");
    try {
      String url = serve.line(".* is ready at .*").replaceFirst(".*(http://\\S+) after.*", "$1");
      JsonNode report = json(replay("--url", url, "--token-ids", "5-90", "--json"));
      assertThat(report.get("hit_rate").asDouble()).isEqualTo(192 / 320.0);
      assertThat(report.get("compute_source").asString()).contains("/metrics");
      JsonNode naive = json(replay("--url", url, "--token-ids", "5-90", "--json", "--naive"));
      assertThat(naive.get("hit_rate").asDouble()).isZero();
    } finally {
      serve.stop.request();
      serve.exitCode();
    }
  }

  @Test
  void writesAPageThatNeedsNothingElse() throws Exception {
    Path page = folder.resolve("report.html");
    CommandRun run = replay("--model", model, "--html", page.toString(), "--requests", "2");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("tokens per compute second").contains("hit rate");
    assertThat(page)
        .content()
        .startsWith("<!doctype html>")
        .contains("<svg", "prefers-color-scheme:dark", "bench replay")
        .doesNotContain("<script", "http://", "https://", "url(", "@import", "NaN", "Infinity");
  }

  @Test
  void refusesWhatIsNoTrace() throws Exception {
    Files.writeString(trace, TRACE + "{}\n");
    CommandRun run = replay("--model", model);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .contains("line 5 of the trace has no 'timestamp'")
        .doesNotContain("fault");
    trace = folder.resolve("none.jsonl");
    CommandRun absent = replay("--model", model);
    assertThat(absent.exitCode()).isEqualTo(1);
    assertThat(absent.err()).contains("none.jsonl").doesNotContain("fault");
  }

  @Test
  void requestsThatDoNotFitAreCountedNotHidden() throws Exception {
    CommandRun run = bench("replay", "--trace", trace.toString(), "--scale", "1", "--model", model);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("4 (4)").contains("4 failed: the prompt has N tokens");
  }

  @Test
  void simulatesAFleetWithEveryPolicyAndTellsItsError() throws Exception {
    JsonNode report =
        json(replay("--model", model, "--json", "--simulate", "2", "--rate", "0.0001"));
    var names = new ArrayList<String>();
    report.get("policies").forEach(leg -> names.add(leg.get("name").asString()));
    assertThat(names).containsExactly("random", "round-robin", "least-loaded", "prefix");
    assertThat(report.get("hit_rate").asDouble()).isEqualTo(192 / 320.0); // ours
    assertThat(report.get("hit_share_of_ideal").asDouble()).isEqualTo(1);
    assertThat(report.get("compute_source").asString()).contains("virtual");
    assertThat(report.get("settings").get("model_error").asString())
        .contains("measured")
        .contains("hit rate +0.00 points");
  }

  @Test
  void simulatesWithStepCostsThatAreGiven() throws Exception {
    JsonNode report =
        json(replay("--json", "--simulate", "1", "--step-cost", "1000000,0,0,0", "--rate", "1"));
    // Alone from start to end: a step for the prompt and one for each further token.
    assertThat(report.get("tpot_ms").get("p50").asDouble()).isEqualTo(1.0);
    CommandRun wrong = replay("--simulate", "1", "--step-cost", "1,2");
    assertThat(wrong.exitCode()).isEqualTo(1);
    assertThat(wrong.err()).contains("--step-cost").contains("four numbers");
  }

  @Test
  void severalWorkersOfThisProcessShareALoad() throws Exception {
    JsonNode report =
        json(replay("--model", model, "--json", "--workers", "2", "--policy", "round-robin"));
    assertThat(report.get("completed").asInt()).isEqualTo(4);
    assertThat(report.get("settings").get("workers").asInt()).isEqualTo(2);
    assertThat(report.get("hit_rate").asDouble()).isLessThan(192 / 320.0);
  }

  @Test
  void loadLetsClientsShareAPrefix() throws Exception {
    JsonNode report =
        json(
            bench(
                "load",
                "--clients",
                "3",
                "--requests",
                "6",
                "--prefix-tokens",
                "64",
                "--prompt-tokens",
                "16",
                "--output-tokens",
                "4",
                "--model",
                model,
                "--json"));
    assertThat(report.get("requests").asInt()).isEqualTo(6);
    assertThat(report.get("output_tokens").asInt()).isEqualTo(24);
    assertThat(report.get("hit_rate").asDouble()).isEqualTo(5 * 64 / 480.0);
    assertThat(report.get("output_tokens_per_second").asDouble()).isPositive();
  }

  @Test
  void helpShowsBothFormsOfBench() throws Exception {
    CommandRun help = CommandRun.start(home, "bench", "--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.out())
        .contains("krafla bench [OPTIONS] MODEL", "krafla bench replay --trace FILE")
        .contains("krafla bench load");
    CommandRun bare = CommandRun.start(home, "bench");
    assertThat(bare.exitCode()).isEqualTo(2);
    assertThat(bare.err()).contains("MODEL");
  }
}

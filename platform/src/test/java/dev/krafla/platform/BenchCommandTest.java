package dev.krafla.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchCommandTest {
  @TempDir private Path folder;
  private KraflaHome home;
  private String model;

  @BeforeEach
  void writeModel() throws IOException {
    home = new KraflaHome(folder.resolve("home"));
    model = TinyModel.write(folder, "tiny").toString();
  }

  private CommandRun bench(String args) {
    return CommandRun.start(home, ("bench " + model + " " + args).split(" "));
  }

  @Test
  void printsAJsonObjectPerTest() throws Exception {
    CommandRun bench =
        bench(
            "--pp 64,100 --tg 16 --batch 1,4 --batch-tg 8 --reps 3 --warm-up 0 --threads 1 --json");
    assertThat(bench.exitCode()).as(bench.err()).isZero();
    JsonNode list = JsonMapper.shared().readTree(bench.out());
    List<String> names = new ArrayList<>();
    for (JsonNode result : list) {
      names.add(result.get("test").asString());
      double median = result.get("tokens_per_second").asDouble();
      double min = result.get("min").asDouble();
      assertThat(min).isLessThanOrEqualTo(median);
      if (!names.getLast().startsWith("batch")) { // of which this model may be done at once
        assertThat(min).isPositive();
      }
      assertThat(result.get("max").asDouble()).isGreaterThanOrEqualTo(median);
      assertThat(result.get("samples")).hasSize(3);
      assertThat(result.get("ttft_ms").asDouble()).isPositive();
      assertThat(result.get("threads").asInt()).isEqualTo(1);
      assertThat(result.get("model").asString()).isEqualTo("tiny");
      assertThat(result.get("kernels").asString()).isNotEmpty();
    }
    assertThat(names).containsExactly("pp64", "pp100", "tg16", "batch1", "batch4");
  }

  @Test
  void printsATableForPeople() throws Exception {
    CommandRun bench = bench("--pp 32 --tg 0 --batch 0 --reps 1 --warm-up 0");
    assertThat(bench.exitCode()).as(bench.err()).isZero();
    assertThat(bench.out().lines().toList()).hasSize(4).last().asString().startsWith("pp32 ");
  }

  @Test
  void refusesWhatTheModelCannotHold() throws Exception {
    CommandRun bench = bench("--pp 300 --tg 0 --batch 0");
    assertThat(bench.exitCode()).isEqualTo(1);
    assertThat(bench.err()).contains("300 tokens").contains("256");
  }

  @Test
  void refusesToMeasureNothing() throws Exception {
    CommandRun bench = bench("--pp 0 --tg 0 --batch 0");
    assertThat(bench.exitCode()).isEqualTo(1);
    assertThat(bench.err()).contains("nothing is left to measure");
  }
}

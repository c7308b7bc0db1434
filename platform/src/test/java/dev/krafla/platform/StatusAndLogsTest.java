package dev.krafla.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.platform.up.RunFile;
import dev.krafla.wire.Json;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusAndLogsTest {
  @TempDir private Path folder;
  private KraflaHome home;

  @BeforeEach
  void home() {
    home = new KraflaHome(folder);
  }

  private static RunFile.Running running(String state) {
    return new RunFile.Running(
        42,
        Instant.now().minusSeconds(90),
        URI.create("http://127.0.0.1:8080"),
        List.of(new RunFile.Part("worker", state, 43, "smollm2-135m")));
  }

  @Test
  void statusSaysHowToStartWhereNothingRuns() throws Exception {
    CommandRun run = CommandRun.start(home, "status");
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.out()).isEqualTo("Nothing runs here. To start it: ./krafla up\n");
  }

  @Test
  void statusNamesThePartsAndTellsByItsExitStatusWhetherAllAreReady() throws Exception {
    try (RunFile file = RunFile.take(folder).orElseThrow()) {
      file.write(running("ready"));
      CommandRun ready = CommandRun.start(home, "status");
      assertThat(ready.exitCode()).isZero();
      assertThat(ready.out())
          .containsPattern("http://127.0.0.1:8080, process 42, for 1 min \\d+ s")
          .containsPattern("worker +ready +43 +smollm2-135m");
      file.write(running("starting"));
      CommandRun starting = CommandRun.start(home, "status", "--json");
      assertThat(starting.exitCode()).isEqualTo(3);
      assertThat(Json.parseObject(starting.out()).at("/parts/0/state").stringValue())
          .isEqualTo("starting");
    }
  }

  @Test
  void logsShowsTheLastLinesOfEach() throws Exception {
    Files.createDirectories(home.logs());
    Files.writeString(home.log("gateway"), "one\n");
    Files.writeString(home.log("worker"), "one\ntwo\nthree\n");
    CommandRun run = CommandRun.start(home, "logs", "-n", "2");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).isEqualTo("gateway\none\nworker\ntwo\nthree\n");
  }

  @Test
  void logsFollowsOneIntoItsNextFile() throws Exception {
    Files.createDirectories(home.logs());
    Path log = Files.writeString(home.log("worker"), "one of many\n");
    CommandRun run = CommandRun.start(home, "logs", "worker", "-f");
    run.line("one of many");
    Files.writeString(log, "two\n", StandardOpenOption.APPEND);
    run.line("two");
    Files.move(log, log.resolveSibling("worker.log.1"));
    Files.writeString(log, "three\n");
    run.line("three");
    run.stop.request();
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void logsNamesWhatThereIs() throws Exception {
    CommandRun none = CommandRun.start(home, "logs");
    assertThat(none.exitCode()).isNotZero();
    assertThat(none.err()).contains("there are no logs in " + home.logs());
    Files.createDirectories(home.logs());
    Files.writeString(home.log("worker"), "");
    CommandRun wrong = CommandRun.start(home, "logs", "wroker");
    assertThat(wrong.exitCode()).isNotZero();
    assertThat(wrong.err()).contains("there is no log of 'wroker'; there is worker");
  }
}

package dev.krafla.platform.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real programs: small shell scripts. */
@Timeout(60)
class SupervisorTest {
  /** A program that is ready at once and ends, as all children must, when its input does. */
  private static final String SERVES = "echo up; : > ready; cat > /dev/null; echo down";

  @TempDir private Path folder;
  private final BlockingQueue<ChildState> states = new LinkedBlockingQueue<>();

  private Supervisor supervisor() {
    return new Supervisor(Duration.ofSeconds(20), (_, state) -> states.add(state));
  }

  private ChildSpec child(String script, Duration patience) {
    return new ChildSpec(
        "worker",
        List.of("sh", "-c", "cd \"$FOLDER\" && " + script),
        Map.of("FOLDER", folder.toString()),
        log(),
        () -> Files.exists(folder.resolve("ready")),
        patience);
  }

  private Path log() {
    return folder.resolve("logs/worker.log");
  }

  private ChildState next() throws InterruptedException {
    ChildState state = states.poll(30, TimeUnit.SECONDS);
    assertThat(state).isNotNull();
    return state;
  }

  private static ProcessHandle handle(long pid) {
    return ProcessHandle.of(pid).orElseThrow();
  }

  @Test
  void aProgramThatEndsUnaskedIsStartedAgain() throws InterruptedException, IOException {
    try (Supervisor supervisor = supervisor()) {
      supervisor.start(child(SERVES, Duration.ofMinutes(1)));
      assertThat(supervisor.awaitReady()).isTrue();
      assertThat(next()).isInstanceOf(ChildState.Starting.class);
      long pid = ((ChildState.Ready) next()).pid();
      assertThat(handle(pid).destroyForcibly()).isTrue();
      assertThat(next())
          .isEqualTo(new ChildState.Failed("it ended with exit status 137", Duration.ofSeconds(1)));
      assertThat(next()).isInstanceOf(ChildState.Starting.class);
      assertThat(((ChildState.Ready) next()).pid()).isNotEqualTo(pid);
    }
    assertThat(Files.readString(log())).startsWith("up\nup\n");
  }

  @Test
  void closingEndsTheProgramInOrderAndDoesNotStartItAgain() throws InterruptedException {
    long pid;
    try (Supervisor supervisor = supervisor()) {
      supervisor.start(child("trap 'exit 0' TERM; " + SERVES, Duration.ofMinutes(1)));
      assertThat(supervisor.awaitReady()).isTrue();
      pid = ((ChildState.Ready) supervisor.status().getFirst().state()).pid();
      assertThat(handle(pid).isAlive()).isTrue();
    }
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(states).last().isEqualTo(new ChildState.Stopped());
  }

  @Test
  void aProgramThatDoesNotBecomeReadyIsKilled() throws InterruptedException {
    try (Supervisor supervisor = supervisor()) {
      supervisor.start(child("cat > /dev/null", Duration.ofSeconds(1)));
      assertThat(supervisor.awaitReady()).isFalse();
      assertThat(next()).isInstanceOf(ChildState.Starting.class);
      assertThat(((ChildState.Failed) next()).reason()).isEqualTo("it was not ready within 1 s");
    }
  }

  @Test
  void aProgramThatCannotBeStartedIsNamed() throws InterruptedException {
    try (Supervisor supervisor = supervisor()) {
      supervisor.start(
          new ChildSpec(
              "worker",
              List.of(folder.resolve("none").toString()),
              Map.of(),
              log(),
              () -> true,
              Duration.ofMinutes(1)));
      assertThat(supervisor.awaitReady()).isFalse();
      assertThat(((ChildState.Failed) next()).reason())
          .startsWith("it cannot be started: ")
          .contains("none");
    }
  }

  @Test
  void aProgramThatIgnoresBeingAskedIsKilled() throws InterruptedException {
    long pid;
    try (Supervisor supervisor =
        new Supervisor(Duration.ofMillis(200), (_, state) -> states.add(state))) {
      supervisor.start(
          child(": > ready; trap '' TERM; while :; do sleep 0.1; done", Duration.ofMinutes(1)));
      assertThat(supervisor.awaitReady()).isTrue();
      pid = ((ChildState.Ready) supervisor.status().getFirst().state()).pid();
    }
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
  }
}

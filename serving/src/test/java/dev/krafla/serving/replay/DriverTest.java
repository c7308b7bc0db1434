package dev.krafla.serving.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.krafla.serving.route.Policy;
import dev.krafla.serving.route.Router;
import dev.krafla.wire.InvalidBody;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DriverTest {
  private static final Deadlines LONG = new Deadlines(Duration.ofMinutes(1), Duration.ofMinutes(1));

  /** A worker that answers each prompt at once; one token costs a millisecond of compute. */
  private static final class Fake implements Endpoint {
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicLong tokens = new AtomicLong();
    private final boolean tellsBusy;

    Fake(boolean tellsBusy) {
      this.tellsBusy = tellsBusy;
    }

    @Override
    public Answer ask(int[] prompt, int outputTokens) {
      most.accumulateAndGet(running.incrementAndGet(), Math::max);
      try {
        if (prompt.length > 100) {
          throw new InvalidBody("prompt", "the prompt has %d tokens".formatted(prompt.length));
        }
        tokens.addAndGet(prompt.length + (long) outputTokens);
        long now = System.nanoTime();
        return new Answer(prompt.length, OptionalInt.of(prompt.length / 2), outputTokens, now, now);
      } finally {
        running.decrementAndGet();
      }
    }

    @Override
    public Optional<Duration> busy() {
      return tellsBusy ? Optional.of(Duration.ofMillis(tokens.get())) : Optional.empty();
    }

    @Override
    public String busySource() {
      return "the fake's tokens";
    }

    @Override
    public void close() {}
  }

  private static List<Work> works(int count, int promptTokens) {
    var works = new ArrayList<Work>();
    for (int i = 0; i < count; i++) {
      works.add(new Work(i, Duration.ofMillis(i), 5, () -> new int[promptTokens]));
    }
    return works;
  }

  private static Run run(Fake fake, boolean timed, int concurrency, List<Work> works)
      throws InterruptedException {
    Router router = new Router(Policy.PREFIX.picker(1), 1, 16, 1000, System::nanoTime);
    return new Driver(List.of(fake), router, timed, concurrency, (_, _, _) -> {}).run(works);
  }

  @Test
  void neverHasMoreRequestsUnderWayThanAskedFor() throws Exception {
    var fake = new Fake(true);
    Run run = run(fake, false, 3, works(200, 10));
    assertThat(fake.most).hasValueLessThanOrEqualTo(3);
    assertThat(run.outcomes()).hasSize(200).allMatch(o -> o.failure().isEmpty());
    assertThat(run.outcomes().stream().map(Outcome::number)).isSorted();
    assertThat(run.outcomes()).allMatch(o -> o.due().equals(o.sent()));
  }

  @Test
  void timedRequestsNeverGoOutBeforeTheyAreDue() throws Exception {
    Run run = run(new Fake(true), true, 100, works(20, 10));
    assertThat(run.outcomes()).allMatch(o -> !o.lateness().isNegative());
    assertThat(run.outcomes()).allMatch(o -> o.due().equals(Duration.ofMillis(o.number())));
    assertThat(run.outcomes()).allMatch(o -> o.timeToFirstToken().compareTo(o.lateness()) >= 0);
    assertThat(run.wall()).isGreaterThanOrEqualTo(Duration.ofMillis(19));
  }

  @Test
  void figuresAddUpWhatWorkersTold() throws Exception {
    Run run = run(new Fake(true), false, 4, works(10, 20));
    Figures figures = Figures.of(run, LONG, 3.6);
    assertThat(figures.promptTokens()).isEqualTo(200);
    assertThat(figures.outputTokens()).isEqualTo(50);
    assertThat(figures.hitRate()).hasValue(0.5);
    assertThat(figures.computeSeconds()).isEqualTo(0.25);
    assertThat(figures.computeSource()).isEqualTo("the fake's tokens");
    assertThat(figures.tokensPerComputeSecond()).isEqualTo(1000);
    // 0.25 s at 0.001 a second for 250 tokens: one a million tokens.
    assertThat(figures.costPerMillionTokens()).isCloseTo(1.0, within(1e-9));
    assertThat(figures.goodShare()).isEqualTo(1);
  }

  @Test
  void aRefusedRequestIsCountedAndTheOthersGoOn() throws Exception {
    List<Work> works = new ArrayList<>(works(4, 20));
    works.add(new Work(4, Duration.ZERO, 5, () -> new int[101]));
    Figures figures = Figures.of(run(new Fake(true), false, 2, works), LONG, 1);
    assertThat(figures.requests()).isEqualTo(5);
    assertThat(figures.completed()).isEqualTo(4);
    assertThat(figures.failures()).containsEntry("the prompt has N tokens", 1L);
    assertThat(figures.goodShare()).isEqualTo(0.8);
    assertThat(figures.promptTokens()).isEqualTo(80);
  }

  @Test
  void withoutABusyTimeComputeIsWallTime() throws Exception {
    Run run = run(new Fake(false), false, 2, works(4, 20));
    Figures figures = Figures.of(run, LONG, 1);
    assertThat(figures.computeSeconds()).isEqualTo(run.wall().toNanos() / 1e9);
    assertThat(figures.computeSource()).contains("wall time");
  }

  @Test
  void percentilesAreByNearestRank() {
    List<Duration> hundred = new ArrayList<>();
    for (int i = 100; i >= 1; i--) {
      hundred.add(Duration.ofMillis(i));
    }
    assertThat(Spread.of(hundred)).isEqualTo(new Spread(50, 90, 99, 100, 50.5));
    assertThat(Spread.of(List.of(Duration.ofMillis(3)))).isEqualTo(new Spread(3, 3, 3, 3, 3));
    assertThat(Spread.of(List.of())).isEqualTo(new Spread(0, 0, 0, 0, 0));
  }

  @Test
  void deadlinesAreKeptToTheNanosecond() {
    Outcome outcome =
        new Outcome(
            0,
            0,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ofMillis(10),
            Duration.ofMillis(40),
            1,
            OptionalInt.empty(),
            4,
            Optional.empty());
    assertThat(new Deadlines(Duration.ofMillis(10), Duration.ofMillis(10)).kept(outcome)).isTrue();
    assertThat(new Deadlines(Duration.ofMillis(9), Duration.ofMillis(10)).kept(outcome)).isFalse();
    assertThat(new Deadlines(Duration.ofMillis(10), Duration.ofMillis(9)).kept(outcome)).isFalse();
  }
}

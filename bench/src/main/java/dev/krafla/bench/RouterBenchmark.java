package dev.krafla.bench;

import dev.krafla.serving.route.Policy;
import dev.krafla.serving.route.RouteRequest;
import dev.krafla.serving.route.Router;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A replica chosen for a prompt, from its token ids to the note of what was sent where;
 * conversations come back with all that was said before.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1)
public class RouterBenchmark {
  private static final int BLOCK_TOKENS = 16;
  private static final int RECORD_BLOCKS = 1 << 15;
  private static final int CONVERSATIONS = 2000;

  @Param({"8", "64"})
  int replicas;

  @Param({"512", "8192"})
  int promptTokens;

  private Router router;
  private int[][] prompts;
  private int next;

  /** Sends every conversation once. */
  @Setup
  public void remember() {
    router =
        new Router(
            Policy.PREFIX.picker(1), replicas, BLOCK_TOKENS, RECORD_BLOCKS, System::nanoTime);
    var random = new SplittableRandom(1);
    prompts = new int[CONVERSATIONS][];
    for (int i = 0; i < CONVERSATIONS; i++) {
      prompts[i] = random.ints(promptTokens, 0, 50_000).toArray();
      pick(); // of the prompt just made
    }
  }

  /** One pick, and its end. */
  @Benchmark
  public int pick() {
    int[] prompt = prompts[next];
    next = (next + 1) % CONVERSATIONS;
    Router.Ticket ticket = router.send(RouteRequest.of(prompt, BLOCK_TOKENS));
    ticket.begun();
    ticket.ended();
    return ticket.replica();
  }
}

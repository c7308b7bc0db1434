package dev.krafla.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.kernels.KernelTiers;
import java.util.Collection;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark method runs once, on small shapes, in this JVM; each checks its own result. */
class BenchmarksTest {
  private static String[] tiers() {
    boolean hasNative =
        KernelTiers.survey().stream().anyMatch(t -> t.name().startsWith("native") && t.available());
    return Stream.concat(
            Stream.of("scalar", "vector"), hasNative ? Stream.of("native") : Stream.empty())
        .toArray(String[]::new);
  }

  private static ChainedOptionsBuilder once(Class<?> benchmark) {
    return new OptionsBuilder()
        .include("\\." + benchmark.getSimpleName() + "\\.")
        .forks(0)
        .mode(Mode.SingleShotTime)
        .warmupIterations(0)
        .measurementIterations(1)
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT);
  }

  private static Collection<RunResult> run(ChainedOptionsBuilder options) throws RunnerException {
    return new Runner(options.build()).run();
  }

  @Test
  void productsOfAllTiersAreRight() throws RunnerException {
    String[] tiers = tiers();
    var options = once(MatmulBenchmark.class).param("tier", tiers).param("rows", "1", "32");
    options.param("cols", "256").param("weightRows", "128");

    assertThat(run(options)).hasSize(tiers.length * 3 * 2);
  }

  @Test
  void attentionOfAllTiersIsRight() throws RunnerException {
    String[] tiers = tiers();
    var options = once(AttentionBenchmark.class).param("tier", tiers).param("context", "512");

    assertThat(run(options)).hasSize(tiers.length * 3 * 2);
  }

  @Test
  void tokensAreDrawnInEveryWay() throws RunnerException {
    assertThat(run(once(SamplerBenchmark.class).param("vocabulary", "1000"))).hasSize(5);
  }

  @Test
  void replicasArePicked() throws RunnerException {
    assertThat(run(once(RouterBenchmark.class).param("promptTokens", "64"))).hasSize(2);
  }

  @Test
  void constraintsAreWalked() throws RunnerException {
    assertThat(run(once(ConstraintBenchmark.class))).hasSize(2);
  }

  @Test
  void theLedgerAddsUp() throws RunnerException {
    assertThat(run(once(LedgerBenchmark.class))).hasSize(2);
  }
}

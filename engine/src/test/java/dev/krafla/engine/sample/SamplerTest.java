package dev.krafla.engine.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krafla.engine.SamplingParams;
import dev.krafla.engine.TokenEvent.Logprob;
import dev.krafla.engine.TokenMask;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplerTest {
  private static final int VOCAB = 300;
  private final MemorySegment row = Arena.ofAuto().allocate(VOCAB * 4L, 64);
  private final Sampler sampler = new Sampler(VOCAB);

  private void randomRow(SplittableRandom random, double spread) {
    for (int i = 0; i < VOCAB; i++) {
      double gauss = 0;
      for (int k = 0; k < 6; k++) {
        gauss += random.nextDouble() - 0.5;
      }
      row.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (gauss * spread));
    }
  }

  private float logit(int token) {
    return row.getAtIndex(ValueLayout.JAVA_FLOAT, token);
  }

  private static SamplingParams params(
      double temperature, int topK, double topP, double minP, double typicalP) {
    return new SamplingParams(
        (float) temperature,
        topK,
        (float) topP,
        (float) minP,
        (float) typicalP,
        1,
        0,
        0,
        Map.of(),
        OptionalLong.empty());
  }

  /** The distribution as the definitions have it: sort, filter, normalise. */
  private static double[] naive(double[] logits, SamplingParams p) {
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < logits.length; i++) {
      if (logits[i] > Double.NEGATIVE_INFINITY) {
        ids.add(i);
      }
    }
    double[] scaled = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      scaled[i] = logits[i] / p.temperature();
    }
    Comparator<Integer> likeliest =
        Comparator.<Integer>comparingDouble(i -> -scaled[i]).thenComparing(i -> i);
    ids.sort(likeliest);
    if (p.topK() > 0) {
      ids = ids.subList(0, Math.min(p.topK(), ids.size()));
    }
    if (p.typicalP() < 1) {
      double[] now = normalise(ids, scaled);
      double entropy = Arrays.stream(now).map(q -> q > 0 ? -q * Math.log(q) : 0).sum();
      ids = new ArrayList<>(ids);
      ids.sort(
          Comparator.<Integer>comparingDouble(i -> Math.abs(-Math.log(now[i]) - entropy))
              .thenComparing(i -> i));
      ids = upTo(ids, now, p.typicalP());
      ids.sort(likeliest);
    }
    if (p.topP() < 1) {
      ids = upTo(ids, normalise(ids, scaled), p.topP());
    }
    double best = scaled[ids.getFirst()];
    if (p.minP() > 0) {
      ids = ids.stream().filter(i -> scaled[i] >= best + Math.log(p.minP())).toList();
    }
    return normalise(ids, scaled);
  }

  private static List<Integer> upTo(List<Integer> ids, double[] q, double share) {
    var kept = new ArrayList<Integer>();
    double sum = 0;
    for (int id : ids) {
      kept.add(id);
      sum += q[id];
      if (sum >= share) {
        break;
      }
    }
    return kept;
  }

  private static double[] normalise(List<Integer> ids, double[] logits) {
    double max = ids.stream().mapToDouble(i -> logits[i]).max().orElseThrow();
    double total = ids.stream().mapToDouble(i -> Math.exp(logits[i] - max)).sum();
    double[] q = new double[VOCAB];
    ids.forEach(i -> q[i] = Math.exp(logits[i] - max) / total);
    return q;
  }

  private double[] logits() {
    double[] logits = new double[VOCAB];
    for (int i = 0; i < VOCAB; i++) {
      logits[i] = logit(i);
    }
    return logits;
  }

  /** Pearson's statistic, categories of fewer than 5 expected draws pooled. */
  private static void assertFits(int[] seen, double[] expected, int draws) {
    double statistic = 0;
    int categories = 0;
    double pooledExpected = 0;
    int pooledSeen = 0;
    for (int i = 0; i < VOCAB; i++) {
      double want = expected[i] * draws;
      int got = seen[i];
      if (want == 0) {
        assertThat(got).as("draws of token %d, which was filtered out", i).isZero();
      } else if (want < 5) {
        pooledExpected += want;
        pooledSeen += got;
      } else {
        statistic += (got - want) * (got - want) / want;
        categories++;
      }
    }
    if (pooledExpected >= 5) {
      statistic += (pooledSeen - pooledExpected) * (pooledSeen - pooledExpected) / pooledExpected;
      categories++;
    }
    int freedom = Math.max(1, categories - 1);
    // Wilson and Hilferty: the 99.995 % point of chi-square.
    double limit =
        freedom * Math.pow(1 - 2.0 / (9 * freedom) + 3.9 * Math.sqrt(2.0 / (9 * freedom)), 3);
    assertThat(statistic).isLessThan(limit);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 1, 0, 1",
    "0.7, 0, 1, 0, 1",
    "2, 0, 1, 0, 1",
    "1, 10, 1, 0, 1",
    "1, 0, 0.9, 0, 1",
    "1, 0, 0.3, 0, 1",
    "1, 0, 1, 0.05, 1",
    "1, 0, 1, 0, 0.8",
    "0.8, 40, 0.95, 0.02, 1",
    "1.3, 0, 0.9, 0.01, 0.9",
    "1, 50, 1, 0, 0.5",
    "1, 1, 1, 0, 1",
    "1, 300, 0.01, 0, 1",
  })
  void drawsFollowTheDistributionThatTheDefinitionsGive(
      double temperature, int topK, double topP, double minP, double typicalP) {
    SamplingParams p = params(temperature, topK, topP, minP, typicalP);
    int draws = 20_000;
    for (long seed = 1; seed <= 3; seed++) {
      randomRow(new SplittableRandom(seed), 6);
      int[] seen = new int[VOCAB];
      for (int i = 0; i < draws; i++) {
        int token = sampler.draw(row, p, null, null, CounterRandom.uniform(seed, 0, i));
        seen[token]++;
      }
      assertFits(seen, naive(logits(), p), draws);
    }
  }

  @Test
  void greedyTakesTheLargestAndOfEqualOnesTheFirst() {
    row.fill((byte) 0);
    row.setAtIndex(ValueLayout.JAVA_FLOAT, 7, 3);
    row.setAtIndex(ValueLayout.JAVA_FLOAT, 9, 3);
    assertThat(sampler.draw(row, SamplingParams.GREEDY, null, null, 0.99)).isEqualTo(7);
  }

  @Test
  void topKOfEqualLogitsKeepsTheFirst() {
    row.fill((byte) 0);
    SamplingParams p = params(1, 3, 1, 0, 1);
    for (int i = 0; i < 50; i++) {
      assertThat(sampler.draw(row, p, null, null, i / 50.0)).isLessThan(3);
    }
  }

  @Test
  void penaltiesAndBiasChangeLogitsAsDefined() {
    var random = new SplittableRandom(5);
    for (int round = 0; round < 200; round++) {
      randomRow(random, 6);
      var counts = new TokenCounts();
      int[] prompt = random.ints(40, 0, VOCAB).toArray();
      int[] drawn = random.ints(random.nextInt(120), 0, VOCAB).toArray();
      counts.addPrompt(prompt);
      double[] expected = logits();
      int[] times = new int[VOCAB];
      boolean[] present = new boolean[VOCAB];
      for (int token : prompt) {
        present[token] = true;
      }
      for (int token : drawn) {
        counts.addDrawn(token);
        present[token] = true;
        times[token]++;
      }
      for (int i = 0; i < VOCAB; i++) {
        if (present[i]) {
          expected[i] = expected[i] > 0 ? expected[i] / 1.3f : expected[i] * 1.3f;
        }
        if (times[i] > 0) {
          expected[i] -= 0.7f * times[i] + 0.4f;
        }
      }
      Map<Integer, Float> bias = Map.of(3, 5f, 200, -100f);
      bias.forEach((token, b) -> expected[token] += b);
      var p = new SamplingParams(0, 0, 1, 0, 1, 1.3f, 0.7f, 0.4f, bias, OptionalLong.empty());
      int best = 0;
      for (int i = 1; i < VOCAB; i++) {
        best = expected[i] > expected[best] ? i : best;
      }
      assertThat(sampler.draw(row, p, counts, null, 0)).isEqualTo(best);
    }
  }

  /** Allows the given tokens. */
  private static TokenMask allowing(int... tokens) {
    return new TokenMask() {
      @Override
      public void allowed(long[] bits) {
        for (int token : tokens) {
          bits[token / 64] |= 1L << token;
        }
      }

      @Override
      public void accept(int token) {}

      @Override
      public boolean complete() {
        return false;
      }
    };
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 1, 0, 1",
    "5, 0, 1, 0, 1",
    "1, 10, 1, 0, 1",
    "1, 0, 0.9, 0, 1",
    "1, 0, 1, 0.01, 1",
    "1, 0, 1, 0, 0.9"
  })
  void onlyAllowedTokensAreEverDrawn(
      double temperature, int topK, double topP, double minP, double typicalP) {
    SamplingParams p = params(temperature, topK, topP, minP, typicalP);
    var random = new SplittableRandom(11);
    for (int i = 0; i < 500; i++) {
      randomRow(random, 60); // the allowed may be e⁻¹⁰⁰ of the best
      int[] allowed = random.ints(random.nextInt(1, 5), 0, VOCAB).toArray();
      double u = i % 5 == 0 ? Math.nextDown(1.0) : random.nextDouble();
      assertThat(allowed).contains(sampler.draw(row, p, null, allowing(allowed), u));
    }
  }

  @Test
  void greedyTakesTheLikeliestOfTheAllowedWhateverTheirShareOfAWord() {
    var random = new SplittableRandom(12);
    var noPenalty = new TokenCounts(); // takes the way of penalties, with none to apply
    for (int i = 0; i < 300; i++) {
      randomRow(random, 6);
      double share = i % 3 == 0 ? 1 : random.nextDouble(); // 1: whole words but for one token
      int hole = random.nextInt(VOCAB);
      int[] allowed =
          IntStream.range(0, VOCAB).filter(t -> t != hole && random.nextDouble() < share).toArray();
      int best =
          IntStream.of(allowed)
              .boxed()
              .max(Comparator.comparingDouble(this::logit).thenComparingInt(t -> -t))
              .orElse(-1);
      if (best >= 0) {
        TokenMask mask = allowing(allowed);
        assertThat(sampler.draw(row, SamplingParams.GREEDY, null, mask, 0)).isEqualTo(best);
        assertThat(sampler.draw(row, SamplingParams.GREEDY, noPenalty, mask, 0)).isEqualTo(best);
      }
    }
  }

  @Test
  void aConstraintWithoutContinuationAndBrokenLogitsAreErrors() {
    row.fill((byte) 0);
    assertThatThrownBy(() -> sampler.draw(row, SamplingParams.GREEDY, null, allowing(), 0))
        .hasMessageContaining("constraint");
    for (int i = 0; i < VOCAB; i++) {
      row.setAtIndex(ValueLayout.JAVA_FLOAT, i, Float.NaN);
    }
    assertThatThrownBy(() -> sampler.draw(row, SamplingParams.temperature(1), null, null, 0))
        .hasMessageContaining("not numbers");
  }

  @Test
  void logprobsAreOfTheModelsOwnDistribution() {
    randomRow(new SplittableRandom(9), 6);
    double[] q = naive(logits(), params(1, 0, 1, 0, 1));
    List<Integer> order =
        IntStream.range(0, VOCAB).boxed().sorted(Comparator.comparingDouble(i -> -q[i])).toList();
    Logprob logprob = sampler.logprob(row, order.get(40), 20);
    assertThat((double) logprob.value()).isCloseTo(Math.log(q[order.get(40)]), within(1e-4));
    assertThat(logprob.top()).hasSize(20);
    for (int i = 0; i < 20; i++) {
      assertThat(logprob.top().get(i).token()).isEqualTo(order.get(i));
      assertThat((double) logprob.top().get(i).logprob())
          .isCloseTo(Math.log(q[order.get(i)]), within(1e-4));
    }
  }

  @Test
  void theExponentialStaysWithinItsStatedError() {
    for (float x = 0; x > -60; x -= 0.0137f) {
      double exact = Math.exp(x);
      assertThat((double) FastExp.of(x)).isCloseTo(exact, within(4e-6));
      if (x > -30) {
        assertThat(FastExp.of(x) / exact).isCloseTo(1, within(2e-5));
      }
    }
    assertThat(FastExp.of(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(FastExp.of(0)).isEqualTo(1);
    float[] x = {0, -1, -2, Float.NEGATIVE_INFINITY, -3, -50};
    float[] weights = new float[x.length];
    double sum = FastExp.all(x, 0, 1, weights, 0, x.length);
    double expected = 0;
    for (int i = 0; i < x.length; i++) {
      assertThat(weights[i]).isEqualTo(FastExp.of(x[i]));
      expected += weights[i];
    }
    assertThat(sum).isCloseTo(expected, within(1e-12));
  }

  @Test
  void uniformNumbersAreUniformAndDifferByPlace() {
    int[] bins = new int[64];
    for (int choice = 0; choice < 4; choice++) {
      for (int position = 0; position < 64_000; position++) {
        bins[(int) (CounterRandom.uniform(choice % 2, choice / 2, position) * 64)]++;
      }
    }
    double statistic = 0;
    for (int n : bins) {
      statistic += (n - 4_000.0) * (n - 4_000) / 4_000;
    }
    assertThat(statistic).isBetween(30.0, 110.0); // 63 degrees of freedom
    assertThat(CounterRandom.uniform(1, 0, 0)).isNotEqualTo(CounterRandom.uniform(1, 0, 1));
    assertThat(CounterRandom.uniform(1, 0, 1)).isNotEqualTo(CounterRandom.uniform(1, 1, 0));
  }
}

package dev.krafla.serving.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceLoadTest {
  private static final int VOCABULARY = 50;

  /** Ordinary tokens are the even ones. */
  private static MadeUpTokens tokens(long seed) {
    return MadeUpTokens.of(0, VOCABULARY, id -> id % 2 == 0, seed);
  }

  private static List<Work> works(List<TraceRequest> trace, double scale, double rate, long seed) {
    return TraceLoad.of(trace, TraceScale.of(scale), rate, tokens(seed));
  }

  private static TraceRequest request(long at, int input, Integer... ids) {
    return new TraceRequest(at, input, 100, List.of(ids));
  }

  @Test
  void equalIdsAreEqualTokensAndOthersDiffer() {
    var ids = IntStream.range(0, 20_000).boxed().toList();
    var trace = new ArrayList<TraceRequest>();
    ids.forEach(id -> trace.add(request(0, 512, id)));
    List<Work> works = works(trace, 1.0 / 64, Double.POSITIVE_INFINITY, 7);
    Set<List<Integer>> blocks = new HashSet<>();
    for (Work work : works) {
      int[] prompt = work.prompt().get();
      assertThat(prompt).hasSize(8);
      assertThat(Arrays.stream(prompt)).allMatch(t -> t >= 0 && t < VOCABULARY && t % 2 == 0);
      assertThat(work.prompt().get()).isEqualTo(prompt);
      blocks.add(Arrays.stream(prompt).boxed().toList());
    }
    assertThat(blocks).hasSize(ids.size());
  }

  @Test
  void sharedIdsAreSharedBeginnings() {
    List<Work> works =
        works(
            List.of(request(0, 1200, 5, 6, 7), request(0, 1500, 5, 6, 8)),
            1.0 / 32,
            Double.POSITIVE_INFINITY,
            1);
    int[] one = works.get(0).prompt().get();
    int[] other = works.get(1).prompt().get();
    assertThat(one).hasSize(38); // 37.5, rounded up
    assertThat(other).hasSize(47);
    assertThat(Arrays.mismatch(one, other)).isEqualTo(32);
    assertThat(works.get(0).outputTokens()).isEqualTo(4); // 3.125, rounded up
  }

  @Test
  void anotherSeedMakesOtherTokens() {
    List<TraceRequest> trace = List.of(request(0, 512, 3));
    assertThat(works(trace, 1, 1, 1).getFirst().prompt().get())
        .isNotEqualTo(works(trace, 1, 1, 2).getFirst().prompt().get());
  }

  @Test
  void theRateDividesTheTimes() {
    List<TraceRequest> trace = List.of(request(1000, 1, 3), request(3000, 1, 3));
    assertThat(works(trace, 1, 4, 1).stream().map(Work::at))
        .containsExactly(Duration.ofMillis(250), Duration.ofMillis(750));
    assertThat(works(trace, 1, Double.POSITIVE_INFINITY, 1).stream().map(Work::at))
        .containsOnly(Duration.ZERO);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 1.01, Double.NaN, 0.0001})
  void refusesScalesThatLeaveNothingOrGrow(double scale) {
    assertThatThrownBy(() -> TraceScale.of(scale))
        .isInstanceOf(InvalidTrace.class)
        .hasMessageContaining("scale");
  }

  @Test
  void refusesBlocksTooShortToTellIdsApart() {
    assertThatThrownBy(() -> works(List.of(request(0, 1, 26)), 1.0 / 512, 1, 1))
        .hasMessageContaining("blocks of 1 tokens cannot tell 27 hash ids apart")
        .hasMessageContaining("they need 2");
  }

  @Test
  void anIdealCacheFindsFullBlocksButNeverTheLastToken() {
    List<TraceRequest> trace =
        List.of(
            request(0, 1536, 1, 2, 3), // 48 tokens: three blocks of 16
            request(1, 1536, 1, 2, 3), // the same: two, for the last token is computed
            request(2, 1600, 1, 2, 3, 4), // 50 tokens: three
            request(3, 1024, 9, 2)); // the same block after another one is another block
    List<Work> works = works(trace, 1.0 / 32, Double.POSITIVE_INFINITY, 1);
    IdealCache ideal = IdealCache.of(works, 16);
    assertThat(ideal.promptTokens()).isEqualTo(48 + 48 + 50 + 32);
    assertThat(ideal.hitTokens()).isEqualTo(32 + 48);
    assertThat(IdealCache.of(works, 32).hitTokens()).isEqualTo(32 + 32);
    assertThat(ideal.hitRate()).isEqualTo(80 / 178.0);
  }

  @Test
  void anIdealCacheAgreesWithComparingAllPrompts() {
    var random = new SplittableRandom(3);
    var trace = new ArrayList<TraceRequest>();
    for (int i = 0; i < 200; i++) {
      int blocks = 1 + random.nextInt(6);
      Integer[] ids = random.ints(blocks, 0, 3).boxed().toArray(Integer[]::new);
      trace.add(request(i, blocks * 512 - random.nextInt(512), ids));
    }
    List<Work> works = works(trace, 1.0 / 64, Double.POSITIVE_INFINITY, 1);
    long expected = 0;
    for (int i = 0; i < works.size(); i++) {
      int[] prompt = works.get(i).prompt().get();
      int longest = 0;
      for (int j = 0; j < i; j++) {
        int[] earlier = works.get(j).prompt().get();
        int same = Arrays.mismatch(prompt, earlier);
        int shared = same < 0 ? prompt.length : same;
        longest = Math.max(longest, Math.min(shared / 8, (prompt.length - 1) / 8));
      }
      expected += longest * 8L;
    }
    assertThat(IdealCache.of(works, 8).hitTokens()).isEqualTo(expected).isPositive();
  }
}

package dev.krafla.platform.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class BenchResultTest {
  private static BenchResult of(double... rates) {
    List<Sample> samples =
        DoubleStream.of(rates)
            .mapToObj(rate -> new Sample(rate, Duration.ofMillis((long) (1000 / rate))))
            .toList();
    return new BenchResult(new BenchTest.Decode(8), samples, OptionalLong.empty());
  }

  @Test
  void theMedianOfAnOddNumberIsTheMiddleOne() {
    BenchResult result = of(5, 1, 4, 2, 10);
    assertThat(result.tokensPerSecond()).isEqualTo(4);
    assertThat(result.min()).isEqualTo(1);
    assertThat(result.max()).isEqualTo(10);
    assertThat(result.firstToken()).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void theMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
    assertThat(of(4, 1, 2, 10).tokensPerSecond()).isEqualTo(3);
    assertThat(of(7).tokensPerSecond()).isEqualTo(7);
  }

  @Test
  void noSamplesAreNoResult() {
    assertThatThrownBy(() -> of()).hasMessageContaining("tg8");
  }
}

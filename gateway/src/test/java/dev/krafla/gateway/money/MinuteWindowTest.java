package dev.krafla.gateway.money;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MinuteWindowTest {
  private static final long LIMIT = 50;

  /** In milliseconds; how many came at once. */
  private record Event(long at, long n) {}

  @Test
  void noMinuteSeesMoreThanTheLimitHoweverRequestsCome() {
    for (int seed = 0; seed < 50; seed++) {
      var random = new SplittableRandom(seed);
      var window = new MinuteWindow(0);
      List<Event> let = new ArrayList<>();
      long now = 1_000_000;
      for (int i = 0; i < 2_000; i++) {
        now += random.nextInt(8) == 0 ? random.nextLong(90_000) : random.nextLong(500);
        long n = 1 + random.nextLong(5);
        if (window.sum(now / 1000) + n <= LIMIT) {
          window.add(now / 1000, n);
          let.add(new Event(now, n));
        }
      }
      for (Event last : let) {
        long inMinute =
            let.stream()
                .filter(e -> e.at() <= last.at() && e.at() > last.at() - 60_000)
                .mapToLong(Event::n)
                .sum();
        assertThat(inMinute).isLessThanOrEqualTo(LIMIT);
      }
    }
  }

  @Test
  void theTimeToWaitIsTheShortestThatHelps() {
    for (int seed = 0; seed < 200; seed++) {
      var random = new SplittableRandom(seed);
      var window = new MinuteWindow(0);
      long second = 100;
      for (int i = 0; i < 40; i++) {
        second += random.nextLong(3);
        long room = LIMIT - window.sum(second);
        window.add(second, Math.min(room, random.nextLong(6)));
      }
      long n = LIMIT - window.sum(second) + 1;
      if (n <= LIMIT && window.sum(second) > 0) {
        long wait = window.secondsUntil(second, n, LIMIT);

        assertThat(window.sum(second + wait - 1) + n).isGreaterThan(LIMIT);
        assertThat(window.sum(second + wait) + n).isLessThanOrEqualTo(LIMIT);
      }
    }
  }

  @Test
  void whatIsGivenBackCountsNoMore() {
    var window = new MinuteWindow(0);
    window.add(10, 40);
    window.correct(1, 10, -30);

    assertThat(window.sum(20)).isEqualTo(10);

    window.sum(500);
    window.correct(1, 10, -10); // long gone

    assertThat(window.sum(500)).isZero();

    var later = new MinuteWindow(7);
    later.add(10, 5);
    later.correct(7, 10, -3); // held before there was a limit

    assertThat(later.sum(10)).isEqualTo(5);
  }
}

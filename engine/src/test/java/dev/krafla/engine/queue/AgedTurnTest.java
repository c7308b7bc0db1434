package dev.krafla.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AgedTurnTest {
  private static final long SECOND = 1_000_000_000L;

  private static long turn(long submitted, double own) {
    return AgedTurn.of(submitted, own, 8);
  }

  @Test
  void ofThoseWhoComeTogetherTheShorterIsFirst() {
    assertThat(turn(0, 0.1 * SECOND)).isLessThan(turn(0, SECOND));
  }

  @Test
  void whoComesLaterThanTheStretchOfItsTimeDoesNotOvertake() {
    assertThat(turn(7 * SECOND, 0.05 * SECOND)).isLessThan(turn(0, SECOND));
    assertThat(turn(8 * SECOND + 1, 0)).isGreaterThan(turn(0, SECOND));
  }

  @Test
  void nobodyIsOvertakenForMoreThanHalfAMinute() {
    assertThat(turn(30 * SECOND + 1, 0)).isGreaterThan(turn(0, 1000.0 * SECOND));
  }

  @Test
  void clocksMayWrap() {
    long late = Long.MAX_VALUE - SECOND;
    assertThat(turn(late, SECOND) - turn(late, 0)).isEqualTo(8 * SECOND);
  }

  @Test
  void withoutStretchTheOrderIsThatOfArrival() {
    assertThat(AgedTurn.of(5, SECOND, 0)).isLessThan(AgedTurn.of(6, 0, 0));
  }
}

package dev.krafla.serving.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PrefixRecordTest {
  private static final long LATER = 1000;

  private static long[] chain(int... tokens) {
    return BlockKeys.of(tokens, 1, Integer.MAX_VALUE);
  }

  @Test
  void findsAsManyBlocksAsABeginningHasInCommon() {
    var record = new PrefixRecord(100);
    record.add(chain(1, 2, 3), PrefixRecord.CONFIRMED);
    assertThat(record.overlap(chain(1, 2, 3, 4), 0)).isEqualTo(3);
    assertThat(record.overlap(chain(1, 2, 9, 3), 0)).isEqualTo(2);
    assertThat(record.overlap(chain(2, 3), 0)).isZero(); // after nothing, 2 is another block
  }

  @Test
  void whatNothingHasProvedIsForgottenInTime() {
    var record = new PrefixRecord(100);
    record.add(chain(1, 2), LATER);
    assertThat(record.overlap(chain(1, 2), LATER)).isEqualTo(2);
    assertThat(record.overlap(chain(1, 2), LATER + 1)).isZero();
    record.add(chain(1), PrefixRecord.CONFIRMED);
    assertThat(record.overlap(chain(1, 2), LATER + 1)).isEqualTo(1);
    record.add(chain(1), LATER); // a later guess takes no proof back
    assertThat(record.overlap(chain(1), LATER + 1)).isEqualTo(1);
  }

  @Test
  void theLeastRecentlyUsedGoesFirstAndTailsBeforeBeginnings() {
    var record = new PrefixRecord(4);
    record.add(chain(1, 2), PrefixRecord.CONFIRMED);
    record.add(chain(7, 8), PrefixRecord.CONFIRMED);
    record.add(chain(1), PrefixRecord.CONFIRMED); // used again: the tail of the same chain is not
    record.add(chain(5), PrefixRecord.CONFIRMED);
    assertThat(record.size()).isEqualTo(4);
    assertThat(record.overlap(chain(1, 2), 0)).isEqualTo(1);
    assertThat(record.overlap(chain(7, 8), 0)).isEqualTo(2);
    record.add(chain(6), PrefixRecord.CONFIRMED);
    assertThat(record.overlap(chain(7, 8), 0)).isEqualTo(1);
  }

  /** Random use, compared with a list in order of use. */
  @Test
  void agreesWithAPlainListInOrderOfUse() {
    for (long seed = 0; seed < 50; seed++) {
      var random = new SplittableRandom(seed);
      int max = 1 + random.nextInt(40);
      var record = new PrefixRecord(max);
      List<Long> order = new ArrayList<>(); // oldest first
      Map<Long, Long> until = new HashMap<>();
      for (int turn = 0; turn < 400; turn++) {
        long[] keys = chain(random.ints(1 + random.nextInt(6), 0, 3).toArray());
        long now = random.nextInt(20);
        switch (random.nextInt(4)) {
          case 0 -> {
            int expected = 0;
            while (expected < keys.length && until.getOrDefault(keys[expected], -1L) >= now) {
              expected++;
            }
            assertThat(record.overlap(keys, now))
                .as("seed %d turn %d", seed, turn)
                .isEqualTo(expected);
          }
          case 1 -> {
            record.remove(keys[0]);
            order.remove(keys[0]);
            until.remove(keys[0]);
          }
          default -> {
            record.add(keys, now);
            for (int i = Math.min(keys.length, max) - 1; i >= 0; i--) {
              if (!order.remove(keys[i]) && order.size() == max) {
                until.remove(order.removeFirst());
              }
              order.add(keys[i]);
              until.merge(keys[i], now, Math::max);
            }
          }
        }
        assertThat(record.size()).isEqualTo(order.size());
      }
    }
  }
}

package dev.krafla.engine.speculate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NgramDrafterTest {
  private static int[] draft(int max, int... tokens) {
    int[] out = new int[max];
    return Arrays.copyOf(out, NgramDrafter.draft(tokens, tokens.length, max, out));
  }

  @Test
  void whatFollowedTheLastTokensBeforeFollowsAgain() {
    assertThat(draft(3, 1, 2, 3, 4, 5, 9, 1, 2)).containsExactly(3, 4, 5);
  }

  @Test
  void aLongerMatchBeatsALaterOne() {
    assertThat(draft(1, 1, 2, 3, 50, 2, 3, 60, 1, 2, 3)).containsExactly(50);
  }

  @Test
  void ofEquallyLongMatchesTheLatestWins() {
    assertThat(draft(1, 1, 2, 50, 1, 2, 60, 1, 2)).containsExactly(60);
  }

  @Test
  void aLoopGoesOn() {
    assertThat(draft(5, 8, 3, 4, 3, 4, 3, 4)).containsExactly(3, 4, 3, 4, 3);
    assertThat(draft(4, 7, 7, 7)).containsExactly(7, 7, 7, 7);
  }

  @Test
  void nothingIsGuessedWithoutAMatchOfTwoTokens() {
    assertThat(draft(3)).isEmpty();
    assertThat(draft(3, 1)).isEmpty();
    assertThat(draft(3, 1, 2)).isEmpty();
    assertThat(draft(3, 5, 1, 2, 3, 9, 1)).isEmpty();
  }

  @Test
  void onlyTheTokensInUseCount() {
    int[] out = new int[2];
    int[] tokens = {1, 2, 3, 1, 2, 0, 0, 0};
    assertThat(NgramDrafter.draft(tokens, 5, 2, out)).isEqualTo(2);
    assertThat(out).containsExactly(3, 1);
  }
}

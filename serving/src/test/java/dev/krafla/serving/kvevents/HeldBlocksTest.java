package dev.krafla.serving.kvevents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.serving.route.BlockKeys;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeldBlocksTest {
  private static final int BLOCK = 16;
  private static final int[] TOKENS = new SplittableRandom(3).ints(480, 0, 50_000).toArray();

  private static KvEvent.Stored stored(int first, int blocks, int blockTokens, boolean plain) {
    List<EngineHash> hashes = new ArrayList<>();
    for (int i = 0; i < blocks; i++) {
      hashes.add(EngineHash.of(first + i));
    }
    int[] tokens = Arrays.copyOfRange(TOKENS, first * blockTokens, (first + blocks) * blockTokens);
    Optional<EngineHash> parent =
        first == 0 ? Optional.empty() : Optional.of(EngineHash.of(first - 1));
    return new KvEvent.Stored(hashes, parent, tokens, blockTokens, plain);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 8, 16, 24, 32, 120})
  void keysAreTheRoutersWhateverTheServersBlocks(int blockTokens) {
    var held = new HeldBlocks(BLOCK, 1000);
    int blocks = TOKENS.length / blockTokens;
    long[] first = held.stored(stored(0, 1, blockTokens, true));
    long[] rest = held.stored(stored(1, blocks - 1, blockTokens, true));
    long[] all = Arrays.copyOf(first, first.length + rest.length);
    System.arraycopy(rest, 0, all, first.length, rest.length);
    assertThat(all).isEqualTo(BlockKeys.of(TOKENS, BLOCK, blocks * blockTokens / BLOCK));
  }

  @Test
  void aBlockThatIsStoredTwiceIsHeldUntilItIsRemovedTwice() {
    var held = new HeldBlocks(BLOCK, 1000);
    held.stored(stored(0, 2, BLOCK, true));
    assertThat(held.stored(stored(0, 1, BLOCK, true))).hasSize(1);
    assertThat(held.removed(List.of(EngineHash.of(0)))).isEmpty();
    assertThat(held.removed(List.of(EngineHash.of(0)))).hasSize(1);
    assertThat(held.removed(List.of(EngineHash.of(0)))).isEmpty();
    assertThat(held.size()).isEqualTo(1);
  }

  @Test
  void blocksOfOtherTenantsAndAdaptersAreNotFoundByTokens() {
    var held = new HeldBlocks(BLOCK, 1000);
    assertThat(held.stored(stored(0, 2, BLOCK, false))).isEmpty();
    assertThat(held.stored(stored(2, 1, BLOCK, true))).as("what follows a salted one").isEmpty();
    assertThat(held.stored(stored(7, 1, BLOCK, true))).as("what follows an unknown one").isEmpty();
  }

  @Test
  void whatVllmStoredIsFoundByThePromptsTokens() throws IOException {
    var held = new HeldBlocks(BLOCK, 1000);
    KvEvent.Stored event =
        (KvEvent.Stored)
            KvEventDecoder.decode(RecordedEvents.published().getFirst().payload())
                .events()
                .getFirst();
    assertThat(held.stored(event)).isEqualTo(BlockKeys.of(RecordedEvents.tokens(256), BLOCK, 16));
  }
}

package dev.krafla.serving.kvevents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.testing.Allocation;
import dev.krafla.testing.Damage;
import dev.krafla.testing.Fuzz;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class KvEventDecoderTest {
  @Test
  void readsWhatVllmPublished() throws IOException {
    List<RecordedEvents.Frame> frames = RecordedEvents.published();
    KvEvent.Stored plain =
        (KvEvent.Stored) KvEventDecoder.decode(frames.get(0).payload()).events().getFirst();
    assertThat(plain.hashes()).hasSize(2);
    assertThat(plain.parent()).isEmpty();
    assertThat(plain.blockTokens()).isEqualTo(128);
    assertThat(plain.tokenIds()).hasSize(256).startsWith(RecordedEvents.tokens(8));
    assertThat(plain.plain()).isTrue();

    KvEvent.Stored salted =
        (KvEvent.Stored) KvEventDecoder.decode(frames.get(1).payload()).events().getFirst();
    assertThat(salted.plain()).as("it has a cache salt").isFalse();
  }

  /** As vLLM wrote before its pull request 42892, and SGLang does: arrays that end early. */
  @Test
  void readsArraysThatEndEarly() {
    var stored = Arrays.asList("BlockStored", List.of(7L), 6L, List.of(10, 11), 2, null);
    var adapted =
        Arrays.asList(
            "BlockStored",
            List.of(new byte[] {1, 2, 3}),
            null,
            List.of(10),
            1,
            4L,
            "GPU",
            "adapter");
    byte[] payload =
        Packer.pack(
            List.of(
                12.5,
                List.of(
                    stored,
                    adapted,
                    List.of("BlockRemoved", List.of(-1L)),
                    List.of("AllBlocksCleared"),
                    List.of("OfTomorrow"))));

    KvEventDecoder.Batch batch = KvEventDecoder.decode(payload);

    assertThat(batch.time()).isEqualTo(12.5);
    assertThat(batch.events()).hasSize(4);
    KvEvent.Stored first = (KvEvent.Stored) batch.events().get(0);
    assertThat(first.parent()).contains(EngineHash.of(6));
    assertThat(first.tokenIds()).containsExactly(10, 11);
    assertThat(first.plain()).isTrue();
    KvEvent.Stored second = (KvEvent.Stored) batch.events().get(1);
    assertThat(second.hashes()).containsExactly(EngineHash.of(new byte[] {1, 2, 3}));
    assertThat(second.plain()).isFalse();
    assertThat(batch.events().get(2)).isEqualTo(new KvEvent.Removed(List.of(EngineHash.of(-1))));
    assertThat(batch.events().get(3)).isEqualTo(new KvEvent.Cleared());
  }

  @Test
  void refusesBlocksWithoutTheirTokens() {
    byte[] payload =
        Packer.pack(
            List.of(
                1.0, List.of(Arrays.asList("BlockStored", List.of(7L), null, List.of(10), 16))));
    assertThatThrownBy(() -> KvEventDecoder.decode(payload))
        .isInstanceOf(InvalidEvents.class)
        .hasMessageContaining("1 blocks of 16 tokens are stored with 1 tokens");
  }

  @Test
  void damagedBytesAreRefusedAndNeverCostMuch() throws IOException {
    byte[] good = RecordedEvents.published().get(1).payload();
    Fuzz.check(
        4000,
        Duration.ofSeconds(4),
        random -> {
          byte[] damaged = Damage.bytes(good, good.length, random);
          try {
            return !KvEventDecoder.decode(damaged).events().isEmpty();
          } catch (InvalidEvents e) {
            return false;
          }
        });
    byte[] bomb = {(byte) 0xdd, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1, 2, 3};
    long bytes =
        Allocation.bytes(() ->
            assertThatThrownBy(() -> KvEventDecoder.decode(bomb))
                .isInstanceOf(InvalidEvents.class));
    assertThat(bytes).isLessThan(16 << 20);
  }
}

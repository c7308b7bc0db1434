package dev.krafla.engine.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.transfer.TransferException.Reason;
import dev.krafla.testing.Fuzz;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessageTest {
  private static final List<FrameType> TYPES = List.of(FrameType.values());

  private static final KvIdentity IDENTITY =
      new KvIdentity("0123abcd", "activations16/scalar", "F16", 1, 368_640, 196_608);

  static List<Message> messages() {
    return List.of(
        new Message.Challenge(Message.VERSION, new byte[Message.NONCE_BYTES]),
        new Message.Hello(
            Message.VERSION,
            new byte[Message.NONCE_BYTES],
            new byte[Message.PROOF_BYTES],
            IDENTITY),
        new Message.Ready(new byte[Message.PROOF_BYTES]),
        new Message.Pull(new UUID(1, 2), new UUID(3, 4), new KvKey(5, 6), 7),
        new Message.Grant(100, 7),
        new Message.Release(new UUID(1, 2), new UUID(3, 4)),
        new Message.Refused(Reason.NO_LEASE, "gone — for good"));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void aMessageIsReadAsItWasWritten(Message message) throws TransferException {
    assertThat(Message.parse(message.type(), message.payload()))
        .usingRecursiveComparison()
        .isEqualTo(message);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void noLengthButTheRightOneIsAMessage(Message message) {
    byte[] bytes = bytes(message);
    for (int length = 0; length < bytes.length + 20; length++) {
      if (length != bytes.length) {
        ByteBuffer wrong = ByteBuffer.wrap(Arrays.copyOf(bytes, length));
        assertThatThrownBy(() -> Message.parse(message.type(), wrong))
            .isInstanceOfSatisfying(
                TransferException.class, e -> assertThat(e.reason()).isEqualTo(Reason.PROTOCOL));
      }
    }
  }

  @Test
  void anotherVersionsHelloIsReadAsFarAsItsVersion() throws TransferException {
    ByteBuffer later = ByteBuffer.allocate(9).order(java.nio.ByteOrder.LITTLE_ENDIAN).putInt(0, 2);
    assertThat(Message.parse(FrameType.HELLO, later))
        .isInstanceOfSatisfying(
            Message.Hello.class, hello -> assertThat(hello.version()).isEqualTo(2));
  }

  @Test
  void damagedMessagesAreRefusedAndNothingElseHappens() {
    List<Message> all = messages();
    Fuzz.check(
        20_000,
        Duration.ofSeconds(3),
        random -> {
          Message message = all.get(random.nextInt(all.size()));
          byte[] bytes = damaged(bytes(message), random);
          FrameType type =
              random.nextInt(4) == 0 ? TYPES.get(random.nextInt(TYPES.size())) : message.type();
          try {
            Message.parse(type, ByteBuffer.wrap(bytes));
            return true;
          } catch (TransferException e) {
            return false;
          }
        });
  }

  @Test
  void noFlippedBitOfAHeaderIsOverlooked() throws TransferException {
    var header = new FrameHeader(FrameType.BLOCK, 12, 368_640, 0xCAFE);
    ByteBuffer bytes = ByteBuffer.allocate(FrameHeader.BYTES);
    header.write(bytes);
    assertThat(FrameHeader.read(bytes.flip())).isEqualTo(header);
    for (int bit = 0; bit < 8 * FrameHeader.BYTES; bit++) {
      byte[] flipped = bytes.array().clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> FrameHeader.read(ByteBuffer.wrap(flipped)))
          .as("bit %d", bit)
          .isInstanceOf(TransferException.class);
    }
  }

  @Test
  void whatDiffersBetweenTwoWorkersIsNamed() {
    assertThat(IDENTITY.difference(IDENTITY)).isEmpty();
    assertThat(
            IDENTITY.difference(
                new KvIdentity("0123abcd", "activations16/scalar", "Q8", 1, 368_640, 196_608)))
        .hasValue("the KV type is F16 here and Q8 there");
    assertThat(
            IDENTITY.difference(
                new KvIdentity("0123abcd", "bfloat16/amx", "F16", 1, 368_640, 196_608)))
        .hasValue("the arithmetic is activations16/scalar here and bfloat16/amx there");
    assertThat(
            IDENTITY.difference(
                new KvIdentity("0123abcd", "activations16/scalar", "F16", 2, 368_640, 196_608)))
        .hasValue("the block layout is 1 here and 2 there");
  }

  private static byte[] bytes(Message message) {
    ByteBuffer payload = message.payload();
    byte[] bytes = new byte[payload.remaining()];
    payload.get(bytes);
    return bytes;
  }

  private static byte[] damaged(byte[] bytes, SplittableRandom random) {
    byte[] out = bytes.clone();
    switch (random.nextInt(4)) {
      case 0 -> out = Arrays.copyOf(out, random.nextInt(out.length + 10));
      case 1 -> random.nextBytes(out);
      case 2 -> out[random.nextInt(out.length)] = (byte) random.nextInt(256);
      default -> {
        int at = random.nextInt(out.length);
        Arrays.fill(
            out, at, Math.min(out.length, at + 4), (byte) (random.nextBoolean() ? -1 : 127));
      }
    }
    return out;
  }
}

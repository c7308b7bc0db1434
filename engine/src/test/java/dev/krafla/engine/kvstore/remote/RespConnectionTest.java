package dev.krafla.engine.kvstore.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.engine.kvstore.remote.RespConnection.Got;
import dev.krafla.testing.Allocation;
import dev.krafla.testing.Damage;
import dev.krafla.testing.Fuzz;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The protocol against bytes, right and damaged; RemoteStoreTest has a real server. */
class RespConnectionTest {
  private ServerSocketChannel listener;

  @BeforeEach
  void listen() throws IOException {
    listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @AfterEach
  void stop() throws IOException {
    listener.close();
  }

  /** A connection whose other side has answered {@code bytes}, in two parts, and left. */
  private RespConnection answering(byte[] bytes, int cut) throws IOException {
    Transport.Plain plain = Transport.Plain.unconnected();
    plain.channel().connect(listener.getLocalAddress());
    SocketChannel other = listener.accept();
    Thread.ofVirtual()
        .start(() -> {
          try (other) {
            other.write(ByteBuffer.wrap(bytes, 0, cut));
            other.write(ByteBuffer.wrap(bytes, cut, bytes.length - cut));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return new RespConnection(plain);
  }

  private RespConnection answering(String text) throws IOException {
    return answering(text.getBytes(StandardCharsets.ISO_8859_1), text.length() / 2);
  }

  private static ByteBuffer[] room(int... bytes) {
    var all = new ByteBuffer[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      all[i] = ByteBuffer.allocateDirect(bytes[i]);
    }
    return all;
  }

  private static String text(ByteBuffer[] all) {
    var text = new StringBuilder();
    for (ByteBuffer buffer : all) {
      text.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
    }
    return text.toString();
  }

  @Test
  void readsValuesIntoTheBuffersThatAreGivenAndWhatFollowsToo() throws IOException {
    try (RespConnection c = answering("$5\r\nab\r\nc\r\n:7\r\n+OK\r\n$-1\r\n_\r\n$0\r\n\r\n")) {
      ByteBuffer[] into = room(2, 0, 3);
      assertThat(c.readValue("GET", into)).isEqualTo(Got.VALUE);
      assertThat(text(into)).isEqualTo("ab\r\nc");
      assertThat(c.readInteger("STRLEN")).isEqualTo(7);
      c.readOk("SET");
      assertThat(c.readValue("GET", room(1))).isEqualTo(Got.NOTHING);
      assertThat(c.readValue("GET", room(1))).isEqualTo(Got.NOTHING);
      assertThat(c.readValue("GET", room(0))).isEqualTo(Got.VALUE);
    }
  }

  @Test
  void writesCommandsAsArraysOfBulkStrings() throws IOException {
    Transport.Plain plain = Transport.Plain.unconnected();
    plain.channel().connect(listener.getLocalAddress());
    try (SocketChannel other = listener.accept();
        RespConnection c = new RespConnection(plain)) {
      c.send("AUTH", "pä");
      ByteBuffer value = ByteBuffer.wrap(new byte[] {'\r', '\n', 0});
      c.sendValue(new String[] {"SET", "k"}, value, new String[] {"EX", "10"});
      plain.channel().shutdownOutput();
      var seen = new ByteArrayOutputStream();
      ByteBuffer part = ByteBuffer.allocate(256);
      while (other.read(part.clear()) >= 0) {
        seen.write(part.array(), 0, part.position());
      }
      assertThat(seen.toString(StandardCharsets.UTF_8))
          .isEqualTo(
              "*2\r\n$4\r\nAUTH\r\n$3\r\npä\r\n"
                  + "*5\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\n\r\n\0\r\n$2\r\nEX\r\n$2\r\n10\r\n");
    }
  }

  @Test
  void aValueOfAnotherLengthIsNotRead() throws IOException {
    for (String length : new String[] {"4", "6", "0", "2147483647", "9223372036854775807"}) {
      try (RespConnection c = answering("$" + length + "\r\nabcdef")) {
        assertThat(c.readValue("GET", room(5))).isEqualTo(Got.OTHER_LENGTH);
        assertThat(c.isUsable()).isFalse();
      }
    }
  }

  @Test
  void anErrorShowsItsFirstWordOnlyAsTheRestMayRepeatASecret() throws IOException {
    try (RespConnection c = answering("-ERR unknown command 'AUTH', with 'hunter2'\r\n+OK\r\n")) {
      assertThatThrownBy(() -> c.readOk("AUTH"))
          .isInstanceOfSatisfying(
              RespException.Refused.class, e -> assertThat(e.code()).isEqualTo("ERR"))
          .hasMessage("the server answers AUTH with ERR");
      c.readOk("AUTH"); // it can be used on
    }
  }

  @Test
  void whatIsNoAnswerIsRefusedWithAReason() throws IOException {
    String endless = "+" + "a".repeat(10_000);
    for (String bad :
        new String[] {
          "HTTP/1.1 400 Bad\r\n", "\r\n", ":\r\n", ":x\r\n", "*1\r\n", "+OK\rx", endless
        }) {
      try (RespConnection c = answering(bad)) {
        assertThatThrownBy(() -> c.readInteger("STRLEN"))
            .isInstanceOf(RespException.Malformed.class)
            .hasMessageContaining("Redis or Valkey");
      }
    }
  }

  @Test
  void damagedAnswersGiveAnErrorAndTakeNoMemory() {
    byte[] good =
        "$100\r\n%s\r\n:12\r\n+OK\r\n"
            .formatted("v".repeat(100))
            .getBytes(StandardCharsets.US_ASCII);
    Fuzz.check(2_000, Duration.ofSeconds(5), random -> survives(good, random));
  }

  private boolean survives(byte[] good, SplittableRandom random) throws IOException {
    byte[] bad = random.nextInt(10) == 0 ? good : Damage.bytes(good, good.length, random);
    try (RespConnection c = answering(bad, random.nextInt(bad.length + 1))) {
      ByteBuffer[] into = room(40, 60);
      var accepted = new boolean[1];
      long allocated = Allocation.bytes(() -> accepted[0] = readsAll(c, into));
      assertThat(allocated).isLessThan(200_000);
      return accepted[0];
    }
  }

  private static boolean readsAll(RespConnection c, ByteBuffer[] into) {
    try {
      if (c.readValue("GET", into) != Got.VALUE) {
        return false;
      }
      assertThat(into[0].hasRemaining() || into[1].hasRemaining()).isFalse();
      c.readInteger("STRLEN");
      c.readOk("SET");
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}

package dev.krafla.engine.kvstore.remote;

import dev.krafla.engine.kvstore.remote.RespException.Malformed;
import dev.krafla.engine.kvstore.remote.RespException.Refused;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Commands and answers of the Redis serialization protocol (RESP 2, which every version of Redis
 * and Valkey speaks; RESP 3's null is understood, too). Used by one thread at a time. After any
 * exception but {@link Refused}, and after a value of another length than was asked for, it cannot
 * be used on.
 */
final class RespConnection implements AutoCloseable {
  private static final byte[] LINE_END = {'\r', '\n'};

  /** The longest line that is read; errors are the longest, and their first word is enough. */
  private static final int MAX_LINE = 4096;

  private static final Pattern CODE = Pattern.compile("[A-Z][A-Z0-9_]{0,31}");

  /** What became of a value that was asked for. */
  enum Got {
    VALUE,
    NOTHING,
    OTHER_LENGTH
  }

  private final Transport transport;
  private final ByteBuffer in = ByteBuffer.allocateDirect(16 << 10).limit(0);
  private boolean usable = true;

  RespConnection(Transport transport) {
    this.transport = transport;
  }

  /** Sends a command; each word is ASCII or UTF-8 text. */
  void send(String... words) throws IOException {
    transport.write(new ByteBuffer[] {head(words, words.length, "")});
  }

  /** Sends a command of {@code words}, {@code value}, which is used up, and {@code after}. */
  void sendValue(String[] words, ByteBuffer value, String[] after) throws IOException {
    int count = words.length + 1 + after.length;
    ByteBuffer head = head(words, count, "$" + value.remaining() + "\r\n");
    ByteBuffer tail = ByteBuffer.allocate(LINE_END.length + bytes(after)).put(LINE_END);
    for (String word : after) {
      put(tail, word);
    }
    transport.write(new ByteBuffer[] {head, value, tail.flip()});
  }

  /** An array of {@code count} of which the first are {@code words}, and what comes then. */
  private static ByteBuffer head(String[] words, int count, String then) {
    byte[] array = ("*" + count + "\r\n").getBytes(StandardCharsets.US_ASCII);
    byte[] rest = then.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer head = ByteBuffer.allocate(array.length + bytes(words) + rest.length).put(array);
    for (String word : words) {
      put(head, word);
    }
    return head.put(rest).flip();
  }

  /** Room for all of them as bulk strings. */
  private static int bytes(String[] words) {
    int bytes = 0;
    for (String word : words) {
      bytes += 16 + word.getBytes(StandardCharsets.UTF_8).length; // "$", ten digits, two line ends
    }
    return bytes;
  }

  private static void put(ByteBuffer to, String word) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    to.put(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
    to.put(bytes).put(LINE_END);
  }

  /** Reads the {@code +} answer to {@code command}. */
  void readOk(String command) throws IOException {
    String line = readLine(command);
    if (line.charAt(0) != '+') {
      throw unexpected(command);
    }
  }

  /** Reads the {@code :} answer to {@code command}. */
  long readInteger(String command) throws IOException {
    String line = readLine(command);
    if (line.charAt(0) != ':') {
      throw unexpected(command);
    }
    return number(command, line);
  }

  /**
   * Reads the {@code $} answer to {@code command} into {@code into}, if it has exactly the length
   * that remains there; if not, it stays unread, and the connection cannot be used on.
   */
  Got readValue(String command, ByteBuffer[] into) throws IOException {
    String line = readLine(command);
    if (line.equals("_")) {
      return Got.NOTHING;
    }
    if (line.charAt(0) != '$') {
      throw unexpected(command);
    }
    long length = number(command, line);
    if (length == -1) {
      return Got.NOTHING;
    }
    long wanted = 0;
    for (ByteBuffer buffer : into) {
      wanted += buffer.remaining();
    }
    if (length != wanted) {
      usable = false;
      return Got.OTHER_LENGTH;
    }
    for (ByteBuffer buffer : into) {
      fill(buffer);
    }
    if (readByte() != '\r' || readByte() != '\n') {
      throw unexpected(command);
    }
    return Got.VALUE;
  }

  /** Whether the next command may be sent. */
  boolean isUsable() {
    return usable;
  }

  private void fill(ByteBuffer buffer) throws IOException {
    int buffered = Math.min(in.remaining(), buffer.remaining());
    buffer.put(buffer.position(), in, in.position(), buffered);
    buffer.position(buffer.position() + buffered);
    in.position(in.position() + buffered);
    while (buffer.hasRemaining()) {
      require(transport.read(buffer));
    }
  }

  /** A line without its end; an error becomes an exception. */
  private String readLine(String command) throws IOException {
    var line = new StringBuilder();
    byte next = readByte();
    while (next != '\r') {
      if (line.length() == MAX_LINE) {
        throw new Malformed("the answer to %s has an endless line".formatted(command));
      }
      line.append((char) (next & 0xFF));
      next = readByte();
    }
    if (readByte() != '\n' || line.isEmpty()) {
      throw unexpected(command);
    }
    if (line.charAt(0) == '-') {
      Matcher code = CODE.matcher(line).region(1, line.length());
      throw new Refused(command, code.lookingAt() ? code.group() : "an error");
    }
    return line.toString();
  }

  private static long number(String command, String line) throws Malformed {
    try {
      return Long.parseLong(line, 1, line.length(), 10);
    } catch (NumberFormatException e) {
      throw unexpected(command);
    }
  }

  private static Malformed unexpected(String command) {
    return new Malformed("what came is no answer to " + command);
  }

  private byte readByte() throws IOException {
    if (!in.hasRemaining()) {
      in.clear();
      try {
        require(transport.read(in));
      } finally {
        in.flip();
      }
    }
    return in.get();
  }

  private static void require(int bytes) throws EOFException {
    if (bytes < 0) {
      throw new EOFException("the server has closed the connection");
    }
  }

  @Override
  public void close() {
    transport.close();
  }
}

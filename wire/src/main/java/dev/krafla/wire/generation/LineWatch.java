package dev.krafla.wire.generation;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the lines of a passing stream that hold one of a few marks, and hands their data on. A mark
 * is a quoted JSON word: within a string of JSON its quotes would be escaped, so text that a model
 * writes holds none. Lines without marks are looked at once and, where a piece holds them whole,
 * never copied. One thread.
 */
public final class LineWatch {
  /** Longer lines are not kept: no wire's last event has so many bytes. */
  private static final int LIMIT = 32 << 20;

  private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);

  private final List<byte[]> marks;
  private final Sink sink;
  private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
  private boolean tooLong;

  /** Receives the data of a line. */
  @FunctionalInterface
  public interface Sink {
    void accept(byte[] bytes, int offset, int length);
  }

  public LineWatch(List<String> marks, Sink sink) {
    this.marks = marks.stream().map(m -> m.getBytes(StandardCharsets.US_ASCII)).toList();
    this.sink = sink;
  }

  /** Sees the next bytes. */
  public void see(byte[] bytes, int offset, int length) {
    int start = offset;
    int end = offset + length;
    for (int i = offset; i < end; i++) {
      if (bytes[i] == '\n' || bytes[i] == '\r') {
        line(bytes, start, i);
        start = i + 1;
      }
    }
    keep(bytes, start, end);
  }

  private void line(byte[] bytes, int from, int to) {
    if (begun.size() == 0 && !tooLong) {
      look(bytes, from, to);
      return;
    }
    keep(bytes, from, to);
    if (!tooLong) {
      look(begun.toByteArray(), 0, begun.size());
    }
    begun.reset();
    tooLong = false;
  }

  private void keep(byte[] bytes, int from, int to) {
    if (begun.size() + (to - from) > LIMIT) {
      begun.reset();
      tooLong = true;
    } else if (!tooLong) {
      begun.write(bytes, from, to - from);
    }
  }

  private void look(byte[] bytes, int from, int to) {
    if (!startsWith(bytes, from, to, DATA)) {
      return;
    }
    for (byte[] mark : marks) {
      if (contains(bytes, from, to, mark)) {
        int data = from + DATA.length;
        sink.accept(bytes, data, to - data);
        return;
      }
    }
  }

  private static boolean startsWith(byte[] bytes, int from, int to, byte[] prefix) {
    return to - from >= prefix.length
        && Arrays.equals(bytes, from, from + prefix.length, prefix, 0, prefix.length);
  }

  /** Whether the line holds {@code mark}. */
  public static boolean contains(byte[] bytes, int from, int to, byte[] mark) {
    for (int i = from; i <= to - mark.length; i++) {
      if (bytes[i] == mark[0] && Arrays.equals(bytes, i, i + mark.length, mark, 0, mark.length)) {
        return true;
      }
    }
    return false;
  }
}

package dev.krafla.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Takes server-sent events (WHATWG HTML, section 9.2) out of bytes that come in any pieces: lines
 * end in LF, CR or CRLF, a leading byte order mark is skipped, fields other than {@code event} and
 * {@code data} are left out. Memory is bounded by the largest event. One thread.
 */
public final class SseDecoder {
  /** Bytes that an event may have: answers that carry a picture stay below. */
  public static final int DEFAULT_LIMIT = 32 << 20;

  private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final int limit;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final StringBuilder data = new StringBuilder();
  private String name = "";
  private boolean anyData;
  private boolean afterCr;
  private boolean first = true;

  /** Receives whole events. */
  @FunctionalInterface
  public interface Sink {
    /**
     * @param name the event's name; empty where it has none
     * @param data its lines of data, joined by line feeds
     */
    void accept(String name, String data);
  }

  public SseDecoder() {
    this(DEFAULT_LIMIT);
  }

  /**
   * @param limit bytes of the largest event that is taken
   */
  public SseDecoder(int limit) {
    this.limit = limit;
  }

  /**
   * Takes the next bytes.
   *
   * @throws InvalidBody when an event is larger than the limit
   */
  public void feed(byte[] bytes, int offset, int length, Sink sink) {
    int start = offset;
    int end = offset + length;
    for (int i = offset; i < end; i++) {
      byte b = bytes[i];
      if (b != '\n' && b != '\r') {
        afterCr = false;
        continue;
      }
      boolean secondOfCrLf = b == '\n' && afterCr;
      if (!secondOfCrLf) {
        append(bytes, start, i);
        endLine(sink);
      }
      afterCr = b == '\r';
      start = i + 1;
    }
    append(bytes, start, end);
  }

  private void append(byte[] bytes, int from, int to) {
    if ((long) line.size() + (to - from) + data.length() > limit) {
      throw new InvalidBody(
          "", "an event of the stream is larger than the limit of %,d bytes".formatted(limit));
    }
    line.write(bytes, from, to - from);
  }

  private void endLine(Sink sink) {
    String text = line.toString(StandardCharsets.UTF_8);
    if (first) {
      first = false;
      text = withoutBom(text);
    }
    line.reset();
    if (text.isEmpty()) {
      endEvent(sink);
    } else if (isField(text, "data")) {
      if (anyData) {
        data.append('\n');
      }
      anyData = true;
      data.append(text, valueAt(text, "data"), text.length());
    } else if (isField(text, "event")) {
      name = text.substring(valueAt(text, "event"));
    }
  }

  private static String withoutBom(String text) {
    String bom = new String(BOM, StandardCharsets.UTF_8);
    return text.startsWith(bom) ? text.substring(bom.length()) : text;
  }

  private void endEvent(Sink sink) {
    if (anyData) {
      String text = data.toString();
      String named = name;
      clear();
      sink.accept(named, text);
    } else {
      clear();
    }
  }

  private void clear() {
    data.setLength(0);
    anyData = false;
    name = "";
  }

  private static boolean isField(String line, String field) {
    return line.startsWith(field)
        && (line.length() == field.length() || line.charAt(field.length()) == ':');
  }

  private static int valueAt(String line, String field) {
    int colon = field.length();
    if (line.length() == colon) {
      return colon;
    }
    boolean space = line.length() > colon + 1 && line.charAt(colon + 1) == ' ';
    return colon + (space ? 2 : 1);
  }
}

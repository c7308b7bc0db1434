package dev.krafla.gateway.upstream;

import dev.krafla.gateway.upstream.UpstreamException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads HTTP/1.1 answers from a connection (RFC 9112): heads, and bodies by length, in chunks or to
 * the connection's end. Memory is one buffer, whatever the other side sends. One thread.
 */
final class HttpInput {
  private static final int BUFFER = 1 << 13;
  private static final int MAX_HEAD = 1 << 16;

  /** A chunk's size with its extensions. */
  private static final int MAX_CHUNK_LINE = 1 << 10;

  private static final int NO_CONTENT = 204;
  private static final int NOT_MODIFIED = 304;
  private static final int FIRST_FINAL = 200;
  private static final int HEX = 16;
  private static final int MAX_CHUNK_DIGITS = 15;

  private enum Body {
    LENGTH,
    CHUNKED,
    TO_THE_END,
    DONE
  }

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private int from;
  private int to;
  private Body body = Body.DONE;
  private long left; // of the body or of this chunk
  private boolean chunkEnds; // its CRLF is still to come
  private boolean keepsConnection;

  HttpInput(InputStream in) {
    this.in = in;
  }

  /** Whether the answer was read to its end and another may follow. */
  boolean reusable() {
    return body == Body.DONE && keepsConnection && from == to;
  }

  /** Reads the head of an answer, those of 1xx left out; empty when the connection has ended. */
  Optional<AnswerHead> head() throws IOException {
    if (from == to && fill() < 0) {
      return Optional.empty();
    }
    AnswerHead head = oneHead();
    while (head.status() < FIRST_FINAL) {
      head = oneHead();
    }
    frame(head);
    return Optional.of(head);
  }

  private AnswerHead oneHead() throws IOException {
    int[] room = {MAX_HEAD};
    String status = line(room, "the status line");
    boolean http = status.startsWith("HTTP/1.") && status.length() >= "HTTP/1.1 200".length();
    int code = http ? digits(status, 9, 12) : -1;
    if (code < 100) {
      throw malformed("it does not speak HTTP/1.1: " + shown(status));
    }
    keepsConnection = status.charAt(7) != '0';
    List<AnswerHead.Header> headers = new ArrayList<>();
    for (String line = line(room, "the head"); !line.isEmpty(); line = line(room, "the head")) {
      int colon = line.indexOf(':');
      if (colon <= 0) {
        throw malformed("a header has no name: " + shown(line));
      }
      headers.add(
          new AnswerHead.Header(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    return new AnswerHead(code, headers);
  }

  private static int digits(String text, int start, int end) {
    int value = 0;
    for (int i = start; i < end; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private void frame(AnswerHead head) throws IOException {
    String connection = head.first("Connection").orElse("");
    if (connection.equalsIgnoreCase("close")) {
      keepsConnection = false;
    } else if (connection.equalsIgnoreCase("keep-alive")) {
      keepsConnection = true;
    }
    chunkEnds = false;
    left = 0;
    Optional<String> encoding = head.first("Transfer-Encoding");
    Optional<String> length = head.first("Content-Length");
    if (head.status() == NO_CONTENT || head.status() == NOT_MODIFIED) {
      body = Body.DONE;
    } else if (encoding.isPresent()) {
      if (!encoding.get().equalsIgnoreCase("chunked")) {
        throw malformed("its Transfer-Encoding is not understood: " + shown(encoding.get()));
      }
      body = Body.CHUNKED;
    } else if (length.isPresent()) {
      left = number(length.get());
      body = left == 0 ? Body.DONE : Body.LENGTH;
    } else {
      keepsConnection = false;
      body = Body.TO_THE_END;
    }
  }

  private static long number(String text) throws IOException {
    try {
      long value = Long.parseLong(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw malformed("its Content-Length is no number: " + shown(text));
  }

  /**
   * Reads what is there of the body, at least one byte unless it has ended; -1 at its end. Several
   * chunks that are there already come together.
   */
  int read(byte[] into) throws IOException {
    int copied = 0;
    while (copied < into.length && body != Body.DONE) {
      if (body == Body.CHUNKED && left == 0) {
        if (copied > 0 && !lineIsThere()) {
          break;
        }
        nextChunk();
        continue;
      }
      if (from == to && (copied > 0 || fill() < 0)) {
        if (copied > 0) {
          break;
        }
        ended();
        break;
      }
      int n = Math.min(into.length - copied, to - from);
      if (body != Body.TO_THE_END) {
        n = (int) Math.min(n, left);
        left -= n;
      }
      System.arraycopy(buffer, from, into, copied, n);
      from += n;
      copied += n;
      if (body == Body.LENGTH && left == 0) {
        body = Body.DONE;
      } else if (body == Body.CHUNKED && left == 0) {
        chunkEnds = true;
      }
    }
    return copied == 0 && body == Body.DONE ? -1 : copied;
  }

  private void ended() throws IOException {
    if (body != Body.TO_THE_END) {
      throw new UpstreamException(
          Reason.BROKEN, "the connection ended in the middle of the answer");
    }
    body = Body.DONE;
  }

  /** Whether the next chunk's size can be read without waiting. */
  private boolean lineIsThere() {
    int at = from + (chunkEnds ? 2 : 0);
    for (int i = at; i < to; i++) {
      if (buffer[i] == '\n') {
        return true;
      }
    }
    return false;
  }

  private void nextChunk() throws IOException {
    if (chunkEnds) {
      if (!line(new int[] {2}, "a chunk's end").isEmpty()) {
        throw malformed("a chunk is longer than it says");
      }
      chunkEnds = false;
    }
    String line = line(new int[] {MAX_CHUNK_LINE}, "a chunk's size");
    int end = 0;
    long size = 0;
    while (end < line.length() && Character.digit(line.charAt(end), HEX) >= 0) {
      size = size * HEX + Character.digit(line.charAt(end), HEX);
      end++;
      if (end > MAX_CHUNK_DIGITS) {
        break;
      }
    }
    boolean extension = end < line.length() && "; \t".indexOf(line.charAt(end)) < 0;
    if (end == 0 || end > MAX_CHUNK_DIGITS || extension) {
      throw malformed("a chunk's size is no number: " + shown(line));
    }
    left = size;
    if (size == 0) {
      int[] room = {MAX_HEAD};
      while (!line(room, "the trailer").isEmpty()) {
        // Trailers say nothing that is used here.
      }
      body = Body.DONE;
    }
  }

  /**
   * A line without its end.
   *
   * @param room bytes that may still be read, taken off as they are
   */
  private String line(int[] room, String what) throws IOException {
    StringBuilder more = null;
    while (true) {
      for (int i = from; i < to; i++) {
        if (buffer[i] == '\n') {
          int end = i > from && buffer[i - 1] == '\r' ? i - 1 : i;
          room[0] -= i + 1 - from;
          String text = text(from, end);
          from = i + 1;
          if (room[0] < 0) {
            throw malformed(what + " is longer than the limit");
          }
          return more == null ? text : withoutCr(more.append(text));
        }
      }
      room[0] -= to - from;
      if (room[0] < 0) {
        throw malformed(what + " is longer than the limit");
      }
      more = more == null ? new StringBuilder() : more;
      more.append(text(from, to));
      from = to;
      if (fill() < 0) {
        throw new UpstreamException(Reason.BROKEN, "the connection ended within " + what);
      }
    }
  }

  /** The CR may have come with the piece before. */
  private static String withoutCr(StringBuilder line) {
    int last = line.length() - 1;
    if (last >= 0 && line.charAt(last) == '\r') {
      line.setLength(last);
    }
    return line.toString();
  }

  private String text(int start, int end) {
    return new String(buffer, start, end - start, StandardCharsets.ISO_8859_1);
  }

  private int fill() throws IOException {
    int n = in.read(buffer, 0, buffer.length);
    from = 0;
    to = Math.max(0, n);
    return n;
  }

  private static UpstreamException malformed(String message) {
    return new UpstreamException(Reason.MALFORMED, message);
  }

  /** The beginning of what came, fit for an error's text. */
  private static String shown(String text) {
    String start = text.length() > 60 ? text.substring(0, 60) + "…" : text;
    return "'" + start.replaceAll("[^\\x20-\\x7e…]", "?") + "'";
  }
}

package dev.krafla.gateway.server;

import dev.krafla.gateway.Endpoint;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.generation.Usage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Looks at the events of a stream as they pass: whether they are events at all, what they say of
 * the usage, and whether the stream came to its end. Only events whose bytes show a usage are
 * parsed. One thread.
 */
final class EventWatch {
  private static final byte[] USAGE = ascii("\"usage\"");
  private static final byte[] DATA = ascii("data:");
  private static final byte[] DONE = ascii("[DONE]");
  private static final byte[][] OTHER_FIELDS = {ascii("event:"), ascii("id:"), ascii("retry:")};

  /** The last events of Anthropic's wire and of Responses'. */
  private static final byte[] MESSAGE_STOP = ascii("\"message_stop\"");

  private static final byte[][] RESPONSE_ENDS = {
    ascii("\"response.completed\""), ascii("\"response.incomplete\""), ascii("\"response.failed\"")
  };

  private final Endpoint endpoint;
  private final boolean hidesUsage;
  private Optional<Usage> usage = Optional.empty();
  private boolean complete;
  private long events;

  /**
   * @param hidesUsage whether events that only tell the usage are kept from the client, who did not
   *     ask for them
   */
  EventWatch(Endpoint endpoint, boolean hidesUsage) {
    this.endpoint = endpoint;
    this.hidesUsage = hidesUsage;
  }

  /** The usage so far. */
  Optional<Usage> usage() {
    return usage;
  }

  /** Whether the wire's last event has come. */
  boolean complete() {
    return complete;
  }

  /** Events with data: about as many tokens were written. */
  long events() {
    return events;
  }

  /** Whether bytes can be the beginning of an event; comments are. */
  static boolean isEvent(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && (bytes[at] == '\n' || bytes[at] == '\r')) {
      at++;
    }
    if (at == to || bytes[at] == ':') {
      return true;
    }
    if (startsWith(bytes, at, to, DATA)) {
      return dataIsJson(bytes, at + DATA.length, to);
    }
    for (byte[] field : OTHER_FIELDS) {
      if (startsWith(bytes, at, to, field)) {
        return true;
      }
    }
    return false;
  }

  private static boolean dataIsJson(byte[] bytes, int from, int to) {
    int at = skipSpaces(bytes, from, to);
    return at == to
        || bytes[at] == '{'
        || bytes[at] == '\n'
        || bytes[at] == '\r'
        || startsWith(bytes, at, to, DONE);
  }

  /**
   * Sees one whole event.
   *
   * @return whether it goes on to the client
   */
  boolean see(byte[] bytes, int from, int to) {
    if (!complete) {
      complete = isLast(bytes, from, to);
    }
    events++;
    int at = indexOf(bytes, from, to, USAGE);
    if (at < 0 || !isObject(bytes, at + USAGE.length, to)) {
      return true;
    }
    ObjectNode event = parse(bytes, from, to);
    UsageReader.read(event)
        .ifPresent(u -> usage = Optional.of(usage.map(v -> UsageReader.merge(v, u)).orElse(u)));
    return !(hidesUsage && event.path("choices").isArray() && event.path("choices").isEmpty());
  }

  private boolean isLast(byte[] bytes, int from, int to) {
    return switch (endpoint) {
      case CHAT, COMPLETIONS, EMBEDDINGS ->
          startsWith(bytes, from, to, DATA)
              && startsWith(bytes, skipSpaces(bytes, from + DATA.length, to), to, DONE);
      case MESSAGES -> to - from < 200 && indexOf(bytes, from, to, MESSAGE_STOP) >= 0;
      case RESPONSES ->
          Arrays.stream(RESPONSE_ENDS)
              .anyMatch(end -> indexOf(bytes, from, Math.min(to, from + 200), end) >= 0);
    };
  }

  private static ObjectNode parse(byte[] bytes, int from, int to) {
    String event = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    int data = event.indexOf("data:");
    try {
      return data < 0 ? Json.object() : Json.parseObject(joined(event.substring(data)));
    } catch (InvalidBody e) {
      return Json.object(); // the client finds out what it is
    }
  }

  /** Data of several lines are one text. */
  private static String joined(String lines) {
    var text = new StringBuilder();
    lines
        .lines()
        .filter(line -> line.startsWith("data:"))
        .forEach(line -> text.append(line, "data:".length(), line.length()).append('\n'));
    return text.toString();
  }

  private static boolean isObject(byte[] bytes, int from, int to) {
    int at = skipSpaces(bytes, from, to);
    if (at == to || bytes[at] != ':') {
      return false;
    }
    at = skipSpaces(bytes, at + 1, to);
    return at < to && bytes[at] == '{';
  }

  private static int skipSpaces(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] == ' ') {
      at++;
    }
    return at;
  }

  private static boolean startsWith(byte[] bytes, int from, int to, byte[] what) {
    return to - from >= what.length
        && Arrays.equals(bytes, from, from + what.length, what, 0, what.length);
  }

  static int indexOf(byte[] bytes, int from, int to, byte[] what) {
    byte first = what[0];
    for (int i = from; i <= to - what.length; i++) {
      if (bytes[i] == first && startsWith(bytes, i, to, what)) {
        return i;
      }
    }
    return -1;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

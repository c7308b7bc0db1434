package dev.krafla.serving.replay;

import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads traces in Mooncake's form (kvcache-ai/Mooncake, FAST25-release/traces): one JSON object a
 * line with {@code timestamp} (milliseconds), {@code input_length}, {@code output_length} and
 * {@code hash_ids}, one id per {@value #BLOCK_TOKENS} tokens of input. Other fields are left alone;
 * gzip is known by its first bytes. Strict: what is not so is an {@link InvalidTrace} that names
 * the line.
 */
public final class TraceReader {
  /** Tokens that one hash id stands for. */
  public static final int BLOCK_TOKENS = 512;

  /** Longest line that is read; the longest of the published traces has 3 kB. */
  static final int MAX_LINE_BYTES = 1 << 20;

  /** Most requests that are read from one trace. */
  static final int MAX_REQUESTS = 1_000_000;

  /** Most hash ids of all requests together: some 400 MB of them. */
  static final int MAX_HASH_IDS = 20_000_000;

  /** Longest input and output, in tokens. */
  static final int MAX_LENGTH = 16_777_216;

  private static final int GZIP_FIRST = 0x1f;
  private static final int GZIP_SECOND = 0x8b;

  private final InputStream in;
  private int line;
  private int hashIds;
  private long lastTimestamp;

  private TraceReader(InputStream in) {
    this.in = in;
  }

  /**
   * The first {@code limit} requests of {@code file}; lines after them are not looked at.
   *
   * @throws InvalidTrace when a line is not a request, or the file has none
   * @throws IOException when the file cannot be read
   */
  public static List<TraceRequest> read(Path file, int limit) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, limit);
    }
  }

  /** As {@link #read(Path, int)}. */
  public static List<TraceRequest> read(InputStream raw, int limit) throws IOException {
    var buffered = new BufferedInputStream(raw, 1 << 16);
    buffered.mark(2);
    boolean gzip = buffered.read() == GZIP_FIRST && buffered.read() == GZIP_SECOND;
    buffered.reset();
    try {
      return new TraceReader(gzip ? unzipped(buffered) : buffered).requests(limit);
    } catch (ZipException | EOFException e) {
      throw new InvalidTrace("the trace's gzip data are damaged: " + e.getMessage());
    }
  }

  private static InputStream unzipped(InputStream in) throws IOException {
    return new BufferedInputStream(new GZIPInputStream(in), 1 << 16);
  }

  private List<TraceRequest> requests(int limit) throws IOException {
    var requests = new ArrayList<TraceRequest>();
    byte[] text = nextLine();
    while (text.length > 0 && requests.size() < limit) {
      if (requests.size() == MAX_REQUESTS) {
        throw wrong("is one too many; a trace may have %d".formatted(MAX_REQUESTS));
      }
      requests.add(parse(text));
      text = nextLine();
    }
    if (requests.isEmpty()) {
      throw new InvalidTrace("the trace has no requests; it needs one JSON object a line");
    }
    return requests;
  }

  /** The next line; empty at the end. A blank line within the trace is an error. */
  private byte[] nextLine() throws IOException {
    line++;
    var bytes = new ByteArrayOutputStream();
    int next = in.read();
    while (next >= 0 && next != '\n') {
      if (bytes.size() == MAX_LINE_BYTES) {
        throw wrong("is longer than %d bytes".formatted(MAX_LINE_BYTES));
      }
      bytes.write(next);
      next = in.read();
    }
    if (bytes.size() == 0 && next >= 0) {
      throw wrong("is blank; every line must be a request");
    }
    return bytes.toByteArray();
  }

  private TraceRequest parse(byte[] text) {
    ObjectNode json;
    try {
      json = Json.parseObject(text);
    } catch (InvalidBody e) {
      throw wrong("is no JSON object: " + e.getMessage());
    }
    long timestamp = number(json, "timestamp", 0, Long.MAX_VALUE / 2_000_000);
    if (timestamp < lastTimestamp) {
      throw wrong(
          "has timestamp %d, before the %d of an earlier line; sort the trace by timestamp"
              .formatted(timestamp, lastTimestamp));
    }
    lastTimestamp = timestamp;
    int input = (int) number(json, "input_length", 1, MAX_LENGTH);
    int output = (int) number(json, "output_length", 1, MAX_LENGTH);
    return new TraceRequest(timestamp, input, output, hashIds(json, input));
  }

  private List<Integer> hashIds(ObjectNode json, int input) {
    int expected = Math.ceilDiv(input, BLOCK_TOKENS);
    if (!(json.get("hash_ids") instanceof ArrayNode array)) {
      throw wrong("has no array 'hash_ids'");
    }
    if (array.size() != expected) {
      throw wrong(
          "has %d hash_ids; an input_length of %d needs %d, one per %d tokens"
              .formatted(array.size(), input, expected, BLOCK_TOKENS));
    }
    hashIds += expected;
    if (hashIds > MAX_HASH_IDS) {
      throw wrong("brings the hash ids above %d; read fewer requests".formatted(MAX_HASH_IDS));
    }
    var ids = new ArrayList<Integer>(expected);
    for (JsonNode id : array) {
      ids.add((int) whole(id, "hash_ids[%d]".formatted(ids.size()), 0, Integer.MAX_VALUE));
    }
    return ids;
  }

  private long number(ObjectNode json, String name, long min, long max) {
    JsonNode value = json.get(name);
    if (value == null) {
      throw wrong("has no '%s'".formatted(name));
    }
    return whole(value, name, min, max);
  }

  private long whole(JsonNode value, String name, long min, long max) {
    boolean fits = value.isIntegralNumber() && value.canConvertToLong();
    if (!fits || value.longValue() < min || value.longValue() > max) {
      throw wrong(
          "has '%s' %s; it must be a whole number, %d to %d"
              .formatted(name, abbreviated(value.toString()), min, max));
    }
    return value.longValue();
  }

  private static String abbreviated(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  private InvalidTrace wrong(String what) {
    return new InvalidTrace("line %d of the trace %s".formatted(line, what));
  }
}

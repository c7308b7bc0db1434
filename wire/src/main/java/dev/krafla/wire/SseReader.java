package dev.krafla.wire;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads server-sent events (WHATWG HTML, section 9.2): the data of each, comments and other fields
 * left out. Not thread-safe.
 */
public final class SseReader implements AutoCloseable {
  private static final String DATA = "data:";

  private final BufferedReader lines;

  public SseReader(InputStream in) {
    lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
  }

  /** The next event's data; empty at the stream's end. Blocks until there is one. */
  public Optional<String> next() throws IOException {
    StringBuilder data = new StringBuilder();
    boolean any = false;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty()) {
        if (any) {
          return Optional.of(data.toString());
        }
      } else if (line.startsWith(DATA)) {
        if (any) {
          data.append('\n');
        }
        any = true;
        int from = DATA.length();
        boolean space = line.length() > from && line.charAt(from) == ' ';
        data.append(line, space ? from + 1 : from, line.length());
      }
    }
    return Optional.empty(); // an event without its closing blank line is incomplete: dropped
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}

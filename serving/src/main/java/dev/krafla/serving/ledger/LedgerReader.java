package dev.krafla.serving.ledger;

import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** Reads what a {@link LedgerFile} has written, the oldest first. It may go on writing. */
public final class LedgerReader {
  /**
   * What a ledger does not tell.
   *
   * @param brokenLines lines that are no entry: cut off by a crash, or not of a ledger
   * @param dropped entries that were lost, as the disk was too slow or refused them
   */
  public record Gaps(long brokenLines, long dropped) {}

  private final Consumer<LedgerEntry> entries;
  private long broken;
  private long dropped;

  private LedgerReader(Consumer<LedgerEntry> entries) {
    this.entries = entries;
  }

  /**
   * Gives each entry to {@code entries}, of the file and of the older ones beside it.
   *
   * @throws NoSuchFileException when there is no such file
   */
  public static Gaps read(Path file, Consumer<LedgerEntry> entries) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    int older = 0;
    while (Files.exists(LedgerFile.older(file.toAbsolutePath(), older + 1))) {
      older++;
    }
    var reader = new LedgerReader(entries);
    for (int i = older; i > 0; i--) {
      reader.readFile(LedgerFile.older(file.toAbsolutePath(), i));
    }
    reader.readFile(file);
    return new Gaps(reader.broken, reader.dropped);
  }

  private void readFile(Path file) throws IOException {
    // Bytes that are no UTF-8 become a broken line, not a failure.
    try (var lines =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          readLine(line);
        }
      }
    }
  }

  private void readLine(String line) {
    try {
      ObjectNode json = Json.parseObject(line);
      if (json.has("dropped")) {
        dropped += json.get("dropped").asLong(0);
      } else {
        entries.accept(LedgerEntry.parse(json));
      }
    } catch (InvalidBody e) {
      broken++;
    }
  }
}

package dev.krafla.serving.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.testing.Allocation;
import dev.krafla.testing.Damage;
import dev.krafla.testing.Fuzz;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceReaderTest {
  private static final String GOOD =
      """
      {"timestamp": 0, "input_length": 600, "output_length": 5, "hash_ids": [0, 1]}
      {"timestamp": 7, "input_length": 512, "output_length": 1, "hash_ids": [0], "more": "x"}
      """;

  private static List<TraceRequest> read(byte[] bytes, int limit) {
    try {
      return TraceReader.read(new ByteArrayInputStream(bytes), limit);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<TraceRequest> read(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8), Integer.MAX_VALUE);
  }

  private static byte[] zipped(String text) {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(bytes)) {
      zip.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Test
  void readsARequestALineAndLeavesOtherFieldsAlone() {
    assertThat(read(GOOD))
        .containsExactly(
            new TraceRequest(0, 600, 5, List.of(0, 1)), new TraceRequest(7, 512, 1, List.of(0)));
  }

  @Test
  void knowsGzipByItsFirstBytes() {
    assertThat(read(zipped(GOOD), 9)).isEqualTo(read(GOOD));
  }

  @Test
  void looksAtNoLineBeyondTheLimit() {
    assertThat(read((GOOD + "no trace\n").getBytes(StandardCharsets.UTF_8), 2)).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | line 3 of the trace has no 'timestamp'",
        "[] | line 3 of the trace is no JSON object",
        "{\"timestamp\": 3 | line 3 of the trace is no JSON object",
        "{\"timestamp\": 6, \"input_length\": 1, \"output_length\": 1, \"hash_ids\": [1]}"
            + " | line 3 of the trace has timestamp 6, before the 7",
        "{\"timestamp\": 8, \"input_length\": 0, \"output_length\": 1, \"hash_ids\": []}"
            + " | line 3 of the trace has 'input_length' 0",
        "{\"timestamp\": 8, \"input_length\": 1.5, \"output_length\": 1, \"hash_ids\": [1]}"
            + " | line 3 of the trace has 'input_length' 1.5",
        "{\"timestamp\": 8, \"input_length\": 1, \"output_length\": 99999999, \"hash_ids\": [1]}"
            + " | line 3 of the trace has 'output_length' 99999999",
        "{\"timestamp\": 8, \"input_length\": 513, \"output_length\": 1, \"hash_ids\": [1]}"
            + " | has 1 hash_ids; an input_length of 513 needs 2",
        "{\"timestamp\": 8, \"input_length\": 1, \"output_length\": 1, \"hash_ids\": [-1]}"
            + " | line 3 of the trace has 'hash_ids[0]' -1",
        "{\"timestamp\": 8, \"input_length\": 1, \"output_length\": 1, \"hash_ids\": 4}"
            + " | line 3 of the trace has no array 'hash_ids'"
      })
  void namesTheLineOfWhatIsNoRequest(String line, String message) {
    assertThatThrownBy(() -> read(GOOD + line + "\n"))
        .isInstanceOf(InvalidTrace.class)
        .hasMessageContaining(message);
  }

  @Test
  void refusesBlankLinesAndEmptyTraces() {
    assertThatThrownBy(() -> read(GOOD + "\n" + GOOD)).hasMessageContaining("line 3");
    assertThatThrownBy(() -> read("")).hasMessageContaining("no requests");
  }

  @Test
  void refusesALineWithoutEndBeforeItTakesMuchMemory() {
    byte[] bomb = zipped(" ".repeat(64 << 20));
    long allocated =
        Allocation.bytes(() ->
            assertThatThrownBy(() -> read(bomb, 1))
                .hasMessageContaining("line 1 of the trace is longer than"));
    assertThat(allocated).isLessThan(16 << 20);
  }

  @Test
  void damagedTracesAreReadOrRefusedWithAClearError() {
    List<String> spare =
        List.of("{", "}", "[", "]", ":", ",", "\n", "\"hash_ids\"", "1e9", "-1", "null", "[[", "0");
    Fuzz.check(
        4000,
        Duration.ofSeconds(5),
        random -> {
          byte[] bytes =
              random.nextBoolean()
                  ? Damage.text(GOOD.repeat(1), spare, random).getBytes(StandardCharsets.UTF_8)
                  : Damage.bytes(zipped(GOOD), 200, random);
          try {
            assertThat(read(bytes, 100)).isNotEmpty();
            return true;
          } catch (InvalidTrace e) {
            assertThat(e).hasMessageContaining("trace");
            return false;
          }
        });
  }
}

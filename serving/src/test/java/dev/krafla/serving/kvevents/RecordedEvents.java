package dev.krafla.serving.kvevents;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * What vLLM 0.32.0 (CPU build, blocks of 128 tokens) published for a prompt of 290 tokens, asked
 * once plainly and once with a cache salt.
 */
final class RecordedEvents {
  private static final int[] SENTENCE = {
    504, 1296, 3995, 20920, 282, 17300, 359, 1343, 288, 897, 811, 30
  };

  private RecordedEvents() {}

  /** Two frames of a message. */
  record Frame(byte[] number, byte[] payload) {}

  static List<Frame> published() throws IOException {
    try (InputStream in = RecordedEvents.class.getResourceAsStream("/contracts/vllm/events.hex")) {
      if (in == null) {
        throw new IOException("the recorded events are missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .map(line -> line.split(" ", -1))
          .map(parts ->
              new Frame(HexFormat.of().parseHex(parts[1]), HexFormat.of().parseHex(parts[2])))
          .toList();
    }
  }

  /** The prompt's first tokens, as its {@code /tokenize} gave them: a sentence again and again. */
  static int[] tokens(int count) {
    int[] tokens = new int[count];
    for (int i = 0; i < count; i++) {
      tokens[i] = SENTENCE[i % SENTENCE.length];
      if (i >= SENTENCE.length && i % SENTENCE.length == 0) {
        tokens[i] = 378; // " The" within a text
      }
    }
    return tokens;
  }
}

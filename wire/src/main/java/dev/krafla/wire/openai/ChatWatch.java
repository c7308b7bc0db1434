package dev.krafla.wire.openai;

import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.Sse;
import dev.krafla.wire.generation.LineWatch;
import dev.krafla.wire.generation.StreamWatch;
import dev.krafla.wire.generation.Usage;
import dev.krafla.wire.generation.WireError;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Reads along a passing stream of chat or legacy completions. */
final class ChatWatch implements StreamWatch {
  private final LineWatch lines =
      new LineWatch(List.of("\"usage\"", "\"error\"", Sse.DONE), this::line);
  private Optional<Usage> usage = Optional.empty();
  private Optional<WireError> error = Optional.empty();
  private boolean complete;

  @Override
  public void see(byte[] bytes, int offset, int length) {
    lines.see(bytes, offset, length);
  }

  private void line(byte[] bytes, int offset, int length) {
    String data = new String(bytes, offset, length, StandardCharsets.UTF_8).strip();
    if (data.equals(Sse.DONE)) {
      complete = true;
      return;
    }
    Json.member(bytes, offset, length, "usage")
        .or(() -> Json.member(bytes, offset, length, "x_groq").flatMap(ChatWatch::groqUsage))
        .ifPresent(u -> usage = Optional.of(ChatUsage.read(u)));
    if (Json.member(bytes, offset, length, "error").isPresent()) {
      error = readError(Arrays.copyOfRange(bytes, offset, offset + length));
    }
  }

  private static Optional<ObjectNode> groqUsage(ObjectNode groq) {
    return groq.get("usage") instanceof ObjectNode u ? Optional.of(u) : Optional.empty();
  }

  private static Optional<WireError> readError(byte[] data) {
    try {
      return Optional.of(OpenAiErrors.read(200, Json.parseObject(data)));
    } catch (InvalidBody e) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<Usage> usage() {
    return usage;
  }

  @Override
  public Optional<WireError> error() {
    return error;
  }

  @Override
  public boolean complete() {
    return complete;
  }
}

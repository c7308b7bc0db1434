package dev.krafla.wire.responses;

import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.generation.LineWatch;
import dev.krafla.wire.generation.StreamWatch;
import dev.krafla.wire.generation.Usage;
import dev.krafla.wire.generation.WireError;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Reads along a passing stream of responses: its last event holds the whole answer. */
final class ResponsesWatch implements StreamWatch {
  private final LineWatch lines =
      new LineWatch(
          List.of(
              "\"response.completed\"",
              "\"response.incomplete\"",
              "\"response.failed\"",
              "\"error\""),
          this::line);
  private Optional<Usage> usage = Optional.empty();
  private Optional<WireError> error = Optional.empty();
  private boolean complete;

  @Override
  public void see(byte[] bytes, int offset, int length) {
    lines.see(bytes, offset, length);
  }

  private void line(byte[] bytes, int offset, int length) {
    ObjectNode event;
    try {
      event = Json.parseObject(Arrays.copyOfRange(bytes, offset, offset + length));
    } catch (InvalidBody e) {
      return; // the client sees it as it is
    }
    switch (event.path("type").asString("")) {
      case "response.completed", "response.incomplete" -> ended(event);
      case "response.failed" -> {
        ended(event);
        error = Optional.of(ResponsesResults.failure(event.path("response")));
      }
      case "error" -> error = Optional.of(ResponsesResults.errorEvent(event));
      default -> {}
    }
  }

  private void ended(ObjectNode event) {
    complete = true;
    if (event.path("response").path("usage") instanceof ObjectNode json) {
      usage = Optional.of(ResponsesUsage.read(json));
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

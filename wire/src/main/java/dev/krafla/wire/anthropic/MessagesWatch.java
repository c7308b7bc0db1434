package dev.krafla.wire.anthropic;

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

/** Reads along a passing stream of messages: its first event has the prompt's tokens. */
final class MessagesWatch implements StreamWatch {
  private final LineWatch lines =
      new LineWatch(
          List.of("\"message_start\"", "\"message_delta\"", "\"message_stop\"", "\"error\""),
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
      case "message_start" -> add(event.path("message").path("usage"));
      case "message_delta" -> add(event.path("usage"));
      case "message_stop" -> complete = true;
      case "error" -> error = Optional.of(AnthropicErrors.read(event));
      default -> {}
    }
  }

  private void add(tools.jackson.databind.JsonNode report) {
    if (report instanceof ObjectNode json) {
      usage = Optional.of(MessagesUsage.merge(usage.orElse(Usage.NONE), json));
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

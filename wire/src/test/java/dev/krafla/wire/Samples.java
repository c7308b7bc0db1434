package dev.krafla.wire;

import dev.krafla.wire.anthropic.AnthropicWire;
import dev.krafla.wire.generation.Wire;
import dev.krafla.wire.openai.ChatWire;
import dev.krafla.wire.responses.ResponsesWire;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What clients and providers of each wire send: files in the folder of its name. */
final class Samples {
  static final List<Wire> WIRES = List.of(new ChatWire(), new AnthropicWire(), new ResponsesWire());

  private Samples() {}

  static ObjectNode json(Wire wire, String name) {
    return Json.parseObject(bytes(wire, name + ".json"));
  }

  static byte[] stream(Wire wire, String name) {
    return bytes(wire, name + ".sse");
  }

  private static byte[] bytes(Wire wire, String file) {
    String path = "/wires/" + wire.name() + "/" + file;
    try (InputStream in = Samples.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no " + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

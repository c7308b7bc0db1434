package dev.krafla.screen.cdp;

import dev.krafla.screen.ProtocolException;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One message from the browser (JSON-RPC of the DevTools protocol, flat sessions). */
public sealed interface CdpMessage {
  /** The session it is of; empty for the browser itself. */
  String session();

  /** An answer. */
  record Reply(long id, String session, ObjectNode result) implements CdpMessage {}

  /** A command was refused. */
  record Refusal(long id, String session, int code, String reason) implements CdpMessage {}

  /** Something happened. */
  record Event(String session, String method, ObjectNode params) implements CdpMessage {}

  /**
   * Reads one message.
   *
   * @throws ProtocolException when it is none
   */
  static CdpMessage parse(String text) {
    ObjectNode root;
    try {
      root = Json.parseObject(text);
    } catch (InvalidBody e) {
      throw new ProtocolException("the browser sent what is no message: " + e.getMessage());
    }
    String session = root.path("sessionId").asString("");
    JsonNode id = root.get("id");
    if (id == null) {
      JsonNode method = root.get("method");
      if (method == null || !method.isString()) {
        throw new ProtocolException("the browser sent a message with neither id nor method");
      }
      return new Event(session, method.stringValue(), object(root, "params"));
    }
    if (!id.isIntegralNumber() || !id.canConvertToLong()) {
      throw new ProtocolException("the browser sent an id that is no number: " + id.getNodeType());
    }
    if (root.get("error") instanceof ObjectNode error) {
      return new Refusal(
          id.longValue(), session, error.path("code").asInt(0), error.path("message").asString(""));
    }
    return new Reply(id.longValue(), session, object(root, "result"));
  }

  private static ObjectNode object(ObjectNode root, String name) {
    return root.get(name) instanceof ObjectNode o ? o : Json.object();
  }
}

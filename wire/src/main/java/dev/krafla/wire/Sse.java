package dev.krafla.wire;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ObjectNode;

/** Server-sent events as the wires write them: one line of data each. */
public final class Sse {
  /** The media type of a stream. */
  public static final String CONTENT_TYPE = "text/event-stream";

  /** Data of the event that ends a stream. */
  public static final String DONE = "[DONE]";

  private Sse() {}

  /** One event. JSON text has no line breaks, so a line holds it. */
  public static byte[] event(ObjectNode data) {
    return event(Json.write(data));
  }

  /** One event with a name. */
  public static byte[] event(String name, ObjectNode data) {
    return ("event: " + name + "\ndata: " + Json.write(data) + "\n\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** One event with {@code data}, which has no line breaks. */
  public static byte[] event(String data) {
    return ("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
  }
}

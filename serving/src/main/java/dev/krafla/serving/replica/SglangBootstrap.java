package dev.krafla.serving.replica;

import dev.krafla.wire.Json;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * SGLang's shape: the same body goes to a prefill and a decode replica at once, and names a room at
 * the prefill replica's bootstrap server where they meet. The answer is the decode replica's, which
 * cannot compute prompts itself.
 */
public record SglangBootstrap() implements HandOff {
  /** SGLang's own default. */
  public static final int DEFAULT_PORT = 8998;

  /**
   * The body for both.
   *
   * @param host of the prefill replica
   * @param room a number that no other request under way has, 0 or more
   */
  public static byte[] body(byte[] request, String host, int port, long room) {
    byte[] withRoom = BodySplice.withMember(request, "bootstrap_room", ascii(Long.toString(room)));
    byte[] withPort =
        BodySplice.withMember(withRoom, "bootstrap_port", ascii(Integer.toString(port)));
    byte[] quoted = Json.writeBytes(JsonNodeFactory.instance.stringNode(host));
    return BodySplice.withMember(withPort, "bootstrap_host", quoted);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

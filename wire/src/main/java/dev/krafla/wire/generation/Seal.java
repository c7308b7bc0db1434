package dev.krafla.wire.generation;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * A provider's proof of its own thought: Anthropic's signature or redacted data, OpenAI's encrypted
 * content. It means something to the wire that it came from only, so on another wire it travels
 * wrapped with the name of its own, and finds back when the client sends it again.
 *
 * @param wire that made it
 * @param kind tells apart what that wire has several of, such as {@code signature} and {@code
 *     redacted}
 * @param id of the item that it belongs to; may be empty
 */
public record Seal(String wire, String kind, String id, String data) {
  private static final String MARK = "krafla1";
  private static final String SEPARATOR = "~";
  private static final int PIECES = 5;

  /** One string that another wire can carry. */
  public String wrapped() {
    return String.join(SEPARATOR, MARK, wire, kind, encode(id), data);
  }

  /** What {@link #wrapped} wrapped; empty when {@code text} is a wire's own. */
  public static Optional<Seal> unwrap(String text) {
    if (!text.startsWith(MARK + SEPARATOR)) {
      return Optional.empty();
    }
    String[] pieces = text.split(SEPARATOR, PIECES);
    return pieces.length == PIECES
        ? decode(pieces[3]).map(id -> new Seal(pieces[1], pieces[2], id, pieces[4]))
        : Optional.empty();
  }

  private static String encode(String id) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(id.getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<String> decode(String text) {
    try {
      return Optional.of(new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // somebody else's text that begins like ours
    }
  }
}

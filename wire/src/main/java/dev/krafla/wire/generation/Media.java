package dev.krafla.wire.generation;

import java.util.Locale;

/** Where the bytes of a picture or a file are. */
public sealed interface Media {
  /**
   * In the request itself.
   *
   * @param type media type, such as {@code image/png}
   * @param base64 the bytes, in standard base64
   */
  record Inline(String type, String base64) implements Media {
    /** As a {@code data:} URL (RFC 2397). */
    public String dataUrl() {
      return "data:" + type + ";base64," + base64;
    }
  }

  /** Behind an address that the provider fetches. */
  record Url(String url) implements Media {}

  /**
   * Uploaded before.
   *
   * @param vendor whose id it is: {@code openai} or {@code anthropic}
   */
  record Uploaded(String vendor, String fileId) implements Media {}

  /** A {@code data:} URL's bytes, or any other address as it is. */
  static Media ofUrl(String url) {
    String scheme = "data:";
    if (!url.regionMatches(true, 0, scheme, 0, scheme.length())) {
      return new Url(url);
    }
    int comma = url.indexOf(',');
    String head = comma < 0 ? "" : url.substring(scheme.length(), comma);
    String base64 = ";base64";
    if (!head.toLowerCase(Locale.ROOT).endsWith(base64)) {
      return new Url(url); // percent-encoded text: the provider may know what to do with it
    }
    return new Inline(head.substring(0, head.length() - base64.length()), url.substring(comma + 1));
  }
}

package dev.krafla.wire.generation;

/** Where the bytes of a picture or a file are. */
public sealed interface Media {
  /**
   * In the request itself.
   *
   * @param type media type, such as {@code image/png}
   * @param base64 the bytes, in standard base64
   */
  record Inline(String type, String base64) implements Media {}

  /** Behind an address that the provider fetches. */
  record Url(String url) implements Media {}

  /** Uploaded to the provider before. */
  record Uploaded(String fileId) implements Media {}
}

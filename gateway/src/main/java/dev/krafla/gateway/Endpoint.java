package dev.krafla.gateway;

import java.util.Arrays;
import java.util.Optional;

/** What can be asked over HTTP, with its path here and at most providers. */
public enum Endpoint {
  CHAT("/v1/chat/completions"),
  COMPLETIONS("/v1/completions"),
  EMBEDDINGS("/v1/embeddings"),
  MESSAGES("/v1/messages"),
  RESPONSES("/v1/responses");

  private final String path;

  Endpoint(String path) {
    this.path = path;
  }

  public String path() {
    return path;
  }

  /** As in files and metrics: {@code chat}, {@code completions} … */
  public String word() {
    return path.equals("/v1/chat/completions") ? "chat" : path.substring("/v1/".length());
  }

  /** The endpoint with this {@link #word}. */
  public static Optional<Endpoint> of(String word) {
    return Arrays.stream(values()).filter(e -> e.word().equals(word)).findFirst();
  }

  /** Whether its answers can come in pieces. */
  public boolean streams() {
    return this != EMBEDDINGS;
  }
}

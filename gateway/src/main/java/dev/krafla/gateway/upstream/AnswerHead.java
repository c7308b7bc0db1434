package dev.krafla.gateway.upstream;

import java.util.List;
import java.util.Optional;

/** Status and headers of an answer. */
public record AnswerHead(int status, List<Header> headers) {
  /** One line, as it came. */
  public record Header(String name, String value) {}

  public AnswerHead {
    headers = List.copyOf(headers);
  }

  /** The first header of that name, in any case. */
  public Optional<String> first(String name) {
    for (Header header : headers) {
      if (header.name.equalsIgnoreCase(name)) {
        return Optional.of(header.value);
      }
    }
    return Optional.empty();
  }

  /** Media type without its parameters, in small letters; empty where none is given. */
  public String mediaType() {
    String type = first("Content-Type").orElse("");
    int semicolon = type.indexOf(';');
    return (semicolon < 0 ? type : type.substring(0, semicolon))
        .strip()
        .toLowerCase(java.util.Locale.ROOT);
  }
}

package dev.krafla.gateway.provider;

import dev.krafla.gateway.Endpoint;
import dev.krafla.gateway.upstream.Origin;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Someone who answers.
 *
 * @param name as {@code krafla.yaml} calls it
 * @param base address before what follows {@code /v1} at OpenAI, without a slash at its end
 * @param key absent where none is asked for
 * @param speaks endpoints that it has
 * @param headers to send along
 */
public record Provider(
    String name,
    ProviderKind kind,
    URI base,
    Optional<Secret> key,
    Set<Endpoint> speaks,
    Map<String, String> headers) {
  private static final String VERSION_PREFIX = "/v1";

  public Provider {
    speaks = Set.copyOf(speaks);
    headers = Map.copyOf(headers);
    headers.forEach((header, value) -> {
      if (!header.matches("[A-Za-z0-9-]{1,128}") || !value.matches("[\\x20-\\x7e]{0,4096}")) {
        throw new IllegalArgumentException("'%s' is no header of HTTP".formatted(header));
      }
    });
    if (kind.needsKey() && key.isEmpty()) {
      throw new IllegalArgumentException(
          "provider '%s' (%s) needs a key; add key: env:NAME or key: file:PATH"
              .formatted(name, kind.word()));
    }
  }

  public Origin origin() {
    return Origin.of(base);
  }

  /** Path of {@code endpoint} there. */
  public String path(Endpoint endpoint) {
    String before = Optional.ofNullable(base.getRawPath()).orElse("");
    return before + endpoint.path().substring(VERSION_PREFIX.length());
  }

  /** The header lines that every request to it has, with its key: never to be shown. */
  public String headerLines() {
    var lines = new StringBuilder();
    lines.append("Content-Type: application/json\r\nVia: 1.1 krafla\r\n");
    key.ifPresent(k -> lines.append(kind.keyHeader().line(k)));
    if (speaks.contains(Endpoint.MESSAGES) && !headers.containsKey("anthropic-version")) {
      lines.append("anthropic-version: 2023-06-01\r\n");
    }
    new TreeMap<>(headers)
        .forEach((name, value) -> lines.append(name).append(": ").append(value).append("\r\n"));
    return lines.toString();
  }
}

package dev.krafla.serving.replica;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A replica as its operator describes it.
 *
 * @param url its root, as {@code http://10.0.0.7:8000}, without {@code /v1}
 * @param adapter how its kind is spoken to
 * @param models ids that it serves; empty: those that it names itself
 * @param keyVariable environment variable with the key that it asks for
 * @param events where it publishes what its KV cache stores and throws out
 * @param bootstrapPort where an SGLang prefill server hands its blocks over
 */
public record ReplicaSpec(
    URI url,
    EngineAdapter adapter,
    List<String> models,
    ReplicaRole role,
    Optional<String> keyVariable,
    Optional<KvEventSource> events,
    OptionalInt bootstrapPort) {
  public ReplicaSpec {
    models = List.copyOf(models);
    String scheme = String.valueOf(url.getScheme());
    if ((!scheme.equals("http") && !scheme.equals("https")) || url.getHost() == null) {
      throw new IllegalArgumentException(
          "replica '%s' is no URL of a server; write it like http://10.0.0.7:8000".formatted(url));
    }
    String path = url.getPath() == null ? "" : url.getPath().replaceAll("/+$", "");
    if (path.endsWith("/v1")) {
      path = path.substring(0, path.length() - "/v1".length());
    }
    url = URI.create(scheme + "://" + url.getRawAuthority() + path);
    if (role != ReplicaRole.BOTH && adapter.handOff().isEmpty()) {
      throw new IllegalArgumentException(
          "replica %s has the role %s, but kind %s cannot do prefill and decode apart; use both"
              .formatted(url, role.word(), adapter.kind()));
    }
  }

  /** A replica for whole requests, with whatever models it names. */
  public static ReplicaSpec of(URI url, EngineAdapter adapter) {
    return new ReplicaSpec(
        url,
        adapter,
        List.of(),
        ReplicaRole.BOTH,
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty());
  }

  /** The same replica for part of the work. */
  public ReplicaSpec withRole(ReplicaRole newRole) {
    return new ReplicaSpec(url, adapter, models, newRole, keyVariable, events, bootstrapPort);
  }

  /** The same replica with events of its cache. */
  public ReplicaSpec withEvents(KvEventSource source) {
    return new ReplicaSpec(
        url, adapter, models, role, keyVariable, Optional.of(source), bootstrapPort);
  }

  /** What logs, metrics and answers call it: its host and port. */
  public String name() {
    return url.getRawAuthority();
  }

  /** The address of {@code path}, which begins with a slash. */
  public URI at(String path) {
    return URI.create(url + path);
  }
}

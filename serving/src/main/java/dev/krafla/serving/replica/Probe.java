package dev.krafla.serving.replica;

import dev.krafla.wire.Json;
import dev.krafla.wire.WireException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Looks at a replica: health, models, metrics. Thread-safe; calls block. */
final class Probe {
  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final int OK = 200;
  private static final int MAX_REASON = 200;

  private final HttpClient http;

  Probe(HttpClient http) {
    this.http = http;
  }

  /** How {@code replica} is now; never throws for what the replica does. */
  ReplicaHealth look(Replica replica) throws InterruptedException {
    ReplicaSpec spec = replica.spec();
    try {
      HttpResponse<String> health = get(replica, spec.adapter().healthPath());
      if (health.statusCode() != OK) {
        return ReplicaHealth.unready(
            "%s answers %d: %s"
                .formatted(
                    spec.adapter().healthPath(), health.statusCode(), shortened(health.body())));
      }
      List<String> models = spec.models().isEmpty() ? models(replica) : spec.models();
      return new ReplicaHealth(true, "", models, load(replica));
    } catch (IOException e) {
      return ReplicaHealth.unready("it cannot be reached: " + describe(e));
    } catch (WireException e) {
      return ReplicaHealth.unready("it does not speak OpenAI's wire: " + e.getMessage());
    }
  }

  private List<String> models(Replica replica) throws IOException, InterruptedException {
    HttpResponse<String> response = get(replica, "/v1/models");
    if (response.statusCode() != OK) {
      throw new IOException("/v1/models answers " + response.statusCode());
    }
    List<String> ids = new ArrayList<>();
    JsonNode data = Json.parseObject(response.body()).get("data");
    if (data != null) {
      for (JsonNode card : data) {
        JsonNode id = card.get("id");
        if (id != null && id.isString()) {
          ids.add(id.stringValue());
        }
      }
    }
    return ids;
  }

  private ReplicaLoad load(Replica replica) throws InterruptedException {
    Optional<MetricNames> names = replica.spec().adapter().metrics();
    if (names.isEmpty()) {
      return ReplicaLoad.UNKNOWN;
    }
    try {
      HttpResponse<String> response = get(replica, "/metrics");
      return response.statusCode() == OK
          ? ReplicaLoad.of(response.body(), names.get())
          : ReplicaLoad.UNKNOWN; // switched off
    } catch (IOException e) {
      return ReplicaLoad.UNKNOWN;
    }
  }

  private HttpResponse<String> get(Replica replica, String path)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(replica.spec().at(path)).timeout(LIMIT).GET();
    replica.key().ifPresent(key -> request.header("Authorization", "Bearer " + key));
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static String shortened(String body) {
    String line = body.strip().replaceAll("\\s+", " ");
    return line.length() <= MAX_REASON ? line : line.substring(0, MAX_REASON) + "…";
  }

  static String describe(IOException failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}

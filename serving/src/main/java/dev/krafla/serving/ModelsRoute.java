package dev.krafla.serving;

import dev.krafla.engine.Engine;
import dev.krafla.wire.Json;
import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/** {@code GET /v1/models} and {@code GET /v1/models/ID}. */
final class ModelsRoute {
  private final ServedModel served;
  private final Engine engine;
  private final long created = Instant.now().getEpochSecond();

  ModelsRoute(ServedModel served, Engine engine) {
    this.served = served;
    this.engine = engine;
  }

  void list(Call call) {
    ObjectNode answer = Json.object();
    answer.put("object", "list").putArray("data").add(card());
    call.json(answer);
  }

  void one(Call call, String id) {
    served.check(id);
    call.json(card());
  }

  private ObjectNode card() {
    ObjectNode card = Json.object();
    card.put("id", served.id())
        .put("object", "model")
        .put("created", created)
        .put("owned_by", "krafla")
        .put("root", served.info().name())
        .put("max_model_len", engine.maxSequenceTokens());
    return card;
  }
}

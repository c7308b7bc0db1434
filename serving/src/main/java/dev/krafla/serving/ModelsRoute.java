package dev.krafla.serving;

import dev.krafla.wire.Json;
import java.time.Instant;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code GET /v1/models} and {@code GET /v1/models/ID}. */
final class ModelsRoute {
  private final ModelPool models;
  private final long created = Instant.now().getEpochSecond();

  ModelsRoute(ModelPool models) {
    this.models = models;
  }

  void list(Call call) {
    ObjectNode answer = Json.object();
    ArrayNode data = answer.put("object", "list").putArray("data");
    models.list().forEach(model -> data.add(card(model)));
    call.json(answer);
  }

  void one(Call call, String id) {
    call.json(card(models.listing(id)));
  }

  private ObjectNode card(ModelPool.Listing model) {
    ObjectNode card = Json.object();
    card.put("id", model.id())
        .put("object", "model")
        .put("created", created)
        .put("owned_by", "krafla")
        .put("state", model.state().label())
        .put("pinned", model.pinned());
    model
        .live()
        .ifPresent(live ->
            card.put("root", live.served().info().name())
                .put("max_model_len", live.engine().maxSequenceTokens()));
    return card;
  }
}

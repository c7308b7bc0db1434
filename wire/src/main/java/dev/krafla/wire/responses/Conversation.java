package dev.krafla.wire.responses;

import dev.krafla.wire.Fields;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import dev.krafla.wire.generation.Extras;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Conversations that the server keeps: a request that names a {@code previous_response_id} becomes
 * one that holds all items itself, so that any model can go on, and an answer is kept for the next.
 */
public final class Conversation {
  /** Marks a completed request with the response that it goes on from; it is sent nowhere. */
  static final String CAME_FROM = Extras.OUR_NOTE + "came_from";

  private static final String PREVIOUS = "previous_response_id";

  private final ResponseStore store;

  /** Answers are kept in {@code store}, which sees what its caller may. */
  public Conversation(ResponseStore store) {
    this.store = store;
  }

  /**
   * {@code body} with the items of the answer that it goes on from before its own. Instructions of
   * earlier requests do not carry over, as on OpenAI's own server.
   *
   * @throws InvalidBody when there is no such answer
   */
  public ObjectNode complete(ObjectNode body) {
    Optional<String> previous = Fields.of(body).string(PREVIOUS);
    if (previous.isEmpty()) {
      return body;
    }
    ResponseStore.Stored stored =
        store
            .find(previous.get())
            .orElseThrow(() ->
                new InvalidBody(
                    PREVIOUS,
                    "there is no stored response '%s'; answers are kept unless \"store\" is false"
                        .formatted(previous.get())));
    ObjectNode whole = body.deepCopy();
    whole.remove(PREVIOUS);
    ArrayNode items = stored.items().deepCopy();
    items.addAll(items(body));
    whole.set("input", items);
    whole.put(CAME_FROM, previous.get());
    return whole;
  }

  /**
   * Keeps an answer, unless its request forbids that.
   *
   * @param request as {@link #complete} gave it
   * @param response the answer in this wire's form
   */
  public void keep(ObjectNode request, ObjectNode response) {
    if (!request.path("store").asBoolean(true)) {
      return;
    }
    ArrayNode items = items(request).deepCopy();
    for (JsonNode item : response.path("output")) {
      items.add(item.deepCopy());
    }
    store.save(
        new ResponseStore.Stored(response.path("id").asString(""), items, response.deepCopy()));
  }

  /** The input as items, whatever form it has. */
  private static ArrayNode items(ObjectNode body) {
    if (body.get("input") instanceof ArrayNode items) {
      return items;
    }
    ArrayNode items = Json.array();
    Fields.of(body)
        .string("input")
        .ifPresent(text ->
            items.addObject().put("type", "message").put("role", "user").put("content", text));
    return items;
  }
}

package dev.krafla.wire.responses;

import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Where answers of responses are kept, for one caller: nobody finds those of another. */
public interface ResponseStore {
  /**
   * A kept answer.
   *
   * @param items all of the conversation up to its end
   * @param response as the client got it
   */
  record Stored(String id, ArrayNode items, ObjectNode response) {}

  /** The answer of this id; empty when there is none, or it belongs to another. */
  Optional<Stored> find(String id);

  /** Keeps an answer. */
  void save(Stored stored);
}

package dev.krafla.wire;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** One input of a completion or an embedding. */
public sealed interface Prompt {
  /** Text, to be tokenized by the server. */
  record Text(String text) implements Prompt {}

  /** Token ids, taken as they are. */
  record Tokens(int[] ids) implements Prompt {}

  /** A string, strings, token ids, or lists of token ids; at least one prompt. */
  static List<Prompt> parse(Fields body, String name) {
    JsonNode value = body.get(name);
    if (value == null) {
      throw body.missing(name);
    }
    if (value.isString()) {
      return List.of(new Text(value.stringValue()));
    }
    if (!(value instanceof ArrayNode array)) {
      throw Fields.wrong(
          body.path(name), value, "a string, an array of strings, or an array of token ids");
    }
    if (array.isEmpty()) {
      throw body.invalid(name, "is empty; send at least one");
    }
    if (array.get(0).isNumber()) {
      return List.of(tokens(array, body.path(name)));
    }
    List<Prompt> prompts = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      String at = body.path(name) + "[" + i + "]";
      prompts.add(
          array.get(i) instanceof ArrayNode ids
              ? tokens(ids, at)
              : new Text(Fields.stringAt(array.get(i), at)));
    }
    return prompts;
  }

  private static Prompt tokens(ArrayNode array, String path) {
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Fields.intAt(array.get(i), path + "[" + i + "]");
    }
    return new Tokens(ids);
  }
}

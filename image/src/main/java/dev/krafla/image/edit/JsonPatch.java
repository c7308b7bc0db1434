package dev.krafla.image.edit;

import dev.krafla.image.InvalidScene;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON Patch (RFC 6902) on a scene document: all operations or none. */
public final class JsonPatch {
  private static final int MAX_OPERATIONS = 1_000;

  private JsonPatch() {}

  /**
   * {@code document} with the operations of {@code patch} applied; the argument stays as it is.
   *
   * @throws InvalidScene naming the operation that cannot be applied
   */
  public static ObjectNode apply(ObjectNode document, ArrayNode patch) {
    if (patch.size() > MAX_OPERATIONS) {
      throw new InvalidScene(
          "patch",
          "has %d operations; at most %d are applied".formatted(patch.size(), MAX_OPERATIONS));
    }
    JsonNode root = document.deepCopy();
    for (int i = 0; i < patch.size(); i++) {
      root = new Step("patch[" + i + "]").apply(root, patch.get(i));
    }
    if (root instanceof ObjectNode object) {
      return object;
    }
    throw new InvalidScene("patch", "leaves no object");
  }

  /** One operation, which errors name. */
  private record Step(String at) {
    JsonNode apply(JsonNode root, JsonNode operation) {
      if (!(operation instanceof ObjectNode op)) {
        throw wrong("must be an object");
      }
      String path = text(op, "path");
      return switch (text(op, "op")) {
        case "add" -> add(root, path, value(op).deepCopy());
        case "remove" -> remove(root, path);
        case "replace" -> {
          get(root, path);
          yield path.isEmpty()
              ? value(op).deepCopy()
              : add(remove(root, path), path, value(op).deepCopy());
        }
        case "move" -> {
          String from = text(op, "from");
          JsonNode moved = get(root, from);
          if (path.startsWith(from + "/")) {
            throw wrong("moves '%s' into itself".formatted(from));
          }
          yield add(remove(root, from), path, moved);
        }
        case "copy" -> add(root, path, get(root, text(op, "from")).deepCopy());
        case "test" -> {
          if (!get(root, path).equals(value(op))) {
            throw wrong("tests '%s', which is %s".formatted(path, shortened(get(root, path))));
          }
          yield root;
        }
        default -> throw wrong("has no op that RFC 6902 knows");
      };
    }

    private static String shortened(JsonNode node) {
      String text = node.toString();
      return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }

    private String text(ObjectNode op, String name) {
      JsonNode value = op.get(name);
      if (value == null || !value.isString()) {
        throw wrong("lacks '%s'".formatted(name));
      }
      return value.stringValue();
    }

    private JsonNode value(ObjectNode op) {
      JsonNode value = op.get("value");
      if (value == null) {
        throw wrong("lacks 'value'");
      }
      return value;
    }

    private List<String> tokens(String pointer) {
      var tokens = new ArrayList<String>();
      if (pointer.isEmpty()) {
        return tokens;
      }
      if (pointer.charAt(0) != '/') {
        throw wrong("has the path '%s', which does not begin with /".formatted(pointer));
      }
      int from = 1;
      for (int i = 1; i <= pointer.length(); i++) {
        if (i == pointer.length() || pointer.charAt(i) == '/') {
          tokens.add(pointer.substring(from, i).replace("~1", "/").replace("~0", "~"));
          from = i + 1;
        }
      }
      return tokens;
    }

    private JsonNode get(JsonNode root, String pointer) {
      JsonNode at = root;
      for (String token : tokens(pointer)) {
        at = child(at, token, pointer);
      }
      return at;
    }

    private JsonNode child(JsonNode node, String token, String pointer) {
      JsonNode child =
          switch (node) {
            case ObjectNode object -> object.get(token);
            case ArrayNode array -> array.get(index(array, token, pointer, array.size() - 1));
            default -> null;
          };
      if (child == null) {
        throw wrong("names '%s', which is not there".formatted(pointer));
      }
      return child;
    }

    private int index(ArrayNode array, String token, String pointer, int last) {
      if (!token.matches("0|[1-9][0-9]{0,8}") || Integer.parseInt(token) > last) {
        throw wrong("names '%s'; that array has %d elements".formatted(pointer, array.size()));
      }
      return Integer.parseInt(token);
    }

    private JsonNode parent(JsonNode root, List<String> tokens, String pointer) {
      JsonNode at = root;
      for (String token : tokens.subList(0, tokens.size() - 1)) {
        at = child(at, token, pointer);
      }
      return at;
    }

    private JsonNode add(JsonNode root, String pointer, JsonNode value) {
      List<String> tokens = tokens(pointer);
      if (tokens.isEmpty()) {
        return value;
      }
      String last = tokens.getLast();
      switch (parent(root, tokens, pointer)) {
        case ObjectNode object -> object.set(last, value);
        case ArrayNode array -> {
          if (last.equals("-")) {
            array.add(value);
          } else {
            array.insert(index(array, last, pointer, array.size()), value);
          }
        }
        default -> throw wrong("names '%s', which can hold nothing".formatted(pointer));
      }
      return root;
    }

    private JsonNode remove(JsonNode root, String pointer) {
      List<String> tokens = tokens(pointer);
      if (tokens.isEmpty()) {
        throw wrong("removes the whole scene");
      }
      get(root, pointer);
      String last = tokens.getLast();
      switch (parent(root, tokens, pointer)) {
        case ObjectNode object -> object.remove(last);
        case ArrayNode array -> array.remove(index(array, last, pointer, array.size() - 1));
        default -> throw wrong("names '%s', which is not there".formatted(pointer));
      }
      return root;
    }

    private InvalidScene wrong(String message) {
      return new InvalidScene(at, message);
    }
  }
}

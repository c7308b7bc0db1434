package dev.krafla.screen.browser;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code Accessibility.getFullAXTree} says of one frame. */
record AxTree(@Nullable AxNode root, Set<Integer> backendIds) {
  /**
   * A node of the tree.
   *
   * @param backend the DOM node's number, 0 for none
   */
  record AxNode(
      String role,
      String name,
      String value,
      int backend,
      boolean ignored,
      Map<String, String> properties,
      List<AxNode> children) {
    String property(String key) {
      return properties.getOrDefault(key, "");
    }

    boolean is(String key) {
      return "true".equals(properties.get(key));
    }
  }

  /** An empty tree. */
  static AxTree empty() {
    return new AxTree(null, Set.of());
  }

  /** Reads the result of the command. Children that are missing or come twice are left out. */
  static AxTree parse(ObjectNode result) {
    Map<String, AxNode> nodes = new HashMap<>();
    Map<String, List<String>> children = new HashMap<>();
    Optional<String> root = Optional.empty();
    Set<Integer> backendIds = new HashSet<>();
    for (JsonNode json : result.path("nodes")) {
      String id = json.path("nodeId").asString("");
      AxNode node = node(json);
      if (id.isEmpty() || nodes.putIfAbsent(id, node) != null) {
        continue;
      }
      backendIds.add(node.backend);
      List<String> ids = new ArrayList<>();
      json.path("childIds").forEach(c -> ids.add(c.asString("")));
      children.put(id, ids);
      if (root.isEmpty() && !json.has("parentId")) {
        root = Optional.of(id);
      }
    }
    root.ifPresent(id -> connect(id, nodes, children));
    return new AxTree(root.map(nodes::get).orElse(null), backendIds);
  }

  private static void connect(
      String root, Map<String, AxNode> nodes, Map<String, List<String>> children) {
    Set<String> reached = new HashSet<>(Set.of(root));
    Deque<String> open = new ArrayDeque<>(reached);
    while (!open.isEmpty()) {
      String id = open.pop();
      AxNode node = nodes.get(id);
      for (String child : children.getOrDefault(id, List.of())) {
        AxNode found = nodes.get(child);
        if (node != null && found != null && reached.add(child)) {
          node.children.add(found);
          open.push(child);
        }
      }
    }
  }

  private static AxNode node(JsonNode json) {
    Map<String, String> properties = new HashMap<>();
    for (JsonNode property : json.path("properties")) {
      JsonNode value = property.path("value").path("value");
      if (value.isValueNode()) {
        properties.put(property.path("name").asString(""), value.asString(""));
      }
    }
    return new AxNode(
        text(json, "role"),
        text(json, "name"),
        text(json, "value"),
        json.path("backendDOMNodeId").asInt(0),
        json.path("ignored").asBoolean(false),
        properties,
        new ArrayList<>());
  }

  private static String text(JsonNode json, String name) {
    return json.path(name).path("value").asString("");
  }
}

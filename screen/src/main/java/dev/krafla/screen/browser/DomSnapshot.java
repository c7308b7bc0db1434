package dev.krafla.screen.browser;

import dev.krafla.screen.Bounds;
import dev.krafla.screen.ProtocolException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What {@code DOMSnapshot.captureSnapshot} says of one process's documents: elements, shadow roots
 * included, with boxes, some styles, paint order and whether they listen to clicks. Indexes that
 * point nowhere are refused, so that nothing after this needs to check them.
 */
record DomSnapshot(List<Doc> documents) {
  /** Styles that are asked for; {@link Doc#style} takes an index into them. */
  static final List<String> STYLES =
      List.of(
          "cursor",
          "visibility",
          "opacity",
          "pointer-events",
          "overflow-x",
          "overflow-y",
          "position",
          "display",
          "background-image",
          "padding-left",
          "padding-top");

  static final int CURSOR = 0;
  static final int VISIBILITY = 1;
  static final int OPACITY = 2;
  static final int POINTER_EVENTS = 3;
  static final int OVERFLOW_X = 4;
  static final int OVERFLOW_Y = 5;
  static final int POSITION = 6;
  static final int DISPLAY = 7;
  static final int BACKGROUND_IMAGE = 8;
  static final int PADDING_LEFT = 9;
  static final int PADDING_TOP = 10;

  /**
   * Reads the result of the command.
   *
   * @throws ProtocolException when it is not one
   */
  static DomSnapshot parse(ObjectNode result) {
    JsonNode strings = result.path("strings");
    String[] words = new String[strings.size()];
    for (int i = 0; i < words.length; i++) {
      words[i] = strings.get(i).asString("");
    }
    List<Doc> documents = new ArrayList<>();
    for (JsonNode document : result.path("documents")) {
      documents.add(new Doc(document, words));
    }
    return new DomSnapshot(List.copyOf(documents));
  }

  /** The document of a frame. */
  Optional<Doc> of(String frame) {
    return documents.stream().filter(d -> d.frame.equals(frame)).findFirst();
  }

  /** One document; nodes are numbered from 0, parents before children. */
  static final class Doc {
    final String frame;
    final double scrollX;
    final double scrollY;
    final double contentHeight;
    final int size;
    final int[] parent;
    final int[] type;
    final int[] backend;

    /** Index into the layout arrays, or −1 for what is not laid out. */
    final int[] layout;

    final BitSet clickable;
    private final String[] words;
    private final int[] nodeName;
    private final int[][] attributes;
    private final double[] box;
    private final double[] client;
    private final int[] paint;
    private final int[][] styles;
    private final Map<Integer, Integer> byBackend;
    private final Map<String, Integer> alike = new HashMap<>();
    private final Map<Integer, String> inputValue;
    private final Map<Integer, Integer> contentDocument;

    Doc(JsonNode json, String[] words) {
      this.words = words;
      this.frame = word(json.path("frameId").asInt(-1));
      this.scrollX = json.path("scrollOffsetX").asDouble(0);
      this.scrollY = json.path("scrollOffsetY").asDouble(0);
      this.contentHeight = json.path("contentHeight").asDouble(0);
      JsonNode nodes = json.path("nodes");
      this.parent = ints(nodes.path("parentIndex"));
      this.size = parent.length;
      for (int i = 0; i < size; i++) {
        if (parent[i] >= i || parent[i] < -1) {
          throw new ProtocolException(
              "node %d of a snapshot has the parent %d".formatted(i, parent[i]));
        }
      }
      this.type = sized(ints(nodes.path("nodeType")), "nodeType");
      this.nodeName = sized(ints(nodes.path("nodeName")), "nodeName");
      this.backend = sized(ints(nodes.path("backendNodeId")), "backendNodeId");
      this.attributes = lists(nodes.path("attributes"), size);
      this.clickable = new BitSet(size);
      for (int i : ints(nodes.path("isClickable").path("index"))) {
        clickable.set(checked(i));
      }
      this.inputValue = new HashMap<>();
      rare(nodes.path("inputValue"), (node, value) -> inputValue.put(node, word(value)));
      this.contentDocument = new HashMap<>();
      rare(nodes.path("contentDocumentIndex"), contentDocument::put);
      this.byBackend = HashMap.newHashMap(size);
      for (int i = 0; i < size; i++) {
        byBackend.put(backend[i], i);
      }
      JsonNode tree = json.path("layout");
      int[] owner = ints(tree.path("nodeIndex"));
      this.layout = new int[size];
      Arrays.fill(layout, -1);
      for (int i = owner.length - 1; i >= 0; i--) { // the first box of a node is its principal one
        layout[checked(owner[i])] = i;
      }
      this.box = quads(tree.path("bounds"), owner.length);
      this.client = quads(tree.path("clientRects"), owner.length);
      this.styles = lists(tree.path("styles"), owner.length);
      this.paint = Arrays.copyOf(ints(tree.path("paintOrders")), owner.length);
    }

    private int checked(int node) {
      if (node < 0 || node >= size) {
        throw new ProtocolException(
            "a snapshot of %d nodes speaks of node %d".formatted(size, node));
      }
      return node;
    }

    private int[] sized(int[] values, String what) {
      if (values.length != size) {
        throw new ProtocolException(
            "a snapshot of %d nodes has %d of %s".formatted(size, values.length, what));
      }
      return values;
    }

    private void rare(JsonNode data, java.util.function.BiConsumer<Integer, Integer> each) {
      int[] index = ints(data.path("index"));
      int[] value = ints(data.path("value"));
      for (int i = 0; i < Math.min(index.length, value.length); i++) {
        each.accept(checked(index[i]), value[i]);
      }
    }

    private static int[] ints(JsonNode array) {
      int[] values = new int[array.size()];
      int i = 0;
      for (JsonNode value : array) {
        values[i++] = value.asInt(-1);
      }
      return values;
    }

    private static int[][] lists(JsonNode array, int size) {
      int[][] values = new int[size][];
      for (int i = 0; i < size; i++) {
        values[i] = ints(array.path(i));
      }
      return values;
    }

    private static double[] quads(JsonNode array, int size) {
      double[] values = new double[4 * size];
      for (int i = 0; i < size; i++) {
        JsonNode quad = array.path(i);
        for (int k = 0; k < 4; k++) {
          double v = quad.path(k).asDouble(0);
          values[4 * i + k] = Double.isFinite(v) ? v : 0;
        }
      }
      return values;
    }

    private String word(int index) {
      return index >= 0 && index < words.length ? words[index] : "";
    }

    /** Upper-case for HTML elements, {@code #text} for text. */
    String name(int node) {
      return word(nodeName[node]);
    }

    boolean isElement(int node) {
      return type[node] == 1;
    }

    /** The node with this number of the browser's, or −1. */
    int find(int backendId) {
      return byBackend.getOrDefault(backendId, -1);
    }

    @Nullable String attribute(int node, String name) {
      int[] pairs = attributes[node];
      for (int i = 0; i + 1 < pairs.length; i += 2) {
        if (word(pairs[i]).equals(name)) {
          return word(pairs[i + 1]);
        }
      }
      return null;
    }

    /** As {@link #attribute}, "" where there is none. */
    String attributeOr(int node, String name) {
      String value = attribute(node, name);
      return value == null ? "" : value;
    }

    /** What a field holds now. */
    String inputValue(int node) {
      return inputValue.getOrDefault(node, "");
    }

    /** Index among the snapshot's documents of what an iframe shows, or −1 when it is elsewhere. */
    int contentDocument(int node) {
      return contentDocument.getOrDefault(node, -1);
    }

    boolean isLaidOut(int node) {
      return layout[node] >= 0;
    }

    /** In the document's own coordinates, CSS pixels times the scale. */
    Bounds box(int node) {
      int i = layout[node];
      return i < 0
          ? Bounds.EMPTY
          : new Bounds(box[4 * i], box[4 * i + 1], box[4 * i + 2], box[4 * i + 3]);
    }

    double clientLeft(int node) {
      return layout[node] < 0 ? 0 : client[4 * layout[node]];
    }

    double clientTop(int node) {
      return layout[node] < 0 ? 0 : client[4 * layout[node] + 1];
    }

    /** Greater is nearer to the eye. */
    int paint(int node) {
      return layout[node] < 0 ? -1 : paint[layout[node]];
    }

    /** One of {@link #STYLES}, "" where the node has none of its own. */
    String style(int node, int which) {
      int i = layout[node];
      return i < 0 || which >= styles[i].length ? "" : word(styles[i][which]);
    }

    /** How many children of its parent have its element name and its class. */
    int alike(int node) {
      if (alike.isEmpty()) {
        for (int n = 0; n < size; n++) {
          alike.merge(kind(n), 1, Integer::sum);
        }
      }
      return attributeOr(node, "class").isEmpty() ? 0 : alike.getOrDefault(kind(node), 0);
    }

    private String kind(int node) {
      return parent[node] + "/" + nodeName[node] + "/" + attributeOr(node, "class");
    }

    /** Whether {@code node} is {@code ancestor} or lies in it. */
    boolean within(int node, int ancestor) {
      int n = node;
      while (n > ancestor) {
        n = parent[n];
      }
      return n == ancestor;
    }
  }
}

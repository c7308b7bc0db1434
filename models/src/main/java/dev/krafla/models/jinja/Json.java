package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Python's {@code json.dumps}, as {@code transformers} binds it to {@code tojson}.
 *
 * @param ascii escape everything beyond ASCII
 * @param indent of one level; empty for a single line
 * @param comma between items
 * @param colon between key and value
 */
record Json(
    boolean ascii, String indent, String comma, String colon, boolean sortKeys, Budget budget) {
  private static final int CHARS_OF_NODE = 4; // brackets and line break

  String write(Object value) {
    var out = new StringBuilder();
    write(value, out, 0);
    return out.toString();
  }

  private void write(Object value, StringBuilder out, int depth) {
    Budget.checkValueDepth(depth);
    budget.chars(
        CHARS_OF_NODE + comma.length() + colon.length() + 2L * indent.length() * (depth + 1));
    switch (value) {
      case String s -> string(s, out);
      case Values.None _ -> out.append("null");
      case Boolean b -> out.append(b);
      case Long n -> out.append((long) n);
      case Double d -> out.append(number(d));
      case List<?> list -> array(list, out, depth);
      case Values.Tuple(List<Object> items) -> array(items, out, depth);
      case Map<?, ?> map -> object(map, out, depth);
      default ->
          throw new ChatTemplateException(
              "Object of type %s is not JSON serializable".formatted(Values.type(value)));
    }
  }

  private static String number(double d) {
    if (Double.isNaN(d)) {
      return "NaN";
    }
    return Double.isInfinite(d) ? d > 0 ? "Infinity" : "-Infinity" : PyText.number(d);
  }

  private void array(List<?> items, StringBuilder out, int depth) {
    if (items.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    String separator = "";
    for (Object item : items) {
      out.append(separator);
      newLine(out, depth + 1);
      write(item, out, depth + 1);
      separator = comma;
    }
    newLine(out, depth);
    out.append(']');
  }

  private void object(Map<?, ?> map, StringBuilder out, int depth) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : (sortKeys ? sorted(map) : map).entrySet()) {
      out.append(separator);
      newLine(out, depth + 1);
      string(key(entry.getKey()), out);
      out.append(colon);
      write(entry.getValue(), out, depth + 1);
      separator = comma;
    }
    newLine(out, depth);
    out.append('}');
  }

  private Map<String, Object> sorted(Map<?, ?> map) {
    Map<String, Object> sorted = new TreeMap<>();
    map.forEach((key, value) -> sorted.put(key(key), value));
    return sorted;
  }

  private String key(Object key) {
    return switch (key) {
      case String s -> s;
      case Values.None _ -> "null";
      case Boolean b -> b.toString();
      default -> PyText.str(key, budget);
    };
  }

  private void newLine(StringBuilder out, int depth) {
    if (!indent.isEmpty()) {
      out.append('\n').repeat(indent, depth);
    }
  }

  private void string(String s, StringBuilder out) {
    int before = out.length();
    out.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20 || (ascii && c > 0x7E)) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
      Budget.checkLength(out);
    }
    out.append('"');
    budget.chars(out.length() - before);
  }
}

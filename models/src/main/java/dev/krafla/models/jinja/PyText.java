package dev.krafla.models.jinja;

import java.util.List;
import java.util.Map;

/** Python's {@code str()}, {@code repr()} and {@code json.dumps} of values. */
final class PyText {
  private static final int CHARS_OF_NODE = 4; // brackets and commas

  private final Budget budget;
  private final StringBuilder out = new StringBuilder();

  private PyText(Budget budget) {
    this.budget = budget;
  }

  static String str(Object value, Budget budget) {
    return switch (value) {
      case String s -> s;
      case Values.Undefined _ -> "";
      default -> repr(value, budget);
    };
  }

  static String repr(Object value, Budget budget) {
    var text = new PyText(budget);
    text.repr(value, 0);
    return text.out.toString();
  }

  private void repr(Object value, int depth) {
    Budget.checkValueDepth(depth);
    budget.chars(CHARS_OF_NODE);
    switch (value) {
      case String s -> quote(s);
      case Values.None _ -> out.append("None");
      case Values.Undefined _ -> out.append("Undefined");
      case Boolean b -> out.append(b ? "True" : "False");
      case Long n -> out.append((long) n);
      case Double d -> out.append(number(d));
      case List<?> list -> sequence(list, '[', ']', depth);
      case Values.Tuple(List<Object> items) -> {
        sequence(items, '(', ')', depth);
        if (items.size() == 1) {
          out.insert(out.length() - 1, ',');
        }
      }
      case Map<?, ?> map -> {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(separator);
          repr(entry.getKey(), depth + 1);
          out.append(": ");
          repr(entry.getValue(), depth + 1);
          separator = ", ";
        }
        out.append(map.isEmpty() ? "{}" : "}");
      }
      case Values.Namespace _ -> out.append("<Namespace>");
      default -> out.append("<function>");
    }
  }

  private void sequence(List<?> items, char open, char close, int depth) {
    out.append(open);
    String separator = "";
    for (Object item : items) {
      out.append(separator);
      repr(item, depth + 1);
      separator = ", ";
    }
    out.append(close);
  }

  private void quote(String s) {
    char quote = s.indexOf('\'') >= 0 && s.indexOf('"') < 0 ? '"' : '\'';
    int before = out.length();
    out.append(quote);
    s.codePoints()
        .forEach(c -> {
          quoted(c, quote);
          Budget.checkLength(out);
        });
    out.append(quote);
    budget.chars(out.length() - before);
  }

  private void quoted(int c, char quote) {
    switch (c) {
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case '\\' -> out.append("\\\\");
      default -> {
        if (c == quote) {
          out.append('\\').append(quote);
        } else if (isPrintable(c)) {
          out.appendCodePoint(c);
        } else if (c < 0x100) {
          out.append("\\x%02x".formatted(c));
        } else if (c < 0x10000) {
          out.append("\\u%04x".formatted(c));
        } else {
          out.append("\\U%08x".formatted(c));
        }
      }
    }
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  /** Python's shortest decimal for a float. */
  static String number(double d) {
    if (Double.isNaN(d)) {
      return "nan";
    }
    if (Double.isInfinite(d)) {
      return d > 0 ? "inf" : "-inf";
    }
    if (d == 0) {
      return 1 / d < 0 ? "-0.0" : "0.0";
    }
    var decimal = new java.math.BigDecimal(Double.toString(d)).stripTrailingZeros();
    int exponent = decimal.precision() - decimal.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = decimal.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String digits = decimal.unscaledValue().abs().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    return "%s%se%s%02d"
        .formatted(d < 0 ? "-" : "", mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
  }
}

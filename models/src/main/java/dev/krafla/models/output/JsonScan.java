package dev.krafla.models.output;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * Follows one JSON value (RFC 8259) character by character and says what each one is. Control
 * characters inside strings are let through, as models write them. Not thread-safe.
 */
final class JsonScan {
  /** What a character is. */
  enum Step {
    /** White space, a comma or a colon. */
    BETWEEN,
    /** The quote that opens a member's name. */
    KEY_OPEN,
    /** Inside a member's name. */
    KEY_PART,
    /** The quote that closes a member's name. */
    KEY_CLOSE,
    /** The first character of a value. */
    VALUE_OPEN,
    /** Inside a string, a number or a word. */
    VALUE_PART,
    /** The last character of a string, an object or an array. */
    VALUE_CLOSE,
    /** Does not fit; what was followed until here is no JSON. */
    MISFIT
  }

  private enum Place {
    VALUE,
    FIRST_ITEM_OR_END,
    FIRST_KEY_OR_END,
    KEY,
    COLON,
    STRING,
    SCALAR,
    COMMA_OR_END,
    END
  }

  private static final Pattern NUMBER =
      Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?");
  private static final Set<String> WORDS = Set.of("true", "false", "null");
  private static final String SCALAR_CHARACTERS = "+-.0123456789abcdefghijklmnopqrstuvwxyzE";
  private static final int HEX_DIGITS = 4;
  private static final int HEX = 16;

  private final StringBuilder open = new StringBuilder(); // the brackets that are open
  private final StringBuilder scalar = new StringBuilder();
  private Place place = Place.VALUE;
  private boolean inKey;
  private boolean escaped;
  private int hexLeft;
  private int hex;
  private int decoded = -1;

  /** Whether {@code c} is white space of JSON. */
  static boolean isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
  }

  /** How many objects and arrays are open. */
  int depth() {
    return open.length();
  }

  /** Whether the value is complete. A number is only once something else has followed it. */
  boolean ended() {
    return place == Place.END;
  }

  /** Whether the next character is inside a string or a name. */
  boolean inString() {
    return place == Place.STRING;
  }

  /** The character of a string or name that the last one completed, or -1. */
  int decoded() {
    return decoded;
  }

  /** Takes the next character. After {@link Step#MISFIT} or the end none may follow. */
  Step accept(char c) {
    decoded = -1;
    return switch (place) {
      case STRING -> inString(c);
      case SCALAR -> inScalar(c);
      case END -> isSpace(c) ? Step.BETWEEN : Step.MISFIT;
      default -> isSpace(c) ? Step.BETWEEN : between(c);
    };
  }

  private Step between(char c) {
    return switch (place) {
      case VALUE -> value(c);
      case FIRST_ITEM_OR_END -> c == ']' ? close(c) : value(c);
      case FIRST_KEY_OR_END -> c == '}' ? close(c) : key(c);
      case KEY -> key(c);
      case COLON -> c == ':' ? to(Place.VALUE, Step.BETWEEN) : Step.MISFIT;
      case COMMA_OR_END -> commaOrEnd(c);
      case STRING, SCALAR, END -> throw new IllegalStateException(place.name());
    };
  }

  private Step to(Place next, Step step) {
    place = next;
    return step;
  }

  private Step key(char c) {
    inKey = true;
    return c == '"' ? to(Place.STRING, Step.KEY_OPEN) : Step.MISFIT;
  }

  private Step value(char c) {
    return switch (c) {
      case '{', '[' -> {
        open.append(c);
        yield to(c == '{' ? Place.FIRST_KEY_OR_END : Place.FIRST_ITEM_OR_END, Step.VALUE_OPEN);
      }
      case '"' -> {
        inKey = false;
        yield to(Place.STRING, Step.VALUE_OPEN);
      }
      default -> {
        scalar.setLength(0);
        scalar.append(c);
        boolean fits = "-0123456789tfn".indexOf(c) >= 0;
        yield fits ? to(Place.SCALAR, Step.VALUE_OPEN) : Step.MISFIT;
      }
    };
  }

  private Step commaOrEnd(char c) {
    boolean inObject = open.charAt(open.length() - 1) == '{';
    if (c == ',') {
      return to(inObject ? Place.KEY : Place.VALUE, Step.BETWEEN);
    }
    return c == (inObject ? '}' : ']') ? close(c) : Step.MISFIT;
  }

  private Step close(char c) {
    assert c == '}' || c == ']';
    open.setLength(open.length() - 1);
    return to(afterValue(), Step.VALUE_CLOSE);
  }

  private Place afterValue() {
    return open.isEmpty() ? Place.END : Place.COMMA_OR_END;
  }

  private Step inScalar(char c) {
    if (SCALAR_CHARACTERS.indexOf(c) >= 0) {
      scalar.append(c);
      return Step.VALUE_PART;
    }
    if (!WORDS.contains(scalar.toString()) && !NUMBER.matcher(scalar).matches()) {
      return Step.MISFIT;
    }
    place = afterValue();
    return accept(c);
  }

  private Step inString(char c) {
    Step part = inKey ? Step.KEY_PART : Step.VALUE_PART;
    if (hexLeft > 0) {
      int digit = Character.digit(c, HEX);
      hex = hex * HEX + digit;
      hexLeft--;
      decoded = hexLeft == 0 ? hex : -1;
      return digit >= 0 && c < 128 ? part : Step.MISFIT;
    }
    if (escaped) {
      escaped = false;
      return escape(c) ? part : Step.MISFIT;
    }
    if (c == '"') {
      return inKey ? to(Place.COLON, Step.KEY_CLOSE) : to(afterValue(), Step.VALUE_CLOSE);
    }
    escaped = c == '\\';
    decoded = escaped ? -1 : c;
    return part;
  }

  private boolean escape(char c) {
    if (c == 'u') {
      hexLeft = HEX_DIGITS;
      hex = 0;
      return true;
    }
    decoded =
        switch (c) {
          case '"', '\\', '/' -> c;
          case 'b' -> '\b';
          case 'f' -> '\f';
          case 'n' -> '\n';
          case 'r' -> '\r';
          case 't' -> '\t';
          default -> -1;
        };
    return decoded >= 0;
  }
}

package dev.krafla.models.output;

import java.util.Set;

/**
 * Reads one call written as a JSON object: {@code {"name": …, "arguments": {…}}}. The arguments may
 * be named {@code parameters}, come before the name, be a string that holds the object, be null or
 * be left out; the name may be named {@code function}, or the whole call be one level down in it.
 * Any other member before the call has begun, but {@code id}, {@code type} and {@code index}, says
 * that this is no call. Not thread-safe.
 */
final class CallObject implements CallReader {
  private enum Member {
    NAME,
    ARGUMENTS,
    /** Arguments in a string. */
    QUOTED_ARGUMENTS,
    /** {@code function}: a name, or an object with name and arguments. */
    FUNCTION,
    OTHER
  }

  private final Set<String> tools;
  private final OutputEvents out;
  private final JsonScan scan = new JsonScan();
  private final ArgumentsScan arguments = new ArgumentsScan();
  private final StringBuilder key = new StringBuilder();
  private final StringBuilder name = new StringBuilder();
  private final StringBuilder fresh = new StringBuilder(); // arguments that are not given out yet

  private int level = 1; // the depth at which the members of the call are
  private Member member = Member.OTHER;
  private boolean named;
  private boolean begun;
  private boolean complete;
  private boolean broken;

  CallObject(Set<String> tools, OutputEvents out) {
    this.tools = tools;
    this.out = out;
  }

  /** Whether the object's closing brace has come. */
  boolean ended() {
    return scan.ended();
  }

  /** Whether the call has begun. */
  boolean begun() {
    return begun;
  }

  /** Whether the call has begun and its arguments go on. */
  boolean isOpen() {
    return begun && !complete;
  }

  @Override
  public Verdict accept(char c) {
    int depth = scan.depth();
    JsonScan.Step step = scan.accept(c);
    if (step == JsonScan.Step.MISFIT || !take(c, step, depth)) {
      return Verdict.REFUSED;
    }
    if (!begun && named && (arguments.begun() || scan.ended())) {
      begun = true;
      out.start(name.toString());
      if (!arguments.begun()) {
        "{}".chars().forEach(b -> arguments.accept((char) b, fresh));
      }
    }
    if (!begun) {
      return scan.ended() ? Verdict.REFUSED : Verdict.HELD;
    }
    giveOut();
    return Verdict.SETTLED;
  }

  private void giveOut() {
    if (!fresh.isEmpty() && !complete) {
      out.arguments(fresh);
      complete = arguments.ended() && !broken;
      if (complete) {
        out.end();
      }
    }
    fresh.setLength(0);
  }

  /** Takes {@code c} for the call; false where it says that there is none. */
  private boolean take(char c, JsonScan.Step step, int depth) {
    if (depth != level) {
      return member != Member.ARGUMENTS || depth < level || arguments.accept(c, fresh);
    }
    return switch (step) {
      case KEY_OPEN -> {
        key.setLength(0);
        yield true;
      }
      case KEY_PART -> append(key);
      case KEY_CLOSE -> memberNamed(key.toString());
      case VALUE_OPEN -> open(c);
      case VALUE_PART ->
          switch (member) {
            case NAME -> append(name);
            case QUOTED_ARGUMENTS -> quoted();
            case ARGUMENTS, FUNCTION, OTHER -> true;
          };
      case VALUE_CLOSE -> c == '"' ? closeString() : closeObject();
      case BETWEEN, MISFIT -> true;
    };
  }

  private boolean append(StringBuilder text) {
    if (scan.decoded() >= 0) {
      text.append((char) scan.decoded());
    }
    return true;
  }

  private boolean memberNamed(String key) {
    member =
        begun
            ? Member.OTHER
            : switch (key) {
              case "name" -> Member.NAME;
              case "arguments", "parameters" -> Member.ARGUMENTS;
              case "function" -> Member.FUNCTION;
              default -> Member.OTHER;
            };
    return switch (member) {
      case NAME -> !named;
      case FUNCTION -> !named && level == 1;
      case ARGUMENTS, QUOTED_ARGUMENTS -> !arguments.begun();
      case OTHER -> begun || key.equals("id") || key.equals("type") || key.equals("index");
    };
  }

  private boolean open(char c) {
    return switch (member) {
      case NAME -> c == '"';
      case FUNCTION -> {
        level += c == '{' ? 1 : 0;
        member = c == '{' ? Member.OTHER : Member.NAME;
        yield c == '{' || c == '"';
      }
      case ARGUMENTS -> {
        member = c == '"' ? Member.QUOTED_ARGUMENTS : c == '{' ? member : Member.OTHER;
        yield c == '{' ? arguments.accept(c, fresh) : c == '"' || c == 'n'; // null: none
      }
      case QUOTED_ARGUMENTS, OTHER -> true;
    };
  }

  private boolean quoted() {
    if (scan.decoded() < 0) {
      return true;
    }
    char c = (char) scan.decoded();
    broken = broken || !arguments.accept(c, fresh);
    if (broken) {
      fresh.append(c);
    }
    return !broken || begun;
  }

  private boolean closeString() {
    boolean wasName = member == Member.NAME;
    boolean wasArguments = member == Member.QUOTED_ARGUMENTS;
    member = Member.OTHER;
    named = named || wasName;
    return wasName ? tools.contains(name.toString()) : !wasArguments || begun || arguments.ended();
  }

  /** The object with the call's members ends: {@code function}, or all. */
  private boolean closeObject() {
    member = Member.OTHER;
    level = 1;
    return true;
  }
}

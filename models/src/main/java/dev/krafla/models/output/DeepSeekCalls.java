package dev.krafla.models.output;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads DeepSeek's calls from behind the marker that opens them: each is {@code
 * <｜tool▁call▁begin｜>function<｜tool▁sep｜>name}, a line break and its arguments in a fence (V3, R1),
 * or {@code <｜tool▁call▁begin｜>name<｜tool▁sep｜>{…}} (V3.1), up to {@code <｜tool▁call▁end｜>}. Not
 * thread-safe.
 */
final class DeepSeekCalls implements CallReader {
  static final String CALL_BEGIN = "<｜tool▁call▁begin｜>";
  static final String CALL_END = "<｜tool▁call▁end｜>";
  static final String SEPARATOR = "<｜tool▁sep｜>";
  private static final String KIND = "function"; // before the separator, where the name is not
  static final String CALLS_END = "<｜tool▁calls▁end｜>";

  private enum Place {
    BETWEEN,
    /** Before the separator: the kind of call, or the name. */
    HEADER,
    /** Behind the separator: the name, unless it was before. */
    NAME,
    FENCE,
    ARGUMENTS,
    CLOSED
  }

  private final Set<String> tools;
  private final OutputEvents out;
  private final Literals between = new Literals(CALL_BEGIN, CALL_END, CALLS_END);
  private final Literals separator = new Literals(SEPARATOR);
  private final StringBuilder header = new StringBuilder();
  private final StringBuilder name = new StringBuilder();
  private Place place;
  private boolean anyCall;
  private @Nullable NamedCall call;

  /**
   * @param inCall whether the marker was already that of the first call
   */
  DeepSeekCalls(boolean inCall, Set<String> tools, OutputEvents out) {
    this.tools = tools;
    this.out = out;
    this.place = inCall ? Place.HEADER : Place.BETWEEN;
  }

  @Override
  public Verdict accept(char c) {
    return switch (place) {
      case BETWEEN -> between(c);
      case HEADER -> header(c);
      case NAME -> name(c);
      case FENCE -> fence(c);
      case ARGUMENTS -> arguments(c);
      case CLOSED -> Verdict.REFUSED;
    };
  }

  private Verdict between(char c) {
    if (!between.isInside() && (JsonScan.isSpace(c) || (anyCall && c == '`'))) {
      return Verdict.HELD;
    }
    return switch (between.accept(c)) {
      case PART -> Verdict.HELD;
      case NONE -> Verdict.REFUSED;
      case WHOLE -> marker(between.word());
    };
  }

  private Verdict marker(String marker) {
    if (marker.equals(CALL_BEGIN)) {
      place = Place.HEADER;
      header.setLength(0);
      name.setLength(0);
      return Verdict.HELD;
    }
    if (!anyCall) {
      return Verdict.REFUSED;
    }
    place = marker.equals(CALLS_END) ? Place.CLOSED : Place.BETWEEN;
    return Verdict.SETTLED;
  }

  private Verdict header(char c) {
    if (!separator.isInside() && NamedCall.inName(c)) {
      header.append(c);
      return Verdict.HELD;
    }
    Literals.Match match = separator.accept(c);
    place = match == Literals.Match.WHOLE ? Place.NAME : place;
    return match == Literals.Match.NONE ? Verdict.REFUSED : Verdict.HELD;
  }

  private Verdict name(char c) {
    if (NamedCall.inName(c)) {
      name.append(c);
      return Verdict.HELD;
    }
    if (name.isEmpty() && JsonScan.isSpace(c)) {
      return Verdict.HELD;
    }
    String called = (name.isEmpty() ? header : name).toString();
    if (!tools.contains(called) || (!name.isEmpty() && !header.toString().equals(KIND))) {
      return Verdict.REFUSED;
    }
    call = new NamedCall(called, CALL_END, out);
    place = Place.FENCE;
    return fence(c);
  }

  private Verdict fence(char c) {
    if (c == '{') {
      place = Place.ARGUMENTS;
      anyCall = true;
      return arguments(c);
    }
    boolean fence = c == '`' || "json".indexOf(c) >= 0 || JsonScan.isSpace(c);
    return fence ? Verdict.HELD : Verdict.REFUSED;
  }

  private Verdict arguments(char c) {
    NamedCall current = call;
    if (current == null || current.ended() || current.isClosed()) {
      place = Place.BETWEEN;
      return between(c);
    }
    return current.accept(c);
  }

  @Override
  public void finish() {
    if (call != null) {
      call.finish();
    }
  }
}

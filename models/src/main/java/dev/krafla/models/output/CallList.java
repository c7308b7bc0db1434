package dev.krafla.models.output;

import java.util.Set;

/**
 * Reads calls that are JSON objects, one after the other or in an array, up to a closing marker. A
 * closing brace or bracket too many is passed over, and so is a closing marker that is missing;
 * broken arguments go on to the closing marker as they are. Not thread-safe.
 */
final class CallList implements CallReader {
  private enum Place {
    FIRST,
    CALL,
    AFTER_CALL,
    /** In arguments that are no JSON. */
    BROKEN,
    CLOSED
  }

  private final Set<String> tools;
  private final String closing;
  private final OutputEvents out;
  private final BrokenArguments broken;
  private Place place = Place.FIRST;
  private CallObject call;
  private int closingSeen;

  /**
   * @param closing marker that ends the calls; empty for none
   */
  CallList(Set<String> tools, String closing, OutputEvents out) {
    this.tools = tools;
    this.closing = closing;
    this.out = out;
    this.broken = new BrokenArguments(closing, out);
    this.call = new CallObject(tools, out);
  }

  @Override
  public Verdict accept(char c) {
    return switch (place) {
      case FIRST -> c == '[' || JsonScan.isSpace(c) ? Verdict.HELD : next(c);
      case CALL -> inCall(c);
      case AFTER_CALL -> afterCall(c);
      case BROKEN -> broken(c);
      case CLOSED -> Verdict.REFUSED;
    };
  }

  private Verdict next(char c) {
    if (c != '{') {
      return Verdict.REFUSED;
    }
    place = Place.CALL;
    call = new CallObject(tools, out);
    return call.accept(c);
  }

  private Verdict inCall(char c) {
    Verdict verdict = call.accept(c);
    if (verdict == Verdict.REFUSED && call.begun()) {
      place = call.isOpen() ? Place.BROKEN : Place.AFTER_CALL;
      return accept(c);
    }
    if (call.ended()) {
      place = Place.AFTER_CALL;
    }
    return verdict;
  }

  private Verdict afterCall(char c) {
    if (closingSeen < closing.length() && closing.charAt(closingSeen) == c) {
      closingSeen++;
      boolean closed = closingSeen == closing.length();
      place = closed ? Place.CLOSED : place;
      return closed ? Verdict.SETTLED : Verdict.HELD;
    }
    if (closingSeen > 0) {
      return Verdict.REFUSED;
    }
    return switch (c) {
      case ' ', '\n', '\r', '\t', ',', ';' -> Verdict.HELD;
      case ']', '}' -> Verdict.SETTLED;
      default -> next(c);
    };
  }

  private Verdict broken(char c) {
    place = broken.accept(c) ? Place.CLOSED : place;
    return Verdict.SETTLED;
  }

  @Override
  public void finish() {
    broken.finish();
  }
}

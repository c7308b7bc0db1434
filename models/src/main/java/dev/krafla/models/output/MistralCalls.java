package dev.krafla.models.output;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what follows {@code [TOOL_CALLS]}: an array of calls, or one call as {@code name[ARGS]{…}},
 * {@code name[CALL_ID]id[ARGS]{…}} or {@code name{…}}. Not thread-safe.
 */
final class MistralCalls implements CallReader {
  static final String OPEN = "[TOOL_CALLS]";
  static final String ID = "[CALL_ID]";
  static final String ARGUMENTS = "[ARGS]";

  private final Set<String> tools;
  private final OutputEvents out;
  private final Literals markers = new Literals(ID, ARGUMENTS);
  private final StringBuilder name = new StringBuilder();
  private boolean afterName;
  private @Nullable CallList list;
  private @Nullable NamedCall call;

  MistralCalls(Set<String> tools, OutputEvents out) {
    this.tools = tools;
    this.out = out;
  }

  @Override
  public Verdict accept(char c) {
    if (list != null) {
      return list.accept(c);
    }
    if (call != null) {
      return inCall(call, c);
    }
    if (markers.isInside() || (c == '[' && !name.isEmpty())) {
      return marker(c);
    }
    if (c == '{' && !name.isEmpty()) {
      return arguments(c);
    }
    if (c == '[' || c == '{') {
      CallList all = new CallList(tools, "", out);
      list = all;
      return all.accept(c);
    }
    if (name.isEmpty() && JsonScan.isSpace(c)) {
      return Verdict.HELD;
    }
    if (!NamedCall.inName(c)) {
      return Verdict.REFUSED;
    }
    if (!afterName) { // else it is the call's id
      name.append(c);
    }
    return Verdict.HELD;
  }

  private Verdict marker(char c) {
    return switch (markers.accept(c)) {
      case PART -> Verdict.HELD;
      case NONE -> Verdict.REFUSED;
      case WHOLE -> {
        afterName = true;
        boolean arguments = markers.word().equals(ARGUMENTS);
        yield arguments ? named() : Verdict.HELD;
      }
    };
  }

  private Verdict named() {
    if (!tools.contains(name.toString())) {
      return Verdict.REFUSED;
    }
    call = new NamedCall(name.toString(), OPEN, out);
    return Verdict.HELD;
  }

  private Verdict arguments(char c) {
    return named() == Verdict.REFUSED ? Verdict.REFUSED : accept(c);
  }

  private Verdict inCall(NamedCall current, char c) {
    Verdict verdict = current.accept(c);
    if (current.isClosed()) { // the marker that opens the next call
      call = null;
      name.setLength(0);
      afterName = false;
    }
    return verdict;
  }

  @Override
  public void finish() {
    if (list != null) {
      list.finish();
    }
    if (call != null) {
      call.finish();
    }
  }
}

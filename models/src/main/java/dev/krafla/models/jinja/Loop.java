package dev.krafla.models.jinja;

import java.util.List;

/** The variable {@code loop}; the interpreter moves it from item to item. */
final class Loop {
  private final List<Object> items;
  private final Operators operators;
  private int at;
  private Object lastSeen = new Values.Undefined("nothing was seen yet");
  private boolean seen;

  Loop(List<Object> items, Operators operators) {
    this.items = items;
    this.operators = operators;
  }

  void moveTo(int index) {
    at = index;
  }

  Object attribute(String name) {
    return switch (name) {
      case "index" -> at + 1L;
      case "index0" -> (long) at;
      case "revindex" -> (long) items.size() - at;
      case "revindex0" -> items.size() - at - 1L;
      case "first" -> at == 0;
      case "last" -> at == items.size() - 1;
      case "length" -> (long) items.size();
      case "depth" -> 1L;
      case "depth0" -> 0L;
      case "previtem" ->
          at > 0 ? items.get(at - 1) : new Values.Undefined("there is no previous item");
      case "nextitem" ->
          at + 1 < items.size() ? items.get(at + 1) : new Values.Undefined("there is no next item");
      case "cycle" ->
          (Values.Callable)
              (positional, named) -> {
                if (positional.isEmpty()) {
                  throw Operators.error("loop.cycle needs arguments");
                }
                return positional.get(at % positional.size());
              };
      case "changed" ->
          (Values.Callable)
              (positional, named) -> {
                Object now = new Values.Tuple(positional);
                boolean changed = !seen || !operators.equal(now, lastSeen);
                lastSeen = now;
                seen = true;
                return changed;
              };
      default -> new Values.Undefined("loop has no attribute '%s'".formatted(name));
    };
  }
}

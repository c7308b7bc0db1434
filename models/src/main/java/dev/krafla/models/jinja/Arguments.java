package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Evaluated arguments of a filter, test or method; {@code what} names it in errors. */
record Arguments(String what, List<Object> positional, Map<String, Object> named) {

  /** The argument at {@code index} or called {@code name}, if given. */
  Optional<Object> find(int index, String name) {
    return index < positional.size()
        ? Optional.of(positional.get(index))
        : Optional.ofNullable(named.get(name));
  }

  Object get(int index, String name) {
    return find(index, name)
        .orElseThrow(
            () -> new ChatTemplateException("%s needs an argument '%s'".formatted(what, name)));
  }

  String text(int index, String name) {
    Object value = get(index, name);
    if (value instanceof String s) {
      return s;
    }
    throw new ChatTemplateException(
        "%s: '%s' must be a string, not %s".formatted(what, name, Values.type(value)));
  }

  /** The argument as text, or {@code preset} where it is absent or None. */
  String text(int index, String name, String preset) {
    return isNone(index, name) ? preset : text(index, name);
  }

  long integer(int index, String name, long preset) {
    return isNone(index, name) ? preset : Operators.integer(get(index, name));
  }

  boolean flag(int index, String name, boolean preset) {
    return find(index, name).map(Values::isTrue).orElse(preset);
  }

  private boolean isNone(int index, String name) {
    return find(index, name).map(v -> v == Values.None.NONE).orElse(true);
  }
}

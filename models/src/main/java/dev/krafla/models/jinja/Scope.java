package dev.krafla.models.jinja;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Variables of a template, a macro or one turn of a loop; what is not here is looked up outside.
 */
final class Scope {
  private final Optional<Scope> outer;
  private final Map<String, Object> variables = new HashMap<>();

  private Scope(Optional<Scope> outer) {
    this.outer = outer;
  }

  static Scope global(Map<String, Object> variables) {
    var scope = new Scope(Optional.empty());
    scope.variables.putAll(variables);
    return scope;
  }

  Scope inner() {
    return new Scope(Optional.of(this));
  }

  Object get(String name) {
    for (Scope scope = this; ; scope = scope.outer.get()) {
      Object value = scope.variables.get(name);
      if (value != null) {
        return value;
      }
      if (scope.outer.isEmpty()) {
        return new Values.Undefined("'%s' is undefined".formatted(name));
      }
    }
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }
}

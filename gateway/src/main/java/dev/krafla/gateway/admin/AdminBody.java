package dev.krafla.gateway.admin;

import dev.krafla.gateway.access.Network;
import dev.krafla.gateway.access.Role;
import dev.krafla.gateway.money.Nanodollars;
import dev.krafla.gateway.money.Period;
import dev.krafla.gateway.money.Terms;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A body of the admin API. Every error names the field; a field that is not known is one. */
record AdminBody(ObjectNode json) {
  /** Turns away what has other fields than these. */
  AdminBody only(String... fields) {
    Set<String> unknown = new TreeSet<>(json.propertyNames());
    Set<String> known = new TreeSet<>(List.of(fields));
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw AdminCall.invalid("unknown fields %s; known are %s".formatted(unknown, known));
    }
    return this;
  }

  private Optional<JsonNode> get(String name) {
    return Optional.ofNullable(json.get(name)).filter(v -> !v.isNull());
  }

  Optional<String> text(String name) {
    return get(name)
        .map(v -> {
          if (!v.isString() || v.stringValue().isBlank() || v.stringValue().length() > 200) {
            throw AdminCall.invalid(name + " must be a text of 1 to 200 characters");
          }
          return v.stringValue();
        });
  }

  String requireText(String name) {
    return text(name).orElseThrow(() -> AdminCall.invalid(name + " is missing"));
  }

  Optional<Long> number(String name) {
    return get(name)
        .map(v -> {
          if (!v.isIntegralNumber() || !v.canConvertToLong() || v.longValue() < 0) {
            throw AdminCall.invalid(name + " must be a whole number, 0 or more");
          }
          return v.longValue();
        });
  }

  private OptionalLong limit(String name) {
    return number(name).map(OptionalLong::of).orElseGet(OptionalLong::empty);
  }

  /** Dollars, as a number or, exactly, as a text. */
  OptionalLong dollars(String name) {
    Optional<JsonNode> value = get(name);
    if (value.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Nanodollars.of(new java.math.BigDecimal(value.get().asString())));
    } catch (IllegalArgumentException e) {
      throw AdminCall.invalid("%s: %s".formatted(name, e.getMessage()));
    }
  }

  Optional<Instant> instant(String name) {
    return text(name)
        .map(t -> {
          try {
            return Instant.parse(t);
          } catch (DateTimeParseException e) {
            throw AdminCall.invalid(
                "%s is '%s'; write it as 2026-12-31T00:00:00Z".formatted(name, t));
          }
        });
  }

  Optional<Role> role() {
    return text("role").map(r -> constant(Role.class, "role", r));
  }

  static <E extends Enum<E>> E constant(Class<E> type, String name, String value) {
    try {
      return Enum.valueOf(type, value.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      List<String> known =
          List.of(type.getEnumConstants()).stream()
              .map(c -> c.name().toLowerCase(Locale.ROOT))
              .toList();
      throw AdminCall.invalid("%s is '%s'; it must be one of %s".formatted(name, value, known));
    }
  }

  List<String> texts(String name) {
    List<String> all = new ArrayList<>();
    get(name)
        .ifPresent(v -> {
          if (!v.isArray()) {
            throw AdminCall.invalid(name + " must be a list of texts");
          }
          for (JsonNode e : v) {
            if (!e.isString() || e.stringValue().isBlank()) {
              throw AdminCall.invalid(name + " must be a list of texts, none of them empty");
            }
            all.add(e.stringValue());
          }
        });
    return all;
  }

  List<Network> networks() {
    try {
      return texts("networks").stream().map(Network::parse).toList();
    } catch (IllegalArgumentException e) {
      throw AdminCall.invalid("networks: " + e.getMessage());
    }
  }

  /** What an account may take. */
  Terms terms() {
    only("budgets", "requests_per_minute", "tokens_per_minute", "concurrency");
    List<Terms.Budget> budgets = new ArrayList<>();
    Optional<JsonNode> list = get("budgets");
    if (list.isPresent() && !list.get().isArray()) {
      throw AdminCall.invalid("budgets must be a list");
    }
    try {
      for (JsonNode e : list.map(l -> (Iterable<JsonNode>) l).orElse(List.of())) {
        if (!(e instanceof ObjectNode object)) {
          throw AdminCall.invalid("budgets must be a list of objects");
        }
        AdminBody b = new AdminBody(object).only("period", "dollars", "tokens");
        budgets.add(
            new Terms.Budget(
                constant(Period.class, "period", b.requireText("period")),
                b.dollars("dollars"),
                b.limit("tokens")));
      }
      return new Terms(
          budgets, limit("requests_per_minute"), limit("tokens_per_minute"), limit("concurrency"));
    } catch (IllegalArgumentException e) {
      throw AdminCall.invalid(String.valueOf(e.getMessage()));
    }
  }
}

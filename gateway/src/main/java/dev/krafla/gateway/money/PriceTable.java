package dev.krafla.gateway.money;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Prices with the day from which they hold. Immutable: a change makes a new table, and a table can
 * be asked what a request of last year would have cost by it.
 */
public final class PriceTable {
  /** Stands for every model of a provider that is not named. */
  public static final String ANY_MODEL = "*";

  /** Nothing costs anything. */
  public static final PriceTable EMPTY = new PriceTable(List.of());

  private final List<Entry> entries;
  private final Map<String, Map<String, NavigableMap<Instant, Price>>> byProvider;

  /**
   * One line of a price list.
   *
   * @param model as the provider calls it, or {@value #ANY_MODEL}
   * @param from the first moment at which it holds; it ends where the model's next one begins
   */
  public record Entry(String provider, String model, Instant from, Price price) {}

  public PriceTable(List<Entry> entries) {
    this.entries =
        entries.stream()
            .sorted(
                Comparator.comparing(Entry::provider)
                    .thenComparing(Entry::model)
                    .thenComparing(Entry::from))
            .toList();
    this.byProvider = new HashMap<>();
    for (Entry e : this.entries) {
      Price before =
          byProvider
              .computeIfAbsent(e.provider(), _ -> new HashMap<>())
              .computeIfAbsent(e.model(), _ -> new TreeMap<>())
              .put(e.from(), e.price());
      if (before != null) {
        throw new IllegalArgumentException(
            "%s/%s has two prices from %s; keep one".formatted(e.provider(), e.model(), e.from()));
      }
    }
  }

  /** By provider, model and day. */
  public List<Entry> entries() {
    return entries;
  }

  /** The price at {@code when}; empty where no entry holds. */
  public Optional<Price> at(String provider, String model, Instant when) {
    Map<String, NavigableMap<Instant, Price>> models = byProvider.get(provider);
    if (models == null) {
      return Optional.empty();
    }
    return at(models.get(model), when).or(() -> at(models.get(ANY_MODEL), when));
  }

  private static Optional<Price> at(@Nullable NavigableMap<Instant, Price> dated, Instant when) {
    return Optional.ofNullable(dated).map(d -> d.floorEntry(when)).map(Map.Entry::getValue);
  }
}

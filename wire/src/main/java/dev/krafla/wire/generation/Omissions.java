package dev.krafla.wire.generation;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Collects the names of what a wire has no words for and could not change the answer. */
public final class Omissions {
  private final Set<String> names = new LinkedHashSet<>();

  /** Nothing left out yet. */
  public Omissions() {}

  /** Notes {@code name}; a second time does nothing. */
  public void add(String name) {
    names.add(name);
  }

  /** Notes {@code name} where there is something to leave out. */
  public void addIf(String name, Optional<?> value) {
    if (value.isPresent()) {
      names.add(name);
    }
  }

  public void addAll(List<String> more) {
    names.addAll(more);
  }

  public List<String> names() {
    return List.copyOf(names);
  }
}

package dev.krafla.engine;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Those who want to know of every request that ends. Thread-safe. */
final class EndedListeners {
  private static final Logger LOG = System.getLogger(EndedListeners.class.getName());

  private final List<Consumer<EndedRequest>> listeners = new CopyOnWriteArrayList<>();

  void add(Consumer<EndedRequest> listener) {
    listeners.add(listener);
  }

  /** Tells all; what goes wrong with one is logged and hinders nobody. */
  void tell(EndedRequest ended) {
    for (Consumer<EndedRequest> listener : listeners) {
      try {
        listener.accept(ended);
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "the account of request " + ended.terms().id() + " was not taken", e);
      }
    }
  }
}

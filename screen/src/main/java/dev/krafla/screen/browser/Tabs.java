package dev.krafla.screen.browser;

import dev.krafla.screen.Observation;
import dev.krafla.screen.SurfaceLostException;
import dev.krafla.screen.cdp.CdpConnection;
import dev.krafla.screen.cdp.CdpSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/**
 * The tabs of one browser context, as the browser tells of them. Attaching to one takes a few round
 * trips, so that it is done beside the browser's thread; who needs the tab waits for it.
 */
final class Tabs {
  private static final Duration ATTACH = Duration.ofSeconds(10);

  private final CdpConnection connection;
  private final BrowserOptions options;
  private final Map<String, Entry> entries = new LinkedHashMap<>(); // guarded by this
  private int count;

  private static final class Entry {
    final String id;
    final CompletableFuture<PageTab> tab = new CompletableFuture<>();
    String url = "";
    String title = "";

    Entry(String id) {
      this.id = id;
    }
  }

  Tabs(CdpConnection connection, BrowserOptions options) {
    this.connection = connection;
    this.options = options;
  }

  /** A tab is there; attaches to it unless that has been begun. */
  synchronized CompletableFuture<PageTab> appeared(JsonNode info) {
    String target = info.path("targetId").asString("");
    Entry known = entries.get(target);
    if (known != null) {
      changed(info);
      return known.tab;
    }
    Entry entry = new Entry("t" + ++count);
    entries.put(target, entry);
    changed(info);
    Thread.ofVirtual().name("attach-" + entry.id).start(() -> attach(target, entry));
    return entry.tab;
  }

  private void attach(String target, Entry entry) {
    try {
      String session =
          connection
              .call(
                  "",
                  "Target.attachToTarget",
                  CdpSession.params("targetId", target, "flatten", true),
                  ATTACH)
              .path("sessionId")
              .asString("");
      PageTab tab = new PageTab(entry.id, target, new CdpSession(connection, session));
      tab.start(options);
      entry.tab.complete(tab);
    } catch (RuntimeException e) {
      entry.tab.completeExceptionally(e);
    }
  }

  synchronized void changed(JsonNode info) {
    Entry entry = entries.get(info.path("targetId").asString(""));
    if (entry != null) {
      entry.url = info.path("url").asString("");
      entry.title = info.path("title").asString("");
    }
  }

  /** A tab is gone. */
  void gone(String target) {
    Entry entry;
    synchronized (this) {
      entry = entries.remove(target);
    }
    if (entry != null) {
      entry.tab.completeExceptionally(new SurfaceLostException("the tab was closed"));
      if (!entry.tab.isCompletedExceptionally()) {
        entry.tab.join().lost("the tab was closed");
      }
    }
  }

  /** Everything is gone. */
  void allGone(String reason) {
    List<Entry> all;
    synchronized (this) {
      all = List.copyOf(entries.values());
    }
    for (Entry entry : all) {
      entry.tab.completeExceptionally(new SurfaceLostException(reason));
      if (!entry.tab.isCompletedExceptionally()) {
        entry.tab.join().lost(reason);
      }
    }
  }

  /** The tab that was opened last, waited for; empty when there is none. */
  Optional<PageTab> newest() {
    List<Entry> all;
    synchronized (this) {
      all = new ArrayList<>(entries.values());
    }
    return all.isEmpty() ? Optional.empty() : Optional.of(await(all.getLast()));
  }

  private static PageTab await(Entry entry) {
    return CdpConnection.await("attaching to a tab", entry.tab, ATTACH);
  }

  /** The tab with our name for it. */
  Optional<PageTab> find(String id) {
    Optional<Entry> found;
    synchronized (this) {
      found = entries.values().stream().filter(e -> e.id.equals(id)).findFirst();
    }
    return found.map(Tabs::await);
  }

  /** Whether a target is one of these. */
  synchronized boolean has(String target) {
    return entries.containsKey(target);
  }

  /** How many have ever been. */
  synchronized int count() {
    return count;
  }

  synchronized List<Observation.Tab> list(String active) {
    return entries.values().stream()
        .map(e -> new Observation.Tab(e.id, e.url, e.title, e.id.equals(active)))
        .toList();
  }
}

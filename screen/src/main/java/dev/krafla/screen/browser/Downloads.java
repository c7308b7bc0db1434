package dev.krafla.screen.browser;

import dev.krafla.screen.Observation.Download;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** What pages have given to be kept. Written by the browser's thread. */
final class Downloads {
  private static final int MOST_REMEMBERED = 100;

  private final Map<String, Download> byId = new LinkedHashMap<>();
  private final String folder;

  Downloads(String folder) {
    this.folder = folder;
  }

  synchronized void began(ObjectNode p) {
    if (byId.size() >= MOST_REMEMBERED) {
      byId.remove(byId.keySet().iterator().next());
    }
    byId.put(
        p.path("guid").asString(""),
        new Download(
            p.path("suggestedFilename").asString(""),
            p.path("url").asString(""),
            "",
            Download.Progress.RUNNING));
    notifyAll();
  }

  synchronized void progressed(ObjectNode p) {
    byId.computeIfPresent(
        p.path("guid").asString(""),
        (id, d) ->
            switch (p.path("state").asString("")) {
              case "completed" ->
                  new Download(
                      d.name(),
                      d.from(),
                      p.path("filePath").asString(folder + "/" + d.name()),
                      Download.Progress.DONE);
              case "canceled" -> new Download(d.name(), d.from(), "", Download.Progress.FAILED);
              default -> d;
            });
    notifyAll();
  }

  /** Waits, for a bounded time, until those that run are done. */
  synchronized void settle(long deadlineNanos) {
    while (byId.values().stream().anyMatch(d -> d.progress() == Download.Progress.RUNNING)) {
      long left = (deadlineNanos - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return;
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  synchronized List<Download> list() {
    return List.copyOf(byId.values());
  }
}

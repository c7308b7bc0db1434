package dev.krafla.platform;

import dev.krafla.platform.up.ChildSpec;
import dev.krafla.platform.up.ChildState;
import dev.krafla.platform.up.RunFile;
import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the parts of {@code krafla up} are, for {@code krafla status} and for who watches.
 * Thread-safe.
 */
final class UpBoard {
  private final RunFile file;
  private final CliOutput output;
  private final Instant since = Instant.now();
  private final long pid = ProcessHandle.current().pid();
  private final Map<String, RunFile.Part> parts = new LinkedHashMap<>(); // guarded by this
  private URI url = URI.create("http://127.0.0.1"); // guarded by this

  UpBoard(RunFile file, CliOutput output) {
    this.file = file;
    this.output = output;
    put(new RunFile.Part("gateway", "starting", pid, ""));
  }

  /** Requests are taken. */
  synchronized void gatewayReady(URI where, String database) {
    url = where;
    parts.put("database", new RunFile.Part("database", "ready", 0, database));
    put(new RunFile.Part("gateway", "ready", pid, where.toString()));
  }

  /** A worker's state has changed. */
  synchronized void workerChanged(ChildSpec worker, ChildState state) {
    boolean wasReady =
        parts.containsKey(worker.name()) && parts.get(worker.name()).state().equals("ready");
    put(part(worker.name(), state));
    if (state instanceof ChildState.Failed(var reason, var pause) && wasReady) {
      output.note(
          "%s: %s; it is started again in %d s (krafla logs %s)"
              .formatted(worker.name(), reason, pause.toSeconds(), worker.name()));
      output.flush();
    }
  }

  private static RunFile.Part part(String name, ChildState state) {
    return switch (state) {
      case ChildState.Starting(long pid) -> new RunFile.Part(name, state.word(), pid, "");
      case ChildState.Ready(long pid) -> new RunFile.Part(name, state.word(), pid, "");
      case ChildState.Failed(var reason, _) -> new RunFile.Part(name, state.word(), 0, reason);
      case ChildState.Stopped() -> new RunFile.Part(name, state.word(), 0, "");
    };
  }

  private synchronized void put(RunFile.Part part) {
    parts.put(part.name(), part);
    file.write(new RunFile.Running(pid, since, url, List.copyOf(parts.values())));
  }
}

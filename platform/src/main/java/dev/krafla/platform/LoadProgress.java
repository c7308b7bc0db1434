package dev.krafla.platform;

import dev.krafla.models.LoadOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Shows how a model loads, on a terminal and where it takes longer than a second. Thread-safe. */
final class LoadProgress implements LoadOptions.Progress, AutoCloseable {
  private final Progress bar;
  private final String what;
  private long done;
  private long total;
  private boolean shown;
  private boolean closed;

  LoadProgress(LocalModel model, CliOutput output) {
    bar = new ProgressBar(output);
    what = "Loading " + model.name();
    total = OpenModel.bytes(model);
    if (output.errTerminal()) {
      Executor later = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);
      later.execute(this::show);
    }
  }

  private synchronized void show() {
    if (!closed) {
      bar.begin(what, done, total);
      shown = true;
    }
  }

  @Override
  public synchronized void update(long doneBytes, long totalBytes) {
    done = doneBytes;
    total = totalBytes;
    if (shown) {
      bar.at(doneBytes);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (shown) {
      bar.end();
    }
  }
}

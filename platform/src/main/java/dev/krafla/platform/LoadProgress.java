package dev.krafla.platform;

import dev.krafla.models.LoadOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Shows how a model loads, on a terminal and where it takes longer than a second. Thread-safe. */
final class LoadProgress implements LoadOptions.Progress, AutoCloseable {
  private final Progress bar;
  private final String what;
  private final long fileBytes;
  private long done;
  private boolean shown;
  private boolean closed;

  LoadProgress(LocalModel model, CliOutput output) {
    bar = new ProgressBar(output);
    what = "Loading " + model.name();
    fileBytes = OpenModel.bytes(model);
    if (output.errTerminal()) {
      Executor later = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);
      later.execute(this::show);
    }
  }

  private synchronized void show() {
    if (!closed) {
      bar.begin(what, done, fileBytes);
      shown = true;
    }
  }

  @Override
  public synchronized void update(long doneBytes, long totalBytes) {
    // Packed weights have another size than the file; people know the file's.
    done = Math.round((double) doneBytes / totalBytes * fileBytes);
    if (shown) {
      bar.at(done);
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

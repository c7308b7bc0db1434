package dev.krafla.platform;

import dev.krafla.serving.ModelPool;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;

/** What a person who starts a worker for several models wants to know of it. */
final class SeveralNotice {
  private SeveralNotice() {}

  static void print(CliOutput output, URI url, ModelPool pool, Duration took) {
    output.line(
        String.format(
            Locale.ROOT,
            "%d models are ready at %s after %.1f s",
            pool.list().size(),
            output.accent(url + "/v1"),
            took.toMillis() / 1e3));
    output.line("");
    for (ModelPool.Listing model : pool.list()) {
      output.line(
          "  %-9s %s, %s%s"
              .formatted(
                  model.state().label(),
                  output.bold(model.id()),
                  ByteSize.text(model.bytes()),
                  model.pinned() ? ", pinned" : ""));
    }
    output.line("");
    output.line("A request names its model; the others are loaded when they are asked for.");
    output.line(output.dim("Ctrl-C stops it."));
    output.flush();
  }
}

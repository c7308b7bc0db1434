package dev.krafla.serving.replay;

import dev.krafla.engine.Engine;
import dev.krafla.engine.Request;
import dev.krafla.engine.TokenEvent;
import dev.krafla.engine.TokenStream;
import dev.krafla.engine.Usage;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** An engine of this process, without HTTP between. Owns it. */
public final class EngineEndpoint implements Endpoint {
  private final Engine engine;
  private final Supplier<Duration> busy;
  private final String busySource;

  /** Compute is the time in which a step was under way. */
  public EngineEndpoint(Engine engine) {
    this(engine, () -> engine.stats().busy(), "the engine's busy time");
  }

  /**
   * @param busy tells how long it has computed so far
   * @param busySource where that comes from, for people
   */
  public EngineEndpoint(Engine engine, Supplier<Duration> busy, String busySource) {
    this.engine = engine;
    this.busy = busy;
    this.busySource = busySource;
  }

  @Override
  public Answer ask(int[] prompt, int outputTokens) {
    Request request = Request.of(prompt, outputTokens).withIgnoreEndTokens(true);
    try (TokenStream stream = engine.submit(request)) {
      long first = 0;
      int events = 0;
      for (TokenEvent _ : stream) {
        if (events++ == 0) {
          first = System.nanoTime();
        }
      }
      Usage usage = stream.usage();
      return new Answer(
          usage.promptTokens(),
          OptionalInt.of(usage.cachedTokens()),
          usage.outputTokens(),
          first,
          System.nanoTime());
    }
  }

  @Override
  public Optional<Duration> busy() {
    return Optional.of(busy.get());
  }

  @Override
  public String busySource() {
    return busySource;
  }

  @Override
  public void close() {
    engine.close();
  }
}

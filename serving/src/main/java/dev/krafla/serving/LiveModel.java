package dev.krafla.serving;

import dev.krafla.engine.Engine;

/** A model in memory with its engine, and what answers for it. */
public final class LiveModel implements AutoCloseable {
  private final ServedModel served;
  private final Engine engine;
  private final Runnable release;
  private final WorkerMetrics metrics;
  private final ChatRoute chat;
  private final CompletionRoute completion;
  private final EmbeddingRoute embedding;
  private final TokenRoutes tokens;

  /**
   * @param release gives back what holds engine and model; called once, when nobody uses them
   */
  public LiveModel(ServedModel served, Engine engine, Runnable release) {
    this.served = served;
    this.engine = engine;
    this.release = release;
    metrics = new WorkerMetrics(served, engine::stats);
    engine.onEnded(metrics::ended);
    chat = new ChatRoute(served, engine, metrics);
    completion = new CompletionRoute(served, engine, metrics);
    embedding = new EmbeddingRoute(served, engine);
    tokens = new TokenRoutes(served, engine);
  }

  ServedModel served() {
    return served;
  }

  Engine engine() {
    return engine;
  }

  WorkerMetrics metrics() {
    return metrics;
  }

  ChatRoute chat() {
    return chat;
  }

  CompletionRoute completion() {
    return completion;
  }

  EmbeddingRoute embedding() {
    return embedding;
  }

  TokenRoutes tokens() {
    return tokens;
  }

  @Override
  public void close() {
    release.run();
  }
}

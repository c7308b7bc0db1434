package dev.krafla.platform;

import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineConfig;
import dev.krafla.serving.Worker;
import dev.krafla.serving.WorkerConfig;
import dev.krafla.wire.OpenAiClient;
import java.net.URI;
import java.util.Optional;

/**
 * A worker of this process for this process: on a free loopback port, behind a key that nobody else
 * knows, with a client to talk to it. So chat and demo go the way that every other client goes.
 */
final class PrivateWorker implements AutoCloseable {
  private final Engine engine;
  private final Worker worker;
  private final OpenAiClient client;

  private PrivateWorker(Engine engine, Worker worker, OpenAiClient client) {
    this.engine = engine;
    this.worker = worker;
    this.client = client;
  }

  /** Serves {@code model}, which stays its owner's. */
  static PrivateWorker start(OpenModel model, EngineConfig config) {
    Engine engine = EngineOptions.start(model, config);
    try {
      Optional<String> key = Optional.of(Secrets.random());
      WorkerConfig here = WorkerConfig.DEFAULTS.at("127.0.0.1", 0).withApiKey(key);
      Worker worker = Worker.start(here, engine, model.served(model.source().name()));
      return new PrivateWorker(engine, worker, new OpenAiClient(worker.url(), key));
    } catch (RuntimeException | Error e) {
      engine.close();
      throw e;
    }
  }

  /** Where it listens. */
  URI url() {
    return worker.url();
  }

  /** A client of it, closed with it. */
  OpenAiClient client() {
    return client;
  }

  @Override
  public void close() {
    client.close();
    worker.close();
    engine.close();
  }
}

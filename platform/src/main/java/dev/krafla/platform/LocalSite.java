package dev.krafla.platform;

import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineConfig;
import dev.krafla.models.Tokenizer;
import dev.krafla.platform.bench.Rung;
import dev.krafla.serving.replay.Endpoint;
import dev.krafla.serving.replay.EngineEndpoint;
import dev.krafla.serving.replay.MadeUpTokens;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Engines of this process, each with a copy of the model and threads of its own. */
final class LocalSite implements BenchSite {
  private final List<OpenModel> models;
  private final EngineOptions options;
  private final boolean cpuClock;

  private LocalSite(List<OpenModel> models, EngineOptions options, boolean cpuClock) {
    this.models = models;
    this.options = options;
    this.cpuClock = cpuClock;
  }

  /**
   * Loads {@code model} for {@code workers} engines.
   *
   * @param cpuClock count CPU time as compute: for one engine of one thread
   */
  static LocalSite load(
      LocalModel model, int workers, EngineOptions options, boolean cpuClock, CliContext context) {
    var site = new LocalSite(new ArrayList<>(), options, cpuClock);
    try {
      for (int i = 0; i < workers; i++) {
        site.models.add(OpenModel.load(model, options, context));
      }
      return site;
    } catch (RuntimeException | Error e) {
      site.close();
      throw e;
    }
  }

  @Override
  public List<Endpoint> open(Rung rung, int maxQueued) {
    EngineConfig config = rung.config(options.engineConfig(), maxQueued);
    if (models.size() > 1 && config.kvBytes().isEmpty()) {
      config = config.withKvShare(config.kvShare() / models.size());
    }
    List<Endpoint> endpoints = new ArrayList<>();
    try {
      for (OpenModel model : models) {
        endpoints.add(endpoint(EngineOptions.start(model, config)));
      }
      return endpoints;
    } catch (RuntimeException | Error e) {
      endpoints.forEach(Endpoint::close);
      throw e;
    }
  }

  private Endpoint endpoint(Engine engine) {
    return cpuClock
        ? new EngineEndpoint(engine, EngineCpuClock::now, "CPU time of the engine's thread")
        : new EngineEndpoint(engine);
  }

  @Override
  public MadeUpTokens tokens(long seed) {
    Tokenizer tokenizer = models.getFirst().loaded().tokenizer();
    int size = Math.min(tokenizer.vocabSize(), models.getFirst().loaded().lm().info().vocabSize());
    return MadeUpTokens.of(
        0, size, id -> !tokenizer.isSpecial(id) && tokenizer.tokenBytes(id, true).length > 0, seed);
  }

  @Override
  public Map<String, Object> describe() {
    var fields = new LinkedHashMap<String, Object>();
    OpenModel model = models.getFirst();
    fields.put("model", model.source().name());
    fields.put("workers", models.size());
    fields.put("kernels", model.kernels().tier());
    fields.put("threads", model.kernels().threads());
    fields.put("kv_type", KvTypeName.of(options.kvType()));
    fields.put("machine", Machine.cpu());
    return fields;
  }

  @Override
  public void close() {
    models.forEach(OpenModel::close);
  }
}

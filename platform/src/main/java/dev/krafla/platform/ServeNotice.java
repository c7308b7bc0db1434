package dev.krafla.platform;

import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineStats;
import dev.krafla.engine.kvstore.KvTierStats;
import dev.krafla.engine.kvstore.remote.RemoteAddress;
import dev.krafla.kernels.KvCache;
import dev.krafla.kernels.KvType;
import dev.krafla.models.ModelInfo;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** What a person who starts a worker wants to know of it. */
record ServeNotice(
    URI url,
    OpenModel model,
    Engine engine,
    KvType kvType,
    Path kvFolder,
    Optional<RemoteAddress> kvRemote) {
  /** Prints it, the model under {@code id}, with how long the start {@code took}. */
  void print(CliOutput output, String id, Duration took) {
    output.line(
        String.format(
            Locale.ROOT,
            "%s is ready at %s after %.1f s",
            output.bold(id),
            output.accent(url + "/v1"),
            took.toMillis() / 1e3));
    output.line("");
    output.line("  Model     " + modelLine());
    output.line(
        "  Kernels   %s, %d threads".formatted(model.kernels().tier(), model.kernels().threads()));
    output.line("  KV cache  " + cacheLine());
    engine.stats().tiers().forEach(tier -> output.line(tierLine(tier)));
    output.line("");
    output.line("Try it:");
    output.line(example(id).indent(2).stripTrailing());
    output.line("");
    output.line(output.dim("Ctrl-C stops it."));
    output.flush();
  }

  private String modelLine() {
    ModelInfo info = model.loaded().lm().info();
    return String.format(
        Locale.ROOT,
        "%s, %d layers, %s, context of %,d tokens",
        info.architecture(),
        info.layers(),
        ByteSize.text(OpenModel.bytes(model.source())),
        engine.maxSequenceTokens());
  }

  private String cacheLine() {
    EngineStats stats = engine.stats();
    long bytes = stats.totalBlocks() * KvCache.blockBytes(model.loaded().lm().kvShape(), kvType);
    return String.format(
        Locale.ROOT,
        "%s of %s, %,d tokens",
        ByteSize.text(bytes),
        KvTypeName.of(kvType),
        (long) stats.totalBlocks() * stats.blockTokens());
  }

  private String tierLine(KvTierStats tier) {
    return kvRemote.isPresent() && tier.name().equals("remote")
        ? "  KV remote " + remoteLine(kvRemote.get(), tier)
        : "  KV disk   " + diskLine(tier);
  }

  private static String remoteLine(RemoteAddress address, KvTierStats remote) {
    return remote.available()
        ? String.format(
            Locale.ROOT,
            "%s, %.2f ms an entry, %s/s",
            address,
            remote.latencySeconds() * 1e3,
            ByteSize.text((long) remote.bytesPerSecond()))
        : address + " cannot be used yet; it is tried again now and then";
  }

  private String diskLine(KvTierStats disk) {
    return "%s of %s used, in %s"
        .formatted(ByteSize.text(disk.bytes()), ByteSize.text(disk.maxBytes()), kvFolder);
  }

  private String example(String id) {
    boolean embeds = model.loaded().lm().info().embedding() != ModelInfo.Pooling.NONE;
    String path = "/v1/completions";
    String body = "\"prompt\":\"The three largest volcanoes are\",\"max_tokens\":40";
    if (embeds) {
      path = "/v1/embeddings";
      body = "\"input\":\"Why is the sky blue?\"";
    } else if (model.loaded().chatTemplate().isPresent()) {
      path = "/v1/chat/completions";
      body = "\"messages\":[{\"role\":\"user\",\"content\":\"Why is the sky blue?\"}]";
    }
    return """
    curl %s%s \\
      -H 'Content-Type: application/json' \\
      -d '{"model":"%s",%s}'
    """
        .formatted(url, path, id, body);
  }
}

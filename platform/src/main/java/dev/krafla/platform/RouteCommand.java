package dev.krafla.platform;

import dev.krafla.serving.proxy.Proxy;
import dev.krafla.serving.proxy.ProxyConfig;
import dev.krafla.serving.replica.Replica;
import dev.krafla.serving.replica.ReplicaPool;
import dev.krafla.serving.replica.ReplicaSpec;
import dev.krafla.serving.route.Policy;
import dev.krafla.serving.route.Router;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code krafla route}: one address in front of many servers, until it is told to stop. */
@Command(
    name = "route",
    description = {
      "One address in front of many servers: Krafla, vLLM, SGLang, llama.cpp, or any with OpenAI's"
          + " HTTP.",
      "A request goes where least of its prompt has to be computed, to another server where one"
          + " fails before it answers. SIGTERM and Ctrl-C let running answers end."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla route --replicas http://10.0.0.7:8080,http://10.0.0.8:8080",
      "  krafla route --replicas fleet.yaml --host 0.0.0.0",
      "  krafla route --replicas http://127.0.0.1:8000 --kind vllm --policy least-loaded",
      "",
      "fleet.yaml is read again when it changes:",
      "  replicas:",
      "    - {url: 'http://10.0.0.7:8080', role: prefill}",
      "    - {url: 'http://10.0.0.8:8080', role: decode}",
      "    - {url: 'http://10.0.0.9:8000', kind: vllm, kv_events: 'tcp://10.0.0.9:5557'}",
      "    - {url: 'https://example.org', kind: openai, models: [big], key_variable: BIG_KEY}"
    })
final class RouteCommand implements Callable<Integer> {
  private final CliContext context;
  private final StopSignal stop;

  @Option(
      names = "--replicas",
      required = true,
      paramLabel = "FILE|URL,URL…",
      description = "The servers: a YAML or JSON file, or their addresses.")
  private String replicas = "";

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = {
        "Of servers that are given by address: krafla, vllm, sglang, llamacpp, openai.",
        "Default: ${DEFAULT-VALUE}."
      })
  private String kind = "krafla";

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Where to listen; 0.0.0.0 is everywhere. Default: ${DEFAULT-VALUE}.")
  private String host = ProxyConfig.DEFAULTS.host();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "0 takes any free one. Default: ${DEFAULT-VALUE}.")
  private int port = ProxyConfig.DEFAULTS.port();

  @Option(
      names = "--policy",
      paramLabel = "NAME",
      converter = PolicyName.class,
      description = {
        "Which server gets a request: prefix, round-robin, least-loaded, random.",
        "Default: prefix."
      })
  private Policy policy = Policy.PREFIX;

  @Option(
      names = "--attempts",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Most servers that a request is tried at. Default: ${DEFAULT-VALUE}.")
  private int attempts = ProxyConfig.DEFAULTS.maxAttempts();

  @Option(
      names = "--silence-seconds",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "A server that sends nothing this long has failed. Default: ${DEFAULT-VALUE}.")
  private int silenceSeconds = (int) ProxyConfig.DEFAULTS.longestSilence().toSeconds();

  @Option(
      names = "--min-remote-tokens",
      paramLabel = "N",
      description = {
        "With servers for prefill and decode: prompts with fewer tokens to compute than this are",
        "left to the decode server. Default: ${DEFAULT-VALUE}."
      })
  private int minRemoteTokens = ProxyConfig.DEFAULTS.minRemoteTokens();

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Most clients at a time; more wait. Default: ${DEFAULT-VALUE}.")
  private int maxConnections = ProxyConfig.DEFAULTS.maxConnections();

  @Option(
      names = "--api-key-file",
      paramLabel = "FILE",
      description = {
        "File with the key that requests must carry; so does KRAFLA_API_KEY.",
        "Default: none is asked for, and a client's own goes on to the server."
      })
  private @Nullable Path apiKeyFile;

  @Option(
      names = "--drain-seconds",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "How long running answers may go on once told to stop. Default: 60.")
  private int drainSeconds = 60;

  @Option(names = "--json", description = "Say what runs in one line of JSON.")
  private boolean json;

  RouteCommand(CliContext context, StopSignal stop) {
    this.context = context;
    this.stop = stop;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    ProxyConfig config = config();
    Optional<Path> file = file();
    List<ReplicaSpec> specs = file.map(ReplicaFile::read).orElseGet(this::ofUrls);
    var router =
        new Router(policy.picker(1), ReplicaPool.Settings.DEFAULTS.blockTokens(), System::nanoTime);
    try (HttpClient http = Proxy.httpClient();
        var pool = new ReplicaPool(router, ReplicaPool.Settings.DEFAULTS, this::variable, http)) {
      replace(pool, specs);
      try (Proxy proxy = start(config, pool, http);
          var _ = FileWatch.start(file, changed -> reload(pool, changed))) {
        stop.heed();
        tell(proxy, pool);
        stop.await();
        new Draining(stop, context.output(), Duration.ofSeconds(drainSeconds))
            .run(proxy.underWay(), proxy::drain);
      } finally {
        http.shutdownNow(); // closing waits for answers, and these are cut off
      }
    }
    return 0;
  }

  private ProxyConfig config() throws IOException {
    if (port < 0 || port > 65_535) {
      throw new UserError("--port is %d; it must be 0 to 65535".formatted(port));
    }
    if (minRemoteTokens < 0) {
      throw new UserError(
          "--min-remote-tokens is %d; it must be 0 or more".formatted(minRemoteTokens));
    }
    return ProxyConfig.DEFAULTS
        .at(host, port)
        .withApiKey(ApiKeys.read(apiKeyFile, context))
        .withLimits(ProxyConfig.DEFAULTS.maxBodyBytes(), maxConnections)
        .withPatience(attempts, Duration.ofSeconds(silenceSeconds))
        .withMinRemoteTokens(minRemoteTokens);
  }

  private Optional<Path> file() {
    if (replicas.matches("https?://.*")) {
      return Optional.empty();
    }
    Path path = Path.of(replicas);
    if (!Files.isRegularFile(path)) {
      throw new UserError(
          "--replicas %s is neither a file nor an address like http://10.0.0.7:8080"
              .formatted(replicas));
    }
    return Optional.of(path);
  }

  private List<ReplicaSpec> ofUrls() {
    return Pattern.compile(",")
        .splitAsStream(replicas)
        .map(url -> ReplicaFile.ofUrl(url.strip(), kind))
        .toList();
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(context.environment().get(name)).filter(key -> !key.isBlank());
  }

  private static void replace(ReplicaPool pool, List<ReplicaSpec> specs) {
    try {
      pool.replace(specs);
    } catch (IllegalArgumentException e) {
      throw new UserError("--replicas: " + e.getMessage(), e);
    }
  }

  /** A file that is wrong changes nothing. */
  private void reload(ReplicaPool pool, Path file) {
    try {
      replace(pool, ReplicaFile.read(file));
      context.output().note("%s has changed: %s".formatted(file, summary(pool)));
    } catch (UserError e) {
      context.output().note("%s; the replicas stay as they were".formatted(e.getMessage()));
    }
    context.output().flush();
  }

  private static Proxy start(ProxyConfig config, ReplicaPool pool, HttpClient http) {
    try {
      return Proxy.start(config, pool, http);
    } catch (IllegalStateException e) {
      throw new UserError(
          "cannot listen at %s port %d (%s); name another with --port, or 0 for any free one"
              .formatted(config.host(), config.port(), e.getMessage()),
          e);
    }
  }

  private static String summary(ReplicaPool pool) {
    long ready = pool.replicas().stream().filter(Replica::takesRequests).count();
    return "%d of %d replicas ready".formatted(ready, pool.replicas().size());
  }

  private void tell(Proxy proxy, ReplicaPool pool) {
    CliOutput output = context.output();
    if (json) {
      ObjectNode told = Json.object();
      told.put("url", proxy.url().toString()).put("policy", policy.word());
      pool.replicas()
          .forEach(r ->
              told.withArray("replicas")
                  .addObject()
                  .put("url", r.spec().url().toString())
                  .put("kind", r.spec().adapter().kind())
                  .put("role", r.spec().role().word())
                  .put("ready", r.takesRequests()));
      output.line(Json.write(told));
    } else {
      output.line(
          "The router is ready at %s, %s, policy %s"
              .formatted(output.accent(proxy.url() + "/v1"), summary(pool), policy.word()));
      output.line("");
      for (Replica replica : pool.replicas()) {
        String models = String.join(", ", replica.health().models());
        output.line(
            "  %-28s %-9s %-8s %s"
                .formatted(
                    replica.spec().url(),
                    replica.spec().adapter().kind(),
                    replica.spec().role().word(),
                    replica.health().ready() ? models : "not ready: " + replica.health().reason()));
      }
      output.line("");
      output.line(output.dim("Ctrl-C stops it."));
    }
    output.flush();
  }
}

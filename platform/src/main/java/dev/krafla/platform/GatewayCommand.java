package dev.krafla.platform;

import dev.krafla.gateway.config.ConfigException;
import dev.krafla.gateway.config.LiveConfig;
import dev.krafla.gateway.route.Route;
import dev.krafla.gateway.server.GatewayServer;
import dev.krafla.gateway.server.GatewaySettings;
import dev.krafla.gateway.server.OpenDoor;
import dev.krafla.gateway.upstream.Upstream;
import dev.krafla.wire.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code krafla gateway}: one door in front of every model, until it is told to stop. */
@Command(
    name = "gateway",
    description = {
      "One door in front of every model: workers of yours, other engines, outside providers.",
      "krafla.yaml says which there are, and by which names clients ask for them. It is read again"
          + " when it changes. SIGTERM and Ctrl-C let running answers end."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla gateway",
      "  krafla gateway --config /etc/krafla/krafla.yaml --host 0.0.0.0 --port 8080",
      "  krafla gateway --check          only say whether krafla.yaml is right",
      "",
      "krafla.yaml (docs/GATEWAY.md has all of it):",
      "  providers:",
      "    house: {kind: vllm, url: 'http://10.0.0.7:8000/v1'}",
      "    openai: {kind: openai, key: env:OPENAI_API_KEY}",
      "  models:",
      "    small: [house/qwen3-8b, openai/gpt-5-mini]"
    })
final class GatewayCommand implements Callable<Integer> {
  private final CliContext context;
  private final StopSignal stop;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "What there is to ask. Default: ${DEFAULT-VALUE}.")
  private Path config = Path.of("krafla.yaml");

  @Mixin private GatewayAddress address = new GatewayAddress();

  @Option(
      names = "--drain-seconds",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "How long running answers may go on once told to stop. Default: 60.")
  private int drainSeconds = 60;

  @Option(names = "--check", description = "Only say whether the file is right.")
  private boolean check;

  @Option(names = "--json", description = "Say what runs in one line of JSON.")
  private boolean json;

  GatewayCommand(CliContext context, StopSignal stop) {
    this.context = context;
    this.stop = stop;
  }

  @Override
  public Integer call() throws InterruptedException {
    LiveConfig live = open();
    if (check) {
      context.output().line("%s is right: %s".formatted(config, summary(live)));
      return 0;
    }
    GatewaySettings settings = address.apply(live.config().settings());
    try (Upstream upstream = Upstream.create();
        GatewayServer server = start(settings, live, upstream);
        var _ = FileWatch.start(Optional.of(config), _ -> reload(live))) {
      stop.heed();
      tell(server, live);
      stop.await();
      new Draining(stop, context.output(), Duration.ofSeconds(drainSeconds))
          .run(server.underWay(), server::drain);
    }
    return 0;
  }

  private LiveConfig open() {
    if (!Files.isRegularFile(config)) {
      throw new UserError(
          "there is no %s; write one (./krafla help gateway shows how), or name it with --config"
              .formatted(config));
    }
    try {
      return LiveConfig.open(config, this::variable);
    } catch (ConfigException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    }
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(context.environment().get(name));
  }

  /** A file that is wrong changes nothing. */
  private void reload(LiveConfig live) {
    GatewaySettings before = live.config().settings();
    try {
      live.reload();
      context.output().note("%s has changed: %s".formatted(config, summary(live)));
      if (!live.config().settings().equals(before)) {
        context.output().note("What 'gateway:' says in it holds after a restart.");
      }
    } catch (ConfigException e) {
      context.output().note("%s; what held before goes on to hold".formatted(e.getMessage()));
    }
    context.output().flush();
  }

  private static GatewayServer start(GatewaySettings settings, LiveConfig live, Upstream upstream) {
    try {
      return GatewayServer.start(settings, live, new OpenDoor(), upstream);
    } catch (IllegalStateException e) {
      throw GatewayAddress.cannotListen(settings, e);
    }
  }

  private static String summary(LiveConfig live) {
    int models = live.config().routes().size();
    int providers = live.get().routes().providers().size();
    return "%d %s at %d %s"
        .formatted(
            models,
            models == 1 ? "model" : "models",
            providers,
            providers == 1 ? "provider" : "providers");
  }

  private void tell(GatewayServer server, LiveConfig live) {
    CliOutput output = context.output();
    if (json) {
      ObjectNode told = Json.object();
      told.put("url", server.url().toString());
      live.config().routes().forEach(r -> told.withArray("models").add(r.name()));
      output.line(Json.write(told));
    } else {
      output.line(
          "The gateway is ready at %s, %s"
              .formatted(output.accent(server.url() + "/v1"), summary(live)));
      output.line("");
      for (Route route : live.config().routes()) {
        output.line(
            "  %-28s %s"
                .formatted(
                    route.name(),
                    route.targets().stream().map(t -> t.id()).collect(Collectors.joining(", "))));
      }
      output.line("");
      output.line(output.dim("No keys are asked for. Ctrl-C stops it."));
    }
    output.flush();
  }
}

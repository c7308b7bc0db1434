package dev.krafla.platform;

import dev.krafla.engine.Engine;
import dev.krafla.engine.EngineConfig;
import dev.krafla.engine.kvstore.KvStore;
import dev.krafla.engine.kvstore.remote.RemoteConfig;
import dev.krafla.engine.kvstore.remote.RemoteStore;
import dev.krafla.serving.ModelPool;
import dev.krafla.serving.SharedPrompts;
import dev.krafla.serving.Worker;
import dev.krafla.serving.WorkerConfig;
import dev.krafla.serving.ledger.LedgerFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code krafla serve}: a model over HTTP, in OpenAI's shape, until it is told to stop. */
@Command(
    name = "serve",
    description = {
      "Serves models over HTTP, in OpenAI's shape.",
      "Fetches it first where it is not here. SIGTERM and Ctrl-C let running answers end."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla serve smollm2-135m",
      "  krafla serve ~/models/qwen3-4b.gguf --port 9000 --kv-memory 4GiB",
      "  krafla serve ./Qwen2.5-0.5B-Instruct --quantize q8_0 --id qwen",
      "  krafla serve qwen3-4b smollm2-135m --pin smollm2-135m --models-memory 8GiB",
      "  krafla serve smollm2-135m --kv-remote redis://cache.internal:6379/1",
      "  krafla serve smollm2-135m --ledger requests.jsonl --price '*=0.00002'",
      "  krafla serve smollm2-135m --first-token-deadline interactive=2s,normal=30s",
      "  krafla serve ~/models/smollm2-1.7b.gguf --draft-model smollm2-135m",
      "  krafla serve smollm2-135m --role prefill --port 9001 --threads 1",
      "  KRAFLA_API_KEY=secret krafla serve smollm2-135m --host 0.0.0.0"
    })
final class ServeCommand implements Callable<Integer> {
  private final CliContext context;
  private final StopSignal stop;

  @Parameters(
      paramLabel = "MODEL",
      arity = "1..*",
      description = {
        "Short name, reference or path. Of several, the first is loaded at the start, and each",
        "other when it is asked for."
      })
  private List<String> models = List.of();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Where to listen; 0.0.0.0 is everywhere. Default: ${DEFAULT-VALUE}.")
  private String host = WorkerConfig.DEFAULTS.host();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "0 takes any free one. Default: ${DEFAULT-VALUE}.")
  private int port = WorkerConfig.DEFAULTS.port();

  @Option(
      names = "--id",
      paramLabel = "NAME",
      description = "The model's id on the wire. Default: its short name, or the file's name.")
  private @Nullable String id;

  @Option(
      names = "--api-key-file",
      paramLabel = "FILE",
      description = {
        "File with the key that requests must carry; so does KRAFLA_API_KEY.",
        "Default: none is asked for."
      })
  private @Nullable Path apiKeyFile;

  @Option(
      names = "--max-sequences",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Most answers at the same time; more wait. Default: ${DEFAULT-VALUE}.")
  private int maxSequences = EngineConfig.DEFAULTS.maxSequences();

  @Option(
      names = "--max-queued",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "Most requests that wait; one more gets status 429. Default: ${DEFAULT-VALUE}.")
  private int maxQueued = EngineConfig.DEFAULTS.maxQueued();

  @Option(
      names = "--shared-prompt",
      paramLabel = "FILE",
      description = {
        "Text file with a system prompt, or another beginning of prompts, that is no secret: its",
        "KV is shared by all tenants, and no other is. May be given several times."
      })
  private List<Path> sharedPrompts = List.of();

  @Option(
      names = "--drain-seconds",
      paramLabel = "N",
      converter = PositiveInt.class,
      description = "How long running answers may go on once told to stop. Default: 60.")
  private int drainSeconds = 60;

  @Option(
      names = "--until-stdin-ends",
      hidden = true,
      description = "End in good order when standard input does: so no worker outlives krafla up.")
  private boolean untilStdinEnds;

  @Mixin private LedgerOptions ledgerOptions = new LedgerOptions();

  @Mixin private SchedulingOptions schedulingOptions = new SchedulingOptions();

  @Mixin private EngineOptions engineOptions = new EngineOptions();
  @Mixin private DraftOption draftOption = new DraftOption();
  @Mixin private KvDiskOptions kvDisk = new KvDiskOptions();
  @Mixin private TransferOptions transfer = new TransferOptions();
  @Mixin private SeveralModels several = new SeveralModels();
  @Mixin private KvRemoteOptions kvRemote = new KvRemoteOptions();

  ServeCommand(CliContext context, StopSignal stop) {
    this.context = context;
    this.stop = stop;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    long started = System.nanoTime();
    if (untilStdinEnds) {
      stop.requestAtEndOf(System.in);
    }
    WorkerConfig address = workerConfig();
    requireFree(address);
    Optional<RemoteConfig> remote = kvRemote.config(context.environment());
    Optional<LedgerFile> ledger = ledgerOptions.open();
    try {
      if (models.size() > 1) {
        serveSeveral(address, ledger, remote, started);
      } else {
        serve(address, ledger, remote, started);
      }
    } finally {
      ledger.ifPresent(LedgerFile::close); // after the engine: it has the last request, too
    }
    return 0;
  }

  private void serve(
      WorkerConfig address,
      Optional<LedgerFile> ledger,
      Optional<RemoteConfig> remote,
      long started)
      throws InterruptedException, IOException {
    List<String> shared = sharedTexts();
    LocalModel local = context.models().get(models.getFirst(), context.progress());
    try (OpenModel open = warm(OpenModel.load(local, engineOptions, context));
        DraftOption.Open draft = draftOption.open(open, engineOptions, context);
        Engine engine =
            EngineOptions.start(
                open,
                draft
                    .configure(engineConfig(remote))
                    .withSharedPrefixes(SharedPrompts.of(open.served(name(local)), shared)));
        Worker worker = start(address, engine, open)) {
      ledger.ifPresent(
          file -> ledgerOptions.record(engine, file, name(local), worker.url().getAuthority()));
      stop.heed();
      var notice =
          new ServeNotice(
              worker.url(),
              open,
              engine,
              engineOptions.kvType(),
              kvDisk.folder(context.home()),
              remote.map(RemoteConfig::address));
      notice.print(context.output(), name(local), Duration.ofNanos(System.nanoTime() - started));
      warnOfOpenDoor(address);
      stop.await();
      draining().run(engine.stats().running() + engine.stats().waiting(), worker::drain);
    }
  }

  private void serveSeveral(
      WorkerConfig address,
      Optional<LedgerFile> ledger,
      Optional<RemoteConfig> remote,
      long started)
      throws InterruptedException, IOException {
    if (id != null || transfer.isUsed() || draftOption.isUsed()) {
      throw new UserError(
          "--id, --role and --draft-model are of one model; give one, or leave the option out");
    }
    List<String> shared = sharedTexts();
    var local = new ArrayList<LocalModel>();
    for (String name : models) {
      local.add(context.models().get(name, context.progress()));
    }
    var start =
        new SeveralModels.Start(
            engineOptions,
            context,
            open -> severalConfig(remote, open, shared),
            (engine, name) ->
                ledger.ifPresent(file ->
                    ledgerOptions.record(
                        engine, file, name, address.host() + ":" + address.port())));
    try (ModelPool pool = several.pool(local, start)) {
      loadFirst(pool, local);
      try (Worker worker = start(address, pool)) {
        stop.heed();
        SeveralNotice.print(
            context.output(), worker.url(), pool, Duration.ofNanos(System.nanoTime() - started));
        warnOfOpenDoor(address);
        stop.await();
        draining().run(pool.requests(), worker::drain);
      }
    }
  }

  private void loadFirst(ModelPool pool, List<LocalModel> local) {
    try {
      several.loadFirst(pool, local);
    } catch (IllegalStateException e) {
      throw new UserError(String.valueOf(e.getMessage()), e);
    }
  }

  private EngineConfig severalConfig(
      Optional<RemoteConfig> remote, OpenModel open, List<String> shared) {
    try {
      return engineConfig(remote)
          .withSharedPrefixes(SharedPrompts.of(open.served(name(open.source())), shared));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> sharedTexts() throws IOException {
    var texts = new ArrayList<String>();
    for (Path file : sharedPrompts) {
      if (!Files.isReadable(file)) {
        throw new UserError("--shared-prompt %s cannot be read".formatted(file));
      }
      String text = Files.readString(file).strip();
      if (text.isEmpty()) {
        throw new UserError("--shared-prompt %s is empty".formatted(file));
      }
      texts.add(text);
    }
    return texts;
  }

  private OpenModel warm(OpenModel open) {
    WarmUp.run(open, engineOptions.engineConfig());
    return open;
  }

  private String name(LocalModel local) {
    return id == null ? local.name() : id;
  }

  private EngineConfig engineConfig(Optional<RemoteConfig> remote) throws IOException {
    EngineConfig config =
        engineOptions
            .engineConfig()
            .withMaxSequences(maxSequences)
            .withMaxQueued(maxQueued)
            .withScheduling(schedulingOptions.policy());
    config = transfer.configure(config, host, context.environment());
    var stores = new ArrayList<KvStore>(); // nearest first
    kvDisk.open(context.home()).ifPresent(stores::add);
    remote.map(RemoteStore::open).ifPresent(stores::add);
    return config.withKvStores(stores.toArray(KvStore[]::new));
  }

  private WorkerConfig workerConfig() throws IOException {
    if (port < 0 || port > 65_535) {
      throw new UserError("--port is %d; it must be 0 to 65535".formatted(port));
    }
    return WorkerConfig.DEFAULTS.at(host, port).withApiKey(ApiKeys.read(apiKeyFile, context));
  }

  /** A taken port is better known before a large model is loaded than after. */
  private static void requireFree(WorkerConfig address) throws IOException {
    InetAddress where;
    try {
      where = InetAddress.getByName(address.host());
    } catch (IOException e) {
      throw new UserError("--host %s is no address of this machine".formatted(address.host()), e);
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(where, address.port()));
    } catch (IOException e) {
      throw cannotListen(address, String.valueOf(e.getMessage()), e);
    }
  }

  private Worker start(WorkerConfig address, Engine engine, OpenModel open) {
    try {
      return Worker.start(address, engine, open.served(name(open.source())));
    } catch (IllegalStateException e) {
      throw cannotListen(address, String.valueOf(e.getMessage()), e);
    }
  }

  private Worker start(WorkerConfig address, ModelPool pool) {
    try {
      return Worker.start(address, pool);
    } catch (IllegalStateException e) {
      throw cannotListen(address, String.valueOf(e.getMessage()), e);
    }
  }

  private static UserError cannotListen(WorkerConfig address, String why, Exception cause) {
    return new UserError(
        "cannot listen at %s port %d (%s); name another with --port, or 0 for any free one"
            .formatted(address.host(), address.port(), why),
        cause);
  }

  private void warnOfOpenDoor(WorkerConfig address) throws IOException {
    boolean local = InetAddress.getByName(address.host()).isLoopbackAddress();
    if (!local && address.apiKey().isEmpty()) {
      context
          .output()
          .note(
              "No key is asked for: whoever reaches %s can use it. To ask for one, set"
                      .formatted(address.host())
                  + " KRAFLA_API_KEY or --api-key-file.");
    }
  }

  private Draining draining() {
    return new Draining(stop, context.output(), Duration.ofSeconds(drainSeconds));
  }
}

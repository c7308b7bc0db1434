package dev.krafla.serving.proxy;

import dev.krafla.serving.replica.NixlPull;
import dev.krafla.serving.replica.Replica;
import dev.krafla.serving.replica.ReplicaPool;
import dev.krafla.serving.replica.ReplicaPool.Chosen;
import dev.krafla.serving.replica.ReplicaRole;
import dev.krafla.serving.replica.SglangBootstrap;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/**
 * Has prompts computed by other replicas than those that answer. Where that cannot be, or fails, or
 * would not pay because little of the prompt is to be computed, the decode replica does it itself;
 * SGLang's cannot, so for them a failed prefill is a failed try.
 */
final class RemotePrefill {
  private static final System.Logger LOG = System.getLogger(RemotePrefill.class.getName());
  private static final int OK = 200;
  private static final int MAX_ANSWER = 1 << 20;
  private static final int TRIES = 2;

  private final ReplicaPool pool;
  private final Upstream upstream;
  private final int minTokens;
  private final ProxyMetrics metrics;
  private final SecureRandom rooms = new SecureRandom();

  RemotePrefill(ReplicaPool pool, Upstream upstream, int minTokens, ProxyMetrics metrics) {
    this.pool = pool;
    this.upstream = upstream;
    this.minTokens = minTokens;
    this.metrics = metrics;
  }

  /** What the decode replica gets. */
  static final class Plan {
    private final byte[] decodeBody;
    private final boolean blocksAreHeld;
    private final Optional<Running> running;

    private Plan(byte[] decodeBody, boolean blocksAreHeld, Optional<Running> running) {
      this.decodeBody = decodeBody;
      this.blocksAreHeld = blocksAreHeld;
      this.running = running;
    }

    static Plan local(Ask ask) {
      return new Plan(ask.bytes(), false, Optional.empty());
    }

    byte[] decodeBody() {
      return decodeBody;
    }

    /**
     * Whether a prefill replica holds blocks until they are fetched, so that nobody may break the
     * decode replica off before its first token.
     */
    boolean blocksAreHeld() {
      return blocksAreHeld;
    }

    /** Runs {@code action} with the reason when a prefill that runs beside the decode fails. */
    void whenPrefillFails(Consumer<String> action) {
      running.ifPresent(r -> r.watch(action));
    }
  }

  /** Decides for a request that {@code decode} will answer, and waits for a prefill if need be. */
  Plan plan(ProxyCall call, Ask ask, Chosen decode) throws IOException {
    if (decode.replica().spec().role() != ReplicaRole.DECODE || !ask.path().generates()) {
      return Plan.local(ask);
    }
    return switch (decode.replica().spec().adapter().handOff().orElseThrow()) {
      case NixlPull _ -> pull(call, ask, decode);
      case SglangBootstrap _ -> bootstrap(call, ask, decode.replica());
    };
  }

  private Plan pull(ProxyCall call, Ask ask, Chosen decode) {
    if (decode.ticket().uncachedTokens() < minTokens) {
      metrics.prefill("not_worth_it");
      return Plan.local(ask);
    }
    Set<Replica> tried = new HashSet<>();
    for (int i = 0; i < TRIES; i++) {
      Optional<Chosen> prefill = choosePrefill(ask, decode.replica(), tried);
      if (prefill.isEmpty()) {
        metrics.prefill("no_replica");
        return Plan.local(ask);
      }
      tried.add(prefill.get().replica());
      Optional<ObjectNode> params = prefill(call, ask, prefill.get());
      if (params.isPresent()) {
        metrics.prefill("remote");
        return new Plan(NixlPull.decodeBody(ask.bytes(), params.get()), true, Optional.empty());
      }
      call.connection().requireClient();
    }
    metrics.prefill("failed");
    return Plan.local(ask);
  }

  private Optional<Chosen> choosePrefill(Ask ask, Replica decode, Set<Replica> tried) {
    return pool.choose(
        ask.routing(),
        replica ->
            replica.spec().role() == ReplicaRole.PREFILL
                && replica.spec().adapter().equals(decode.spec().adapter())
                && ask.model().map(replica::serves).orElse(true)
                && !tried.contains(replica));
  }

  /** Where the blocks of {@code ask}'s prompt lie now; empty where that failed. */
  private Optional<ObjectNode> prefill(ProxyCall call, Ask ask, Chosen chosen) {
    Replica replica = chosen.replica();
    byte[] body = Json.writeBytes(NixlPull.prefillBody(ask.json()));
    try (UpstreamCall sent =
        upstream.post(replica, ask.path().text(), ask.headers(), call.id(), body)) {
      call.connection().whenGone(sent::cancel);
      HttpResponse<InputStream> answer = sent.answer();
      byte[] bytes = answer.body().readNBytes(MAX_ANSWER);
      replica.circuit().succeeded();
      chosen.ticket().begun();
      if (answer.statusCode() != OK) {
        LOG.log(
            System.Logger.Level.WARNING,
            "prefill replica {0} answers {1}; the decode replica computes the prompt",
            replica,
            answer.statusCode());
        return Optional.empty();
      }
      return NixlPull.params(Json.parseObject(bytes));
    } catch (IOException | InvalidBody e) {
      if (call.connection().isGone()) {
        replica.circuit().abandoned();
      } else {
        replica.circuit().failed();
        LOG.log(
            System.Logger.Level.WARNING,
            "prefill replica {0} failed ({1}); the decode replica computes the prompt",
            replica,
            e.getMessage());
      }
      return Optional.empty();
    } finally {
      call.connection().forget();
      chosen.ticket().ended();
    }
  }

  private Plan bootstrap(ProxyCall call, Ask ask, Replica decode) throws IOException {
    Optional<Chosen> prefill = choosePrefill(ask, decode, Set.of());
    if (prefill.isEmpty()) {
      metrics.prefill("no_replica");
      throw new IOException("no prefill replica takes requests, and this kind needs one");
    }
    Replica replica = prefill.get().replica();
    byte[] body =
        SglangBootstrap.body(
            ask.bytes(),
            replica.spec().url().getHost(),
            replica.spec().bootstrapPort().orElse(SglangBootstrap.DEFAULT_PORT),
            rooms.nextLong(Long.MAX_VALUE));
    var running = new Running(prefill.get());
    UpstreamCall sent = upstream.post(replica, ask.path().text(), ask.headers(), call.id(), body);
    Thread.ofVirtual().name("prefill " + call.id()).start(() -> running.run(sent, metrics));
    return new Plan(body, true, Optional.of(running));
  }

  /** A prefill beside its decode; it is never broken off, whatever becomes of the decode. */
  private static final class Running {
    private final Chosen chosen;
    private Optional<String> failure = Optional.empty(); // guarded by this
    private Optional<Consumer<String>> watcher = Optional.empty(); // guarded by this

    Running(Chosen chosen) {
      this.chosen = chosen;
    }

    synchronized void watch(Consumer<String> action) {
      watcher = Optional.of(action);
      failure.ifPresent(action);
    }

    private synchronized void fail(String reason) {
      failure = Optional.of(reason);
      watcher.ifPresent(action -> action.accept(reason));
    }

    void run(UpstreamCall sent, ProxyMetrics metrics) {
      Replica replica = chosen.replica();
      try (sent) {
        HttpResponse<InputStream> answer = sent.answer();
        byte[] piece = new byte[1 << 14];
        int n = 0;
        while (n >= 0) {
          n = sent.read(piece); // its answer is the decode replica's, too
        }
        if (answer.statusCode() == OK) {
          replica.circuit().succeeded();
          chosen.ticket().begun();
          metrics.prefill("remote");
        } else {
          metrics.prefill("failed");
          fail("prefill replica %s answers %d".formatted(replica, answer.statusCode()));
        }
      } catch (IOException e) {
        replica.circuit().failed();
        metrics.prefill("failed");
        fail("prefill replica %s failed: %s".formatted(replica, e.getMessage()));
      } finally {
        chosen.ticket().ended();
      }
    }
  }
}

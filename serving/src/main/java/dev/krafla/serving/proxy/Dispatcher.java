package dev.krafla.serving.proxy;

import dev.krafla.serving.replica.Replica;
import dev.krafla.serving.replica.ReplicaPool;
import dev.krafla.serving.replica.ReplicaPool.Chosen;
import dev.krafla.serving.replica.ReplicaRole;
import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Sends a request to a replica, and to another where that one fails before anything of an answer
 * was sent. Answers that ask for another try (429, 502, 503, 504) are passed on when there is no
 * other replica left; all other answers, errors too, are the replica's word and final.
 */
final class Dispatcher {
  private static final int TOO_MANY_REQUESTS = 429;

  /** The replica is not well: its circuit counts these. */
  private static final Set<Integer> UNWELL = Set.of(502, 503, 504);

  private final ReplicaPool pool;
  private final Upstream upstream;
  private final RemotePrefill remotePrefill;
  private final TokenLookup tokens;
  private final ProxyConfig config;
  private final ProxyMetrics metrics;

  Dispatcher(ReplicaPool pool, Upstream upstream, ProxyConfig config, ProxyMetrics metrics) {
    this.pool = pool;
    this.upstream = upstream;
    this.config = config;
    this.metrics = metrics;
    this.tokens = new TokenLookup(pool, upstream, metrics);
    this.remotePrefill = new RemotePrefill(pool, upstream, config.minRemoteTokens(), metrics);
  }

  /** How a try at one replica ended. */
  private sealed interface Tried {
    /** The client has its answer, or what there will be of it. */
    record Answered() implements Tried {}

    /** The replica answered that another should be tried. */
    record SentAway(HttpResponse<?> answer, byte[] body, String replica) implements Tried {}

    /** The replica failed before it answered. */
    record Failed(String replica, String reason) implements Tried {}
  }

  /** Returns once the answer is out. */
  void dispatch(ProxyCall call, Ask asked) {
    Ask ask = tokens.withTokens(call, asked);
    Set<Replica> tried = new HashSet<>();
    List<Tried.Failed> failures = new ArrayList<>();
    Optional<Tried.SentAway> sentAway = Optional.empty();
    for (int attempt = 0; attempt < config.maxAttempts(); attempt++) {
      Optional<Chosen> chosen = choose(ask, tried);
      if (chosen.isEmpty()) {
        break;
      }
      tried.add(chosen.get().replica());
      switch (attempt(call, ask, chosen.get())) {
        case Tried.Answered _ -> {
          return;
        }
        case Tried.SentAway away -> sentAway = Optional.of(away);
        case Tried.Failed failed -> failures.add(failed);
      }
    }
    if (sentAway.isPresent()) {
      Tried.SentAway last = sentAway.get();
      call.answerAs(last.answer.statusCode(), last.answer.headers(), last.replica);
      call.send(last.body);
      return;
    }
    throw failures.isEmpty() ? nobody(ask) : failed(failures);
  }

  private Optional<Chosen> choose(Ask ask, Set<Replica> tried) {
    long start = System.nanoTime();
    Optional<Chosen> chosen =
        pool.choose(
            ask.routing(),
            replica ->
                !tried.contains(replica)
                    && ask.model().map(replica::serves).orElse(true)
                    && (replica.spec().role() != ReplicaRole.PREFILL || !ask.path().generates()));
    metrics.picked(System.nanoTime() - start);
    return chosen;
  }

  private Tried attempt(ProxyCall call, Ask ask, Chosen chosen) {
    Replica replica = chosen.replica();
    try {
      RemotePrefill.Plan plan = remotePrefill.plan(call, ask, chosen);
      try (UpstreamCall sent =
          upstream.post(replica, ask.path().text(), ask.headers(), call.id(), plan.decodeBody())) {
        plan.whenPrefillFails(sent::giveUp);
        call.connection().whenGone(plan.blocksAreHeld() ? sent::cancelOnceBegun : sent::cancel);
        return relay(call, ask, chosen, sent);
      }
    } catch (IOException e) {
      if (call.connection().isGone()) {
        replica.circuit().abandoned();
        throw new CloseConnectionException("the client left before its answer");
      }
      replica.circuit().failed();
      metrics.failed(replica, "unreachable");
      return new Tried.Failed(replica.toString(), String.valueOf(e.getMessage()));
    } catch (UncheckedIOException | CloseConnectionException e) { // the client is gone
      replica.circuit().abandoned();
      metrics.failed(replica, "client_left");
      throw e;
    } finally {
      call.connection().forget();
      chosen.ticket().ended();
    }
  }

  private Tried relay(ProxyCall call, Ask ask, Chosen chosen, UpstreamCall sent)
      throws IOException {
    Replica replica = chosen.replica();
    long start = System.nanoTime();
    HttpResponse<InputStream> answer = sent.answer();
    int status = answer.statusCode();
    if (status == TOO_MANY_REQUESTS || UNWELL.contains(status)) {
      byte[] body = answer.body().readNBytes(1 << 20);
      if (status == TOO_MANY_REQUESTS) {
        replica.circuit().succeeded();
      } else {
        replica.circuit().failed();
      }
      metrics.failed(replica, "status_" + status);
      return new Tried.SentAway(answer, body, replica.toString());
    }
    var seen = new AtomicBoolean();
    try {
      Relay.copy(
          sent,
          answer,
          call,
          replica.toString(),
          () -> {
            chosen.ticket().begun();
            if (!seen.getAndSet(true)) {
              metrics.firstByte(System.nanoTime() - start);
            }
          });
      replica.circuit().succeeded();
      metrics.answered(replica, ask, chosen.ticket());
    } catch (Relay.BrokeWithinAnswer e) {
      call.connection().requireClient(); // where the client left, it was broken off for that
      replica.circuit().failed();
      metrics.failed(replica, "broke_off");
      brokeOff(call, ask, replica, e);
    }
    return new Tried.Answered();
  }

  private static void brokeOff(
      ProxyCall call, Ask ask, Replica replica, Relay.BrokeWithinAnswer failure) {
    Refusal why =
        Refusal.badGateway(
            "replica %s broke off within its answer (%s); ask again"
                .formatted(replica, failure.getMessage()));
    if (ask.stream()) {
      call.failEvents(why);
    } else {
      throw new CloseConnectionException(why.getMessage()); // a body that ends early says it all
    }
  }

  private static Refusal failed(List<Tried.Failed> failures) {
    List<String> each = failures.stream().map(f -> f.replica + ": " + f.reason).toList();
    return Refusal.badGateway(
        "%d of the replicas were tried and failed (%s); look at them, or ask again"
            .formatted(failures.size(), String.join("; ", each)));
  }

  /** Why nobody takes a request. */
  private Refusal nobody(Ask ask) {
    List<Replica> all = pool.replicas();
    List<Replica> ready = all.stream().filter(r -> r.health().ready()).toList();
    if (ask.model().isPresent()
        && !ready.isEmpty()
        && ready.size() == all.size()
        && ready.stream().noneMatch(r -> r.serves(ask.model().get()))) {
      Set<String> served = new TreeSet<>();
      ready.forEach(r -> served.addAll(r.health().models()));
      return Refusal.modelNotFound(
          "the model '%s' is served by no replica; there is %s"
              .formatted(ask.model().get(), String.join(", ", served)));
    }
    List<String> each = all.stream().map(r -> r + ": " + whyNot(r, ask)).toList();
    return Refusal.noReplicaReady(
        "none of %d replicas takes this request%s; start one, or try again later"
            .formatted(all.size(), each.isEmpty() ? "" : " (" + String.join("; ", each) + ")"));
  }

  private static String whyNot(Replica replica, Ask ask) {
    if (!replica.health().ready()) {
      return replica.health().reason();
    }
    if (!replica.circuit().admits()) {
      return "it failed several times in a row and is left alone for a moment";
    }
    if (ask.model().isPresent() && !replica.serves(ask.model().get())) {
      return "it does not serve " + ask.model().get();
    }
    return "it only computes prompts";
  }
}

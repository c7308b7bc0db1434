package dev.krafla.gateway.server;

import dev.krafla.gateway.Caller;
import dev.krafla.gateway.Endpoint;
import dev.krafla.gateway.Gatekeeper;
import dev.krafla.gateway.GatewayRefusal;
import dev.krafla.gateway.Reservation;
import dev.krafla.gateway.Spending;
import dev.krafla.gateway.route.FailureKind;
import dev.krafla.gateway.route.Route;
import dev.krafla.gateway.route.Routing;
import dev.krafla.gateway.route.Target;
import dev.krafla.gateway.route.TargetHealth;
import dev.krafla.gateway.upstream.AnswerHead;
import dev.krafla.gateway.upstream.Upstream;
import dev.krafla.gateway.upstream.UpstreamCall;
import dev.krafla.gateway.upstream.UpstreamException;
import dev.krafla.serving.http.RefusedCall;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Sse;
import dev.krafla.wire.Unsupported;
import dev.krafla.wire.generation.Usage;
import io.helidon.webserver.CloseConnectionException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One request from the choice of its targets to the settlement: asks one target after another until
 * one answers, passes that answer on and settles what it took.
 */
final class Exchange {
  private static final int OK = 200;
  private static final int LONGEST_ERROR = 1 << 20;

  private final Upstream upstream;
  private final Gatekeeper gatekeeper;
  private final GatewayMetrics metrics;
  private final Routing routing;
  private final GatewayCall call;
  private final Ask ask;
  private final Caller caller;
  private final long begun;

  /**
   * @param begun by {@link System#nanoTime}
   */
  Exchange(
      Upstream upstream,
      Gatekeeper gatekeeper,
      GatewayMetrics metrics,
      Routing routing,
      GatewayCall call,
      Ask ask,
      Caller caller,
      long begun) {
    this.upstream = upstream;
    this.gatekeeper = gatekeeper;
    this.metrics = metrics;
    this.routing = routing;
    this.call = call;
    this.ask = ask;
    this.caller = caller;
    this.begun = begun;
  }

  /** Targets that may be asked, and what was set aside for the dearest of them. */
  private record Reserved(List<Target> targets, Reservation reservation) {}

  /** Returns once the answer is out. */
  void run() {
    Route route = route();
    List<Target> ordered =
        routing
            .routes()
            .order(
                route,
                ask.session(),
                target -> Cost.most(ask, target, routing.pricing()),
                ThreadLocalRandom.current());
    Reserved reserved = reserve(route, speaking(route, ordered));
    try (Reservation reservation = reserved.reservation) {
      askInTurn(route, reserved.targets, reservation);
    }
  }

  private Route route() {
    return routing
        .routes()
        .find(ask.model())
        .orElseThrow(() ->
            Refusal.modelNotFound(
                "the model '%s' is not known here; GET /v1/models lists what there is"
                    .formatted(ask.model())));
  }

  /** Those that have the endpoint, or another one into which it can be translated. */
  private List<Target> speaking(Route route, List<Target> ordered) {
    List<Target> able = ordered.stream().filter(t -> endpoint(t).isPresent()).toList();
    if (able.isEmpty()) {
      throw Refusal.unsupported(
          "model",
          "the model '%s' cannot be asked at %s; no provider of it has that"
              .formatted(route.name(), ask.endpoint().path()));
    }
    return able;
  }

  private Optional<Endpoint> endpoint(Target target) {
    return target.provider().speaks().contains(ask.endpoint())
        ? Optional.of(ask.endpoint())
        : Translation.instead(ask.endpoint(), target);
  }

  /** How it is asked there. */
  private Conversation conversation(Target target) {
    Endpoint there = endpoint(target).orElseThrow();
    return there == ask.endpoint()
        ? new PassThrough(ask, target)
        : Translation.of(ask, target, there);
  }

  private Reserved reserve(Route route, List<Target> targets) {
    List<Target> left = targets;
    while (true) {
      try {
        return new Reserved(
            left, gatekeeper.reserve(caller, Cost.most(ask, left, routing.pricing())));
      } catch (GatewayRefusal refusal) {
        left = cheaper(left);
        if (left.isEmpty()
            || !route.fallbackOn().contains(FailureKind.BUDGET)
            || !refusal.body().code().orElse("").contains("budget")) {
          throw refusal;
        }
      }
    }
  }

  /** All but the dearest. */
  private List<Target> cheaper(List<Target> targets) {
    long dearest =
        targets.stream().mapToLong(t -> Cost.most(ask, t, routing.pricing())).max().orElse(0);
    return targets.stream().filter(t -> Cost.most(ask, t, routing.pricing()) < dearest).toList();
  }

  private void askInTurn(Route route, List<Target> targets, Reservation reservation) {
    Set<Target> tried = new HashSet<>();
    List<Tried.Failed> failures = new ArrayList<>();
    for (int attempt = 0; attempt < route.attempts(); attempt++) {
      Optional<Target> next = routing.routes().enter(targets, tried);
      if (next.isEmpty()) {
        break;
      }
      tried.add(next.get());
      Tried ended;
      try {
        ended = ask(route, next.get(), reservation);
      } catch (Unsupported e) {
        if (tried.size() == targets.size() && failures.isEmpty()) {
          throw e;
        }
        continue; // another may have words for it
      }
      switch (ended) {
        case Tried.Answered _ -> {
          return;
        }
        case Tried.Failed failed -> {
          failures.add(failed);
          metrics.failed(failed.target(), failed.kind());
          if (!route.fallbackOn().contains(failed.kind())) {
            attempt = route.attempts();
          }
        }
      }
    }
    reservation.close(); // before the client can ask what it cost
    giveUp(targets, failures);
  }

  private void giveUp(List<Target> targets, List<Tried.Failed> failures) {
    if (failures.isEmpty()) {
      throw nobody(targets);
    }
    Tried.Failed last = failures.getLast();
    if (last.answer().isPresent()) {
      Tried.Said said = last.answer().get();
      said.retryAfter().ifPresent(call::retryAfter);
      call.answerAs(said.status(), said.contentType(), last.target().id());
      call.send(said.body());
      return;
    }
    List<String> each = failures.stream().map(f -> f.target().id() + ": " + f.reason()).toList();
    String message =
        "%s asked and gave no answer (%s); ask again, or another model"
            .formatted(
                failures.size() == 1 ? "one provider was" : failures.size() + " providers were",
                String.join("; ", each));
    throw last.kind() == FailureKind.TIMEOUT
        ? Refusal.gatewayTimeout(message)
        : Refusal.badGateway(message);
  }

  private RefusedCall nobody(List<Target> targets) {
    Duration pause =
        targets.stream()
            .map(t -> routing.routes().health(t).pause())
            .min(Duration::compareTo)
            .orElse(Duration.ZERO);
    return Refusal.nobodyReady(
        "none of the %d providers of '%s' takes requests now: each has failed several times in a row or asked for a pause; try again later"
            .formatted(targets.size(), ask.model()),
        pause);
  }

  /** Asks one target, which was entered. */
  private Tried ask(Route route, Target target, Reservation reservation) {
    TargetHealth health = routing.routes().health(target);
    boolean told = false;
    Conversation conversation;
    try {
      conversation = conversation(target);
    } catch (Unsupported | InvalidBody e) {
      health.abandoned();
      throw e;
    }
    try (UpstreamCall sent = upstream.call(target.provider().origin(), route.patience())) {
      call.connection().whenGone(() -> sent.cancel("the client left"));
      long start = System.nanoTime();
      metrics.sentOn(start - begun);
      AnswerHead head =
          sent.post(
              target.provider().path(conversation.endpoint()),
              target.provider().headerLines() + "X-Request-Id: " + call.id() + "\r\n",
              conversation.body());
      if (head.status() != OK) {
        Tried tried = refused(target, conversation, health, head, sent, reservation);
        told = true;
        return tried;
      }
      boolean whole = true;
      if (ask.stream()) {
        whole = relayEvents(target, conversation, head, sent, reservation, start);
      } else {
        relayWhole(target, conversation, head, sent, reservation, start);
      }
      if (whole) {
        health.succeeded();
      } else {
        health.failed();
      }
      told = true;
      return new Tried.Answered();
    } catch (UpstreamException e) {
      call.connection().requireClient(); // where the client left, it was broken off for that
      health.failed();
      told = true;
      return failed(target, ProviderAnswer.failure(e.reason()), e.getMessage());
    } catch (Relay.Garbled e) {
      health.failed();
      told = true;
      return failed(target, FailureKind.SERVER_ERROR, e.getMessage());
    } finally {
      call.connection().forget();
      if (!told) {
        health.abandoned();
      }
    }
  }

  private static Tried failed(Target target, FailureKind kind, @Nullable String reason) {
    return new Tried.Failed(target, kind, String.valueOf(reason), Optional.empty());
  }

  /** The provider answered with an error. */
  private Tried refused(
      Target target,
      Conversation conversation,
      TargetHealth health,
      AnswerHead head,
      UpstreamCall sent,
      Reservation reservation)
      throws UpstreamException, Relay.Garbled {
    byte[] body = Relay.whole(sent);
    int status = head.status();
    Optional<Duration> rest =
        status == 429 || status == 503
            ? ProviderAnswer.rest(head, Instant.now())
            : Optional.empty();
    if (rest.isPresent()) {
      health.asksForRest(rest.get());
    } else if (ProviderAnswer.unwell(status)) {
      health.failed();
    } else {
      health.succeeded();
    }
    boolean json = head.mediaType().endsWith("json") && body.length <= LONGEST_ERROR;
    Optional<Tried.Said> said =
        Optional.of(
                new Tried.Said(
                    status,
                    "application/json",
                    conversation.error(status, body),
                    head.first("Retry-After").map(String::strip)))
            .filter(_ -> json);
    Optional<FailureKind> failure = ProviderAnswer.failure(status, body);
    if (failure.isPresent() || said.isEmpty()) {
      FailureKind kind = failure.orElse(FailureKind.SERVER_ERROR);
      // What a provider says of the gateway's own key is none of the client's business.
      boolean fit = kind != FailureKind.KEY_REFUSED && (status < 300 || status >= 400);
      String reason =
          kind == FailureKind.KEY_REFUSED
              ? "it refuses the gateway's own key (status %d); the operator has to look at it"
                  .formatted(status)
              : "it answered with status %d".formatted(status);
      return new Tried.Failed(target, kind, reason, said.filter(_ -> fit));
    }
    reservation.close();
    call.answerAs(status, said.get().contentType(), target.id());
    call.send(said.get().body());
    return new Tried.Answered();
  }

  private void relayWhole(
      Target target,
      Conversation conversation,
      AnswerHead head,
      UpstreamCall sent,
      Reservation reservation,
      long start)
      throws UpstreamException, Relay.Garbled {
    String type = head.mediaType();
    if (!type.endsWith("json")) {
      throw new Relay.Garbled(
          "it answered with '%s' where JSON was expected".formatted(shown(type)));
    }
    byte[] answer = Relay.whole(sent);
    Conversation.Whole whole = conversation.whole(answer);
    metrics.firstByte(target, System.nanoTime() - start);
    Usage usage = whole.usage().orElseGet(() -> Cost.guessed(ask, answer.length / 4));
    settle(target, usage, whole.usage().isEmpty(), reservation); // before the client can ask
    call.answerAs(OK, "application/json", target.id());
    call.omitted(conversation.omitted());
    call.send(whole.body());
  }

  /** Whether all of it came. */
  private boolean relayEvents(
      Target target,
      Conversation conversation,
      AnswerHead head,
      UpstreamCall sent,
      Reservation reservation,
      long start)
      throws UpstreamException, Relay.Garbled {
    String type = head.mediaType();
    if (!type.equals(Sse.CONTENT_TYPE)) {
      throw new Relay.Garbled(
          "it answered with '%s' where a stream was asked for".formatted(shown(type)));
    }
    EventPipe pipe = conversation.events();
    try {
      Relay.events(
          sent,
          pipe,
          (bytes, from, length) -> {
            if (!call.begun()) {
              metrics.firstByte(target, System.nanoTime() - start);
              call.answerAs(OK, head.first("Content-Type").orElse(Sse.CONTENT_TYPE), target.id());
              call.omitted(conversation.omitted());
            }
            call.write(bytes, from, length);
          });
    } catch (UpstreamException e) {
      brokeOff(target, pipe, reservation, e, String.valueOf(e.getMessage()));
      return false;
    } catch (Relay.Garbled e) {
      brokeOff(target, pipe, reservation, e, String.valueOf(e.getMessage()));
      return false;
    } catch (UncheckedIOException | CloseConnectionException e) {
      left(target, pipe, reservation);
      throw e;
    }
    if (!pipe.complete()) {
      String reason = "its stream ended before its last event";
      brokeOff(target, pipe, reservation, new Relay.Garbled(reason), reason);
      return false;
    }
    settle(target, pipe, reservation);
    call.end();
    return true;
  }

  /** Within a stream: another target can take over only where nothing was sent. */
  private <E extends Exception> void brokeOff(
      Target target, EventPipe pipe, Reservation reservation, E failure, String reason) throws E {
    if (call.connection().isGone()) {
      left(target, pipe, reservation);
      throw new CloseConnectionException("the client left before its answer");
    }
    if (!call.begun()) {
      throw failure;
    }
    metrics.brokeOff(target, "broke_off");
    settle(target, pipe, reservation);
    Refusal why =
        Refusal.badGateway(
            "%s broke off within its answer: %s; ask again".formatted(target.id(), reason));
    byte[] events = WireErrors.events(ask.endpoint(), why.status(), why.body());
    call.write(events, 0, events.length);
    call.end();
  }

  private void left(Target target, EventPipe pipe, Reservation reservation) {
    metrics.brokeOff(target, "client_left");
    if (pipe.events() > 0) {
      settle(target, pipe, reservation);
    }
  }

  private void settle(Target target, EventPipe pipe, Reservation reservation) {
    Optional<Usage> told = pipe.usage().filter(_ -> pipe.complete());
    settle(
        target,
        told.orElseGet(() ->
            UsageReader.merge(pipe.usage().orElse(Usage.NONE), Cost.guessed(ask, pipe.events()))),
        told.isEmpty(),
        reservation);
  }

  private void settle(Target target, Usage usage, boolean guessed, Reservation reservation) {
    Spending spent = Cost.spent(target, usage, routing.pricing());
    reservation.settle(spent);
    metrics.answered(target, spent, guessed);
  }

  private static String shown(String type) {
    return type.length() > 80 ? type.substring(0, 80) + "…" : type;
  }
}

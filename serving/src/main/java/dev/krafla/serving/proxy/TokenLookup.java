package dev.krafla.serving.proxy;

import dev.krafla.serving.replica.Replica;
import dev.krafla.serving.replica.ReplicaPool;
import dev.krafla.serving.route.RouteRequest;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The token ids of a prompt, asked of a replica: what replicas tell of their caches is told by
 * tokens. It costs a round trip, so it is asked for only where a replica that serves the model
 * tells of its cache, and the prompt is long; where it fails, the text must do.
 */
final class TokenLookup {
  private static final System.Logger LOG = System.getLogger(TokenLookup.class.getName());
  private static final int OK = 200;

  /** Shorter prompts are computed about as fast as looked up: 256 tokens or so. */
  private static final int MIN_TOKENS = 256;

  private static final int MAX_ANSWER = 64 << 20;

  private final ReplicaPool pool;
  private final Upstream upstream;
  private final ProxyMetrics metrics;

  TokenLookup(ReplicaPool pool, Upstream upstream, ProxyMetrics metrics) {
    this.pool = pool;
    this.upstream = upstream;
    this.metrics = metrics;
  }

  /** {@code ask}, with keys over token ids where that pays. */
  Ask withTokens(ProxyCall call, Ask ask) {
    if (!ask.path().generates()
        || ask.routing().promptTokens() < MIN_TOKENS
        || PromptKeys.hasTokens(ask.json())) {
      return ask;
    }
    List<Replica> telling =
        pool.replicas().stream()
            .filter(r -> r.spec().events().isPresent())
            .filter(r -> r.takesRequests() && ask.model().map(r::serves).orElse(true))
            .sorted(Comparator.comparingInt(pool::running))
            .toList();
    for (Replica replica : telling) {
      Optional<ObjectNode> body =
          replica.spec().adapter().tokenizeBody(ask.json(), ask.path() == Ask.Path.CHAT);
      if (body.isPresent()) {
        return tokens(call, ask, replica, body.get()).map(ask::withKeys).orElse(ask);
      }
    }
    return ask;
  }

  private Optional<RouteRequest> tokens(ProxyCall call, Ask ask, Replica replica, ObjectNode body) {
    try (UpstreamCall sent =
        upstream.post(replica, "/tokenize", ask.headers(), call.id(), Json.writeBytes(body))) {
      call.connection().whenGone(sent::cancel);
      HttpResponse<InputStream> answer = sent.answer();
      byte[] bytes = answer.body().readNBytes(MAX_ANSWER);
      if (answer.statusCode() == OK
          && Json.parseObject(bytes).get("tokens") instanceof ArrayNode ids) {
        metrics.tokenized("found");
        return Optional.of(keys(ask, ids));
      }
    } catch (IOException | InvalidBody e) {
      call.connection().requireClient();
      LOG.log(System.Logger.Level.DEBUG, "replica {0} gives no tokens: {1}", replica, e);
    } finally {
      call.connection().forget();
    }
    metrics.tokenized("failed");
    return Optional.empty();
  }

  private RouteRequest keys(Ask ask, ArrayNode ids) {
    int[] tokens = ids.valueStream().mapToInt(JsonNode::asInt).toArray();
    String tenant = ask.headers().getOrDefault(AskReader.TENANT_HEADER, List.of("")).getFirst();
    PromptKeys keys = PromptKeys.ofTokens(tokens, tenant, ask.json(), pool.blockTokens());
    return new RouteRequest(keys.keys(), keys.tokens(), ask.routing().urgency());
  }
}

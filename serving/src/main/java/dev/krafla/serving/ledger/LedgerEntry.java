package dev.krafla.serving.ledger;

import dev.krafla.engine.EndedRequest;
import dev.krafla.engine.RequestTerms;
import dev.krafla.engine.RequestWork;
import dev.krafla.engine.Usage;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One ended request, as the ledger keeps it: whose it was, what it took, what that costs. Nothing
 * of what was asked or answered.
 *
 * @param outcome finished, aborted, failed or shed
 * @param promptTokens of a request that was let in; 0 of one that was not
 * @param memoryTokens of these, found in memory
 * @param storeTokens of these, read from a store below memory
 * @param computeNanos its part of the time in which the worker was busy
 * @param euro what that time costs on this worker
 */
public record LedgerEntry(
    Instant time,
    String id,
    String model,
    String tenant,
    String serviceClass,
    String worker,
    String outcome,
    int promptTokens,
    int memoryTokens,
    int storeTokens,
    int computedTokens,
    int draftedTokens,
    int acceptedTokens,
    int outputTokens,
    long queueNanos,
    long firstTokenNanos,
    long computeNanos,
    long bytesMoved,
    int preemptions,
    BigDecimal euro) {
  /** Format of a line; it grows when a field changes its meaning. */
  static final int VERSION = 1;

  private static final int EURO_DIGITS = 12;

  /** The entry of a request that ended just now. */
  public static LedgerEntry of(
      EndedRequest ended, String model, String worker, PriceTable prices, Instant now) {
    RequestTerms terms = ended.terms();
    Usage usage = ended.usage();
    RequestWork work = usage.work();
    long nanos = work.compute().toNanos();
    return new LedgerEntry(
        now,
        terms.id(),
        model,
        terms.tenant(),
        terms.serviceClass().label(),
        worker,
        ended.outcome().label(),
        ended.admitted() ? usage.promptTokens() : 0,
        usage.cachedTokens() - usage.loadedTokens(),
        usage.loadedTokens(),
        work.computedTokens(),
        work.draftTokens(),
        work.acceptedTokens(),
        usage.outputTokens(),
        usage.queued().toNanos(),
        usage.firstToken().toNanos(),
        nanos,
        work.bytesMoved(),
        usage.preemptions(),
        euro(nanos, prices.of(worker)));
  }

  private static BigDecimal euro(long nanos, BigDecimal perSecond) {
    return BigDecimal.valueOf(nanos, 9)
        .multiply(perSecond)
        .setScale(EURO_DIGITS, RoundingMode.HALF_EVEN);
  }

  /** This entry at other prices. */
  public LedgerEntry at(PriceTable prices) {
    return new LedgerEntry(
        time,
        id,
        model,
        tenant,
        serviceClass,
        worker,
        outcome,
        promptTokens,
        memoryTokens,
        storeTokens,
        computedTokens,
        draftedTokens,
        acceptedTokens,
        outputTokens,
        queueNanos,
        firstTokenNanos,
        computeNanos,
        bytesMoved,
        preemptions,
        euro(computeNanos, prices.of(worker)));
  }

  ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("v", VERSION)
        .put("time", time.toString())
        .put("id", id)
        .put("model", model)
        .put("tenant", tenant)
        .put("class", serviceClass)
        .put("worker", worker)
        .put("outcome", outcome)
        .put("prompt", promptTokens);
    json.putObject("cached").put("memory", memoryTokens).put("store", storeTokens);
    json.put("computed", computedTokens)
        .put("drafted", draftedTokens)
        .put("accepted", acceptedTokens)
        .put("output", outputTokens)
        .put("queue_ns", queueNanos)
        .put("first_token_ns", firstTokenNanos)
        .put("compute_ns", computeNanos)
        .put("bytes_moved", bytesMoved)
        .put("preemptions", preemptions)
        .put("euro", euro.toPlainString());
    return json;
  }

  /**
   * Reads a line.
   *
   * @throws InvalidBody where it is none
   */
  static LedgerEntry parse(ObjectNode json) {
    int version = number(json, "v").intValue();
    if (version != VERSION) {
      throw new InvalidBody(
          "v", "the line is of version %d; this reads %d".formatted(version, VERSION));
    }
    ObjectNode cached = json.get("cached") instanceof ObjectNode object ? object : Json.object();
    try {
      return new LedgerEntry(
          Instant.parse(text(json, "time")),
          text(json, "id"),
          text(json, "model"),
          text(json, "tenant"),
          text(json, "class"),
          text(json, "worker"),
          text(json, "outcome"),
          number(json, "prompt").intValue(),
          number(cached, "memory").intValue(),
          number(cached, "store").intValue(),
          number(json, "computed").intValue(),
          number(json, "drafted").intValue(),
          number(json, "accepted").intValue(),
          number(json, "output").intValue(),
          number(json, "queue_ns").longValue(),
          number(json, "first_token_ns").longValue(),
          number(json, "compute_ns").longValue(),
          number(json, "bytes_moved").longValue(),
          number(json, "preemptions").intValue(),
          new BigDecimal(text(json, "euro")));
    } catch (DateTimeException | NumberFormatException e) {
      throw new InvalidBody("time", "the line has a time or price that is none: " + e.getMessage());
    }
  }

  private static String text(ObjectNode json, String name) {
    JsonNode value = json.get(name);
    if (value == null || !value.isString()) {
      throw new InvalidBody(name, "the line has no " + name);
    }
    return value.stringValue();
  }

  private static Number number(ObjectNode json, String name) {
    JsonNode value = json.get(name);
    if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new InvalidBody(name, "the line has no number " + name);
    }
    return value.longValue();
  }
}

package dev.krafla.gateway.admin;

import dev.krafla.gateway.access.ApiKey;
import dev.krafla.gateway.access.Member;
import dev.krafla.gateway.access.Organisation;
import dev.krafla.gateway.access.Role;
import dev.krafla.gateway.money.Balance;
import dev.krafla.gateway.money.Nanodollars;
import dev.krafla.gateway.money.Period;
import dev.krafla.gateway.money.Terms;
import dev.krafla.wire.Json;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How the admin API shows things. Money is in dollars, as an exact decimal number. */
final class AdminJson {
  private AdminJson() {}

  static ObjectNode of(Organisation o) {
    return Json.object()
        .put("id", o.id())
        .put("name", o.name())
        .put("zone", o.zone().getId())
        .put("created", o.created().toString());
  }

  static ObjectNode of(Member m) {
    ObjectNode json =
        Json.object()
            .put("id", m.id())
            .put("organisation", m.organisationId())
            .put("name", m.name())
            .put("created", m.created().toString());
    m.role().ifPresent(r -> json.put("role", r.lowerCase()));
    return json;
  }

  static ObjectNode of(ApiKey k) {
    ObjectNode json =
        Json.object()
            .put("id", k.caller().keyId())
            .put("name", k.caller().keyName())
            .put("hint", k.hint())
            .put("organisation", k.caller().organisationId());
    k.caller().teamId().ifPresent(id -> json.put("team", id));
    k.caller().userId().ifPresent(id -> json.put("user", id));
    k.caller().appId().ifPresent(id -> json.put("app", id));
    k.role().map(Role::lowerCase).ifPresent(r -> json.put("role", r));
    ArrayNode models = json.putArray("models");
    k.models().forEach(models::add);
    ArrayNode networks = json.putArray("networks");
    k.networks().forEach(n -> networks.add(n.toString()));
    json.put("created", k.created().toString());
    k.expires().map(Instant::toString).ifPresent(e -> json.put("expires", e));
    k.revoked().map(Instant::toString).ifPresent(e -> json.put("revoked", e));
    return json;
  }

  static ObjectNode of(Terms t) {
    ObjectNode json = Json.object();
    ArrayNode budgets = json.putArray("budgets");
    t.budgets().forEach(b -> budgets.add(of(b)));
    put(json, "requests_per_minute", t.requestsPerMinute());
    put(json, "tokens_per_minute", t.tokensPerMinute());
    put(json, "concurrency", t.concurrency());
    return json;
  }

  private static ObjectNode of(Terms.Budget b) {
    ObjectNode json = Json.object().put("period", lowerCase(b.period()));
    b.nanodollars().ifPresent(n -> json.put("dollars", Nanodollars.dollars(n)));
    put(json, "tokens", b.tokens());
    return json;
  }

  private static void put(ObjectNode json, String name, OptionalLong value) {
    value.ifPresent(v -> json.put(name, v));
  }

  static ObjectNode of(List<Balance> balances, long underWay) {
    ObjectNode json = Json.object().put("under_way", underWay);
    ArrayNode periods = json.putArray("periods");
    for (Balance b : balances) {
      ObjectNode p = periods.addObject().put("period", lowerCase(b.period()));
      if (b.period() != Period.TOTAL) {
        p.put("start", b.start().toString()).put("end", b.end().toString());
      }
      p.put("spent_dollars", Nanodollars.dollars(b.spentNanodollars()))
          .put("reserved_dollars", Nanodollars.dollars(b.reservedNanodollars()))
          .put("spent_tokens", b.spentTokens())
          .put("reserved_tokens", b.reservedTokens());
      b.budget().ifPresent(budget -> p.set("budget", of(budget)));
    }
    return json;
  }

  private static String lowerCase(Period period) {
    return period.name().toLowerCase(Locale.ROOT);
  }
}

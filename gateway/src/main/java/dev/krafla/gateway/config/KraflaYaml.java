package dev.krafla.gateway.config;

import dev.krafla.gateway.Endpoint;
import dev.krafla.gateway.money.Nanodollars;
import dev.krafla.gateway.money.Price;
import dev.krafla.gateway.money.PriceTable;
import dev.krafla.gateway.provider.Provider;
import dev.krafla.gateway.provider.ProviderKind;
import dev.krafla.gateway.provider.Secret;
import dev.krafla.gateway.route.FailureKind;
import dev.krafla.gateway.route.ModelLimits;
import dev.krafla.gateway.route.Order;
import dev.krafla.gateway.route.Route;
import dev.krafla.gateway.route.Target;
import dev.krafla.gateway.server.GatewaySettings;
import dev.krafla.gateway.upstream.Origin;
import dev.krafla.gateway.upstream.Patience;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Reads {@code krafla.yaml}; docs/GATEWAY.md describes it. All of it is checked before anything of
 * it holds: a provider that is not there, a name that is not known and a key that is not set are
 * errors with line and column.
 */
public final class KraflaYaml {
  private static final int MAX_WEIGHT = 1_000_000;
  private static final int MAX_ATTEMPTS = 32;
  private static final long MOST_TOKENS = 1L << 40;

  private final Function<String, Optional<String>> variables;
  private final Map<String, Provider> providers = new LinkedHashMap<>();
  private final Map<String, ModelLimits> limits = new LinkedHashMap<>();

  private KraflaYaml(Function<String, Optional<String>> variables) {
    this.variables = variables;
  }

  /**
   * Reads {@code text}.
   *
   * @param file its name, for errors
   * @param variables the process's environment, for keys
   * @throws ConfigException when anything in it is wrong
   */
  public static GatewayConfig read(
      String file, String text, Function<String, Optional<String>> variables) {
    return new KraflaYaml(variables).read(YamlValue.read(file, text).section());
  }

  private GatewayConfig read(YamlSection root) {
    GatewaySettings settings =
        root.find("gateway").map(this::settings).orElse(GatewaySettings.DEFAULTS);
    root.get("providers")
        .section()
        .all()
        .forEach((name, value) -> providers.put(name, provider(name, value)));
    root.find("limits")
        .ifPresent(
            all -> all.section().all().forEach((name, value) -> limits.put(name, limits(value))));
    PriceTable prices = root.find("prices").map(this::prices).orElse(PriceTable.EMPTY);
    List<Route> routes = new ArrayList<>();
    root.get("models")
        .section()
        .all()
        .forEach((name, value) -> routes.add(value.checked(v -> route(name, v))));
    root.end();
    return new GatewayConfig(settings, routes, prices);
  }

  private GatewaySettings settings(YamlValue value) {
    YamlSection in = value.section();
    GatewaySettings usual = GatewaySettings.DEFAULTS;
    String host = in.find("host").map(YamlValue::text).orElse(usual.host());
    int port = in.find("port").map(v -> (int) v.number(0, 65_535)).orElse(usual.port());
    int connections =
        in.find("max_connections")
            .map(v -> (int) v.number(1, 10_000_000))
            .orElse(usual.maxConnections());
    long body = in.find("max_body").map(YamlValue::bytes).orElse((long) usual.maxBodyBytes());
    long held = in.find("max_held").map(YamlValue::bytes).orElse(usual.maxHeldBytes());
    Duration time = in.find("request_time").map(YamlValue::duration).orElse(usual.requestTime());
    in.end();
    return value.checked(_ ->
        usual
            .at(host, port)
            .withConnections(connections, time)
            .withBodies((int) Math.min(Integer.MAX_VALUE - 8, body), held));
  }

  private Provider provider(String name, YamlValue value) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
      throw value.wrong(
          "'%s' is no name for a provider; letters, digits, dots, dashes and underscores are"
              .formatted(name));
    }
    YamlSection in = value.section();
    ProviderKind kind =
        in.get("kind").oneOf(ProviderKind.ALL, ProviderKind::word, ProviderKind::of);
    URI base = in.find("url").map(this::url).orElseGet(() -> usualUrl(kind, value));
    Optional<Secret> key =
        in.find("key").map(v -> v.checked(k -> Secret.read(k.text(), variables)));
    Set<Endpoint> speaks =
        in.find("endpoints")
            .map(list ->
                list.list().stream()
                    .map(v ->
                        v.oneOf(Arrays.asList(Endpoint.values()), Endpoint::word, Endpoint::of))
                    .collect(Collectors.toSet()))
            .orElse(kind.speaks());
    Map<String, String> headers = new LinkedHashMap<>();
    in.find("headers")
        .ifPresent(h -> h.section().all().forEach((n, v) -> headers.put(n, v.text())));
    in.end();
    return value.checked(_ -> new Provider(name, kind, base, key, speaks, headers));
  }

  private URI url(YamlValue value) {
    return value.checked(v -> {
      String text = v.text();
      URI url = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      Origin.of(url);
      if (url.getRawQuery() != null || url.getRawUserInfo() != null) {
        throw new IllegalArgumentException(
            "an address has no query and no user; a key belongs into 'key', by reference");
      }
      return url;
    });
  }

  private static URI usualUrl(ProviderKind kind, YamlValue value) {
    if (kind.base().isEmpty()) {
      throw value.wrong(
          "%s has no 'url'; %s has no address that is the same everywhere"
              .formatted(value.name(), kind.word()));
    }
    return URI.create(kind.base());
  }

  private static ModelLimits limits(YamlValue value) {
    YamlSection in = value.section();
    ModelLimits usual = ModelLimits.DEFAULTS;
    long context =
        in.find("context_tokens").map(v -> v.number(1, MOST_TOKENS)).orElse(usual.contextTokens());
    long output =
        in.find("max_output_tokens")
            .map(v -> v.number(1, MOST_TOKENS))
            .orElse(usual.maxOutputTokens());
    long media =
        in.find("media_tokens").map(v -> v.number(0, MOST_TOKENS)).orElse(usual.mediaTokens());
    in.end();
    return new ModelLimits(context, output, media);
  }

  private PriceTable prices(YamlValue value) {
    List<PriceTable.Entry> entries = new ArrayList<>();
    value
        .section()
        .all()
        .forEach((name, price) -> {
          if (price.isList()) {
            price.list().forEach(dated -> entries.add(price(name, dated)));
          } else {
            entries.add(price(name, price));
          }
        });
    return value.checked(_ -> new PriceTable(entries));
  }

  private PriceTable.Entry price(String name, YamlValue value) {
    Provider provider = targetName(name, value);
    YamlSection in = value.section();
    Instant from = in.find("from").map(KraflaYaml::day).orElse(Instant.EPOCH);
    long input = dollars(in.get("input"));
    long cached = in.find("cached_input").map(KraflaYaml::dollars).orElse(input);
    long output = in.find("output").map(KraflaYaml::dollars).orElse(0L);
    in.end();
    return new PriceTable.Entry(
        provider.name(),
        name.substring(name.indexOf('/') + 1),
        from,
        new Price(input, cached, output, 0));
  }

  private static Instant day(YamlValue value) {
    try {
      return LocalDate.parse(value.text()).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException e) {
      throw value.wrong(
          "%s is '%s'; it must be a day like 2026-11-24".formatted(value.name(), value.text()));
    }
  }

  /** Per million tokens. */
  private static long dollars(YamlValue value) {
    return value.checked(v -> Nanodollars.of(v.decimal()));
  }

  private Route route(String name, YamlValue value) {
    if (!name.matches("[\\x21-\\x7e]{1,128}")) {
      throw value.wrong("'%s' is no name for a model".formatted(name));
    }
    if (!value.isSection()) {
      List<Target> targets =
          value.isList()
              ? value.list().stream().map(this::target).toList()
              : List.of(target(value));
      return route(name, targets);
    }
    YamlSection in = value.section();
    List<Target> targets = in.get("targets").list().stream().map(this::target).toList();
    Order order =
        in.find("order")
            .map(v -> v.oneOf(Arrays.asList(Order.values()), Order::word, Order::of))
            .orElse(Order.PRIORITY);
    Set<FailureKind> fallback =
        in.find("fallback_on").map(KraflaYaml::failures).orElse(FailureKind.USUAL);
    Patience usual = Patience.USUAL;
    var patience =
        new Patience(
            in.find("connect").map(YamlValue::duration).orElse(usual.connect()),
            in.find("first_byte").map(YamlValue::duration).orElse(usual.firstByte()),
            in.find("silence").map(YamlValue::duration).orElse(usual.silence()));
    int attempts =
        in.find("attempts").map(v -> (int) v.number(1, MAX_ATTEMPTS)).orElse(targets.size());
    in.end();
    return new Route(name, targets, order, fallback, patience, attempts);
  }

  private static Route route(String name, List<Target> targets) {
    return new Route(
        name, targets, Order.PRIORITY, FailureKind.USUAL, Patience.USUAL, targets.size());
  }

  private static Set<FailureKind> failures(YamlValue value) {
    return value.list().stream()
        .map(v -> v.oneOf(Arrays.asList(FailureKind.values()), FailureKind::word, FailureKind::of))
        .collect(Collectors.toSet());
  }

  /** {@code provider/model}, or that with a weight. */
  private Target target(YamlValue value) {
    if (!value.isSection()) {
      return target(value, 1);
    }
    YamlSection in = value.section();
    int weight = in.find("weight").map(v -> (int) v.number(1, MAX_WEIGHT)).orElse(1);
    Target target = target(in.get("target"), weight);
    in.end();
    return target;
  }

  private Target target(YamlValue value, int weight) {
    String id = value.text();
    Provider provider = targetName(id, value);
    String model = id.substring(id.indexOf('/') + 1);
    ModelLimits own = limits.get(id);
    ModelLimits limit =
        own != null ? own : limits.getOrDefault(provider.name() + "/*", ModelLimits.DEFAULTS);
    return new Target(provider, model, weight, limit);
  }

  /** The provider of {@code provider/model}. */
  private Provider targetName(String id, YamlValue value) {
    int slash = id.indexOf('/');
    if (slash < 1 || slash == id.length() - 1 || !id.matches("[\\x21-\\x7e]{3,320}")) {
      throw value.wrong(
          "'%s' is no target; it must be PROVIDER/MODEL, as openai/gpt-5-mini".formatted(id));
    }
    Provider provider = providers.get(id.substring(0, slash));
    if (provider == null) {
      throw value.wrong(
          "'%s' is no provider of this file; %s"
              .formatted(
                  id.substring(0, slash),
                  Nearest.hint(id.substring(0, slash), List.copyOf(providers.keySet()))));
    }
    return provider;
  }
}

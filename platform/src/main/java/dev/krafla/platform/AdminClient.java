package dev.krafla.platform;

import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Speaks to a gateway's admin API, as an option of commands says where and with which key. */
final class AdminClient {
  private static final String KEY_VARIABLE = "KRAFLA_ADMIN_KEY";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The gateway. Default: $KRAFLA_URL, else http://127.0.0.1:8080.")
  private @Nullable String url;

  @Option(
      names = "--admin-key-file",
      paramLabel = "FILE",
      description = "A key with a role. Default: $KRAFLA_ADMIN_KEY, else $KRAFLA_HOME/admin.key.")
  private @Nullable Path keyFile;

  private String key(CliContext context) throws IOException {
    Path first = context.home().adminKey();
    Optional<String> key =
        Secrets.read("--admin-key-file", keyFile, KEY_VARIABLE, context.environment());
    if (key.isEmpty() && Files.isReadable(first)) {
      key = Secrets.read("admin key", first, KEY_VARIABLE, context.environment());
    }
    return key.orElseThrow(() ->
        new UserError(
            "no admin key: set %s, or name a file with --admin-key-file; the first start of the gateway keeps one in %s"
                .formatted(KEY_VARIABLE, first)));
  }

  private String url(CliContext context) {
    String named =
        url != null
            ? url
            : context.environment().getOrDefault("KRAFLA_URL", "http://127.0.0.1:8080");
    return named.endsWith("/") ? named.substring(0, named.length() - 1) : named;
  }

  /** {@code ?name=value&…} of what is present. */
  static String query(Map<String, Optional<String>> parameters) {
    String text =
        parameters.entrySet().stream()
            .filter(e -> e.getValue().isPresent())
            .map(e -> e.getKey() + "=" + encoded(e.getValue().get()))
            .sorted()
            .collect(Collectors.joining("&"));
    return text.isEmpty() ? "" : "?" + text;
  }

  /** An amount in full, as {@code 0.0000005}. */
  static String dollars(JsonNode node, String name) {
    return node.path(name).decimalValue().stripTrailingZeros().toPlainString();
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /** Asks for JSON. */
  ObjectNode ask(CliContext context, String method, String path, Optional<ObjectNode> body)
      throws IOException, InterruptedException {
    return Json.parseObject(text(context, method, path, body));
  }

  /**
   * Asks for text.
   *
   * @param path after {@code /admin/v1}
   * @throws UserError with the gateway's own words when it says no
   */
  String text(CliContext context, String method, String path, Optional<ObjectNode> body)
      throws IOException, InterruptedException {
    String base = url(context);
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      var request =
          HttpRequest.newBuilder(URI.create(base + "/admin/v1" + path))
              .timeout(PATIENCE)
              .header("Authorization", "Bearer " + key(context))
              .method(
                  method,
                  body.map(b -> HttpRequest.BodyPublishers.ofByteArray(Json.writeBytes(b)))
                      .orElseGet(HttpRequest.BodyPublishers::noBody))
              .build();
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() >= 400) {
        throw new UserError(
            "%s says: %s (HTTP %d)".formatted(base, reason(answer.body()), answer.statusCode()));
      }
      return answer.body();
    } catch (java.net.ConnectException e) {
      throw new UserError(
          "nothing answers at %s; start the gateway, or name another with --url".formatted(base),
          e);
    } catch (IllegalArgumentException e) {
      throw new UserError("--url '%s' is no URL".formatted(base), e);
    }
  }

  private static String reason(String body) {
    try {
      return Json.parseObject(body).path("error").path("message").asString("no reason");
    } catch (InvalidBody e) {
      return "not an answer of a gateway";
    }
  }
}

package dev.krafla.platform;

import dev.krafla.wire.Json;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code krafla keys}: makes, lists, rotates and revokes the gateway's keys. */
@Command(
    name = "keys",
    description = "Makes, lists, rotates and revokes keys of a running gateway.",
    synopsisSubcommandLabel = "create|list|rotate|revoke",
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla keys create ci --team 2 --model 'gemma*' --expires 2027-01-01T00:00:00Z",
      "  krafla keys create ops --role operator",
      "  krafla keys list",
      "  krafla keys rotate 7 --overlap-hours 48",
      "  krafla keys revoke 7"
    })
final class KeysCommand {
  private final CliContext context;

  KeysCommand(CliContext context) {
    this.context = context;
  }

  @Command(name = "create", description = "Makes a key and shows it, this once.")
  int create(
      @Mixin AdminClient admin,
      @Parameters(paramLabel = "NAME", description = "What people call it.") String name,
      @Option(names = "--team", paramLabel = "ID", description = "It belongs to this team.")
          @Nullable Long team,
      @Option(names = "--user", paramLabel = "ID", description = "It belongs to this person.")
          @Nullable Long user,
      @Option(names = "--app", paramLabel = "ID", description = "It belongs to this app.")
          @Nullable Long app,
      @Option(
              names = "--role",
              paramLabel = "ROLE",
              description = "What it may do in the admin API: viewer, developer, operator, admin.")
          @Nullable String role,
      @Option(
              names = "--model",
              paramLabel = "NAME",
              description = "A model that it may use, or a beginning and *; may be repeated.")
          @Nullable List<String> models,
      @Option(
              names = "--network",
              paramLabel = "CIDR",
              description = "A network that it may come from; may be repeated.")
          @Nullable List<String> networks,
      @Option(
              names = "--expires",
              paramLabel = "TIME",
              description = "When it ends, as 2027-01-01T00:00:00Z.")
          @Nullable String expires,
      @Option(names = "--json", description = "Print a JSON object.") boolean json)
      throws IOException, InterruptedException {
    ObjectNode body = Json.object().put("name", name);
    Optional.ofNullable(team).ifPresent(id -> body.put("team", id));
    Optional.ofNullable(user).ifPresent(id -> body.put("user", id));
    Optional.ofNullable(app).ifPresent(id -> body.put("app", id));
    Optional.ofNullable(role).ifPresent(r -> body.put("role", r));
    Optional.ofNullable(models).ifPresent(all -> all.forEach(body.withArray("models")::add));
    Optional.ofNullable(networks).ifPresent(all -> all.forEach(body.withArray("networks")::add));
    Optional.ofNullable(expires).ifPresent(e -> body.put("expires", e));
    tell(admin.ask(context, "POST", "/keys", Optional.of(body)), json);
    return 0;
  }

  /** The key alone goes to standard output, so that it can be piped. */
  private void tell(ObjectNode made, boolean json) {
    CliOutput output = context.output();
    if (json) {
      output.line(Json.write(made));
      return;
    }
    output.note(
        "Key '%s' has the id %s. This is the only time that it is shown:"
            .formatted(made.path("name").asString(), made.path("id").asString()));
    output.line(made.path("key").asString());
  }

  @Command(name = "list", description = "Lists the keys, without the keys themselves.")
  int list(
      @Mixin AdminClient admin,
      @Option(names = "--organisation", paramLabel = "ID", description = "Default: your own.")
          @Nullable String organisation,
      @Option(names = "--json", description = "Print a JSON object per key.") boolean json)
      throws IOException, InterruptedException {
    CliOutput output = context.output();
    if (!json) {
      output.line(output.dim("%6s  %-24s %-10s %s".formatted("id", "name", "begins", "state")));
    }
    String after = "0";
    boolean more = true;
    while (more) {
      String query =
          AdminClient.query(
              Map.of(
                  "after", Optional.of(after), "organisation", Optional.ofNullable(organisation)));
      ObjectNode page = admin.ask(context, "GET", "/keys" + query, Optional.empty());
      for (JsonNode key : page.path("data")) {
        output.line(json ? Json.write(key) : row(key));
      }
      more = page.path("has_more").asBoolean(false);
      after = page.path("next").asString("0");
    }
    return 0;
  }

  private static String row(JsonNode key) {
    String state =
        key.has("revoked")
            ? "revoked " + key.path("revoked").asString()
            : key.has("expires") ? "until " + key.path("expires").asString() : "good";
    String role = key.has("role") ? ", " + key.path("role").asString() : "";
    return "%6s  %-24s %-10s %s%s"
        .formatted(
            key.path("id").asString(),
            key.path("name").asString(),
            key.path("hint").asString(),
            state,
            role);
  }

  @Command(name = "rotate", description = "Makes a key like another, which then ends.")
  int rotate(
      @Mixin AdminClient admin,
      @Parameters(paramLabel = "ID") long id,
      @Option(
              names = "--overlap-hours",
              paramLabel = "N",
              defaultValue = "24",
              description = "How long both are good. Default: ${DEFAULT-VALUE}.")
          long overlapHours,
      @Option(names = "--json", description = "Print a JSON object.") boolean json)
      throws IOException, InterruptedException {
    ObjectNode body = Json.object().put("overlap_seconds", Math.multiplyExact(overlapHours, 3600L));
    tell(admin.ask(context, "POST", "/keys/%d/rotate".formatted(id), Optional.of(body)), json);
    return 0;
  }

  @Command(name = "revoke", description = "Ends a key now.")
  int revoke(@Mixin AdminClient admin, @Parameters(paramLabel = "ID") long id)
      throws IOException, InterruptedException {
    ObjectNode key = admin.ask(context, "DELETE", "/keys/" + id, Optional.empty());
    context
        .output()
        .line(
            "Key %d ('%s') is revoked since %s."
                .formatted(id, key.path("name").asString(), key.path("revoked").asString()));
    return 0;
  }
}

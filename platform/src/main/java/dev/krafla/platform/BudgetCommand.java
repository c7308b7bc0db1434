package dev.krafla.platform;

import dev.krafla.wire.Json;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code krafla budget}: how an account stands, and what it may take. */
@Command(
    name = "budget",
    description = {
      "Shows what an account has spent, or sets what it may spend.",
      "A budget that is set replaces the one of its period; others stay."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  krafla budget team 2",
      "  krafla budget team 2 --set month=50 --set day=5",
      "  krafla budget key 7 --set day=1000000tokens",
      "  krafla budget key 7 --drop day"
    })
final class BudgetCommand implements Callable<Integer> {
  private static final String TOKENS = "tokens";
  private static final String FORM = "%-8s %16s %16s %16s   %s";

  private final CliContext context;

  @Mixin private AdminClient admin = new AdminClient();

  @Parameters(
      index = "0",
      paramLabel = "LEVEL",
      description = "organisation, team, user, app or key.")
  private String level = "";

  @Parameters(index = "1", paramLabel = "ID")
  private long id;

  @Option(
      names = "--set",
      paramLabel = "PERIOD=AMOUNT",
      description =
          "hour, day, week, month or total, and dollars, or a number followed by 'tokens'.")
  private List<String> set = List.of();

  @Option(names = "--drop", paramLabel = "PERIOD", description = "Has no budget any more.")
  private List<String> drop = List.of();

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  BudgetCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    String account = "/%s/%d".formatted(level.toLowerCase(Locale.ROOT), id);
    if (!set.isEmpty() || !drop.isEmpty()) {
      ObjectNode limits = admin.ask(context, "GET", "/limits" + account, Optional.empty());
      admin.ask(context, "PUT", "/limits" + account, Optional.of(changed(limits)));
    }
    ObjectNode balances = admin.ask(context, "GET", "/balances" + account, Optional.empty());
    if (json) {
      context.output().line(Json.write(balances));
    } else {
      print(balances);
    }
    return 0;
  }

  private ObjectNode changed(ObjectNode limits) {
    ArrayNode budgets = Json.array();
    for (JsonNode budget : limits.path("budgets")) {
      String period = budget.path("period").asString();
      boolean replaced = set.stream().anyMatch(s -> s.startsWith(period + "="));
      if (!replaced && !drop.contains(period)) {
        budgets.add(budget);
      }
    }
    for (String assignment : set) {
      int equals = assignment.indexOf('=');
      if (equals < 1) {
        throw new UserError(
            "--set '%s' must be PERIOD=AMOUNT, as month=50 or day=1000000tokens"
                .formatted(assignment));
      }
      budgets.add(budget(assignment.substring(0, equals), assignment.substring(equals + 1)));
    }
    limits.set("budgets", budgets);
    return limits;
  }

  private static ObjectNode budget(String period, String amount) {
    ObjectNode budget = Json.object().put("period", period);
    if (!amount.endsWith(TOKENS)) {
      return budget.put("dollars", amount);
    }
    String number = amount.substring(0, amount.length() - TOKENS.length()).strip();
    try {
      return budget.put("tokens", Long.parseLong(number));
    } catch (NumberFormatException e) {
      throw new UserError("--set %s: '%s' is no number of tokens".formatted(period, number), e);
    }
  }

  private void print(ObjectNode balances) {
    CliOutput output = context.output();
    output.line(output.dim(FORM.formatted("period", "spent $", "held $", "tokens", "budget")));
    for (JsonNode p : balances.path("periods")) {
      output.line(
          FORM.formatted(
              p.path("period").asString(),
              AdminClient.dollars(p, "spent_dollars"),
              AdminClient.dollars(p, "reserved_dollars"),
              "%,d".formatted(p.path("spent_tokens").asLong()),
              budget(p.get("budget"))));
    }
  }

  private static String budget(@Nullable JsonNode budget) {
    if (budget == null) {
      return "none";
    }
    String dollars = budget.has("dollars") ? "$" + AdminClient.dollars(budget, "dollars") : "";
    String tokens = budget.has(TOKENS) ? "%,d tokens".formatted(budget.path(TOKENS).asLong()) : "";
    return dollars + (dollars.isEmpty() || tokens.isEmpty() ? "" : ", ") + tokens;
  }
}

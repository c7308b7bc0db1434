package dev.krafla.platform;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code krafla doctor}: what this machine has, and what is missing. */
@Command(
    name = "doctor",
    description = {
      "Says what this machine has, and what is missing.",
      "Exits with 1 only where nothing can work without it."
    })
final class DoctorCommand implements Callable<Integer> {
  private final CliContext context;

  @Option(names = "--online", description = "Also try to reach the model hubs.")
  private boolean online;

  @Option(names = "--json", description = "Print a JSON list.")
  private boolean json;

  DoctorCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    var doctor = new Doctor(context.home(), context.models(), context.environment());
    List<Finding> findings = doctor.examine(online);
    if (json) {
      context.output().line(asJson(findings));
    } else {
      print(findings);
    }
    return findings.stream().anyMatch(f -> f.state() == Finding.State.MISSING) ? 1 : 0;
  }

  private void print(List<Finding> findings) {
    CliOutput output = context.output();
    int width = findings.stream().mapToInt(f -> f.name().length()).max().orElse(0);
    for (Finding finding : findings) {
      String mark =
          switch (finding.state()) {
            case GOOD -> finding.name().startsWith(" ") ? " " : "✓";
            case LACKING -> "○";
            case MISSING -> "✗";
          };
      String name = (finding.name() + " ".repeat(width)).substring(0, width);
      output.line("%s %s  %s".formatted(mark, output.bold(name), finding.text()));
    }
  }

  private static String asJson(List<Finding> findings) {
    var list = new ArrayList<Map<String, Object>>();
    for (Finding finding : findings) {
      var fields = new LinkedHashMap<String, Object>();
      fields.put("name", finding.name());
      fields.put("state", finding.state().name().toLowerCase(Locale.ROOT));
      fields.put("text", finding.text());
      list.add(fields);
    }
    return JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValueAsString(list);
  }
}

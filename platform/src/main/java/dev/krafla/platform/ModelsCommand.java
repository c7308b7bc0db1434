package dev.krafla.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code krafla models}: what has a short name, and what is here. */
@Command(name = "models", description = "Lists models by short name, and which of them are here.")
final class ModelsCommand implements Callable<Integer> {
  private final CliContext context;

  @Option(names = "--here", description = "Only models that are on this machine.")
  private boolean here;

  @Option(names = "--json", description = "Print a JSON list.")
  private boolean json;

  ModelsCommand(CliContext context) {
    this.context = context;
  }

  /** One line of the list. */
  private record Row(
      String name, long bytes, @Nullable String path, String about, String licence) {}

  @Override
  public Integer call() throws IOException {
    List<Row> rows = rows();
    if (json) {
      context.output().line(asJson(rows));
    } else {
      print(rows);
    }
    return 0;
  }

  private List<Row> rows() throws IOException {
    var local = new LinkedHashMap<String, LocalModel>();
    for (LocalModel model : context.models().all()) {
      local.put(model.name(), model);
    }
    var rows = new ArrayList<Row>();
    for (ModelEntry entry : context.catalog().all()) {
      LocalModel model = local.remove(entry.alias());
      if (model != null) {
        rows.add(row(model, entry.about(), entry.licence()));
      } else if (!here) {
        rows.add(new Row(entry.alias(), entry.bytes(), null, entry.about(), entry.licence()));
      }
    }
    for (LocalModel other : local.values()) {
      rows.add(row(other, "", ""));
    }
    return rows;
  }

  private static Row row(LocalModel model, String about, String licence) throws IOException {
    long bytes =
        Files.isDirectory(model.path()) ? FileTrees.size(model.path()) : Files.size(model.path());
    return new Row(model.name(), bytes, model.path().toString(), about, licence);
  }

  private void print(List<Row> rows) {
    CliOutput output = context.output();
    int width = rows.stream().mapToInt(row -> row.name().length()).max().orElse(4);
    for (Row row : rows) {
      boolean present = row.path() != null;
      String name = (row.name() + " ".repeat(width)).substring(0, width);
      output.line(
          "%s %s %9s  %s"
              .formatted(
                  present ? "●" : " ",
                  present ? output.bold(name) : name,
                  ByteSize.text(row.bytes()),
                  row.about().isEmpty() && present ? row.path() : row.about()));
    }
    output.line("");
    output.line(
        "● is on this machine, under %s. To fetch one: ./krafla pull NAME"
            .formatted(context.home().models()));
  }

  private static String asJson(List<Row> rows) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Row row : rows) {
      var fields = new LinkedHashMap<String, Object>();
      fields.put("name", row.name());
      fields.put("here", row.path() != null);
      fields.put("bytes", row.bytes());
      if (row.path() != null) {
        fields.put("path", row.path());
      }
      fields.put("about", row.about());
      fields.put("licence", row.licence());
      list.add(fields);
    }
    return JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValueAsString(list);
  }
}

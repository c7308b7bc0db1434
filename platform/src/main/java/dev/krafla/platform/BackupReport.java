package dev.krafla.platform;

import dev.krafla.store.BackupContents;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What a backup holds, for people or for machines. */
final class BackupReport {
  private BackupReport() {}

  static void print(CliOutput output, boolean json, Path file, BackupContents contents) {
    if (json) {
      output.line(
          JsonMapper.builder()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .build()
              .writeValueAsString(fields(file, contents)));
      return;
    }
    for (BackupContents.Table table : contents.tables()) {
      output.line(
          "%12s rows %10s  %s"
              .formatted(
                  "%,d".formatted(table.rows()), ByteSize.text(table.bytes()), table.name()));
    }
    output.line(
        output.bold(
            "%12s rows %10s  of %s, PostgreSQL %s"
                .formatted(
                    "%,d".formatted(contents.rows()),
                    ByteSize.text(contents.bytes()),
                    contents.created(),
                    contents.postgres())));
  }

  private static Map<String, Object> fields(Path file, BackupContents contents) {
    var object = new LinkedHashMap<String, Object>();
    object.put("file", file.toString());
    object.put("created", contents.created().toString());
    object.put("postgres", contents.postgres());
    object.put("migrations", contents.migrations());
    object.put("rows", contents.rows());
    object.put("bytes", contents.bytes());
    List<Map<String, Object>> tables = new ArrayList<>();
    for (BackupContents.Table table : contents.tables()) {
      var fields = new LinkedHashMap<String, Object>();
      fields.put("name", table.name());
      fields.put("rows", table.rows());
      fields.put("bytes", table.bytes());
      tables.add(fields);
    }
    object.put("tables", tables);
    return object;
  }
}

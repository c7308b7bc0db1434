package dev.krafla.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a schema holds, read from PostgreSQL's own tables. */
record SchemaCatalog(Connection connection, String schema) {
  private static final String HISTORY = "flyway_schema_history";

  /** A foreign key, and how to make it again within its schema. */
  record ForeignKey(String table, String name, String definition) {}

  /** Tables that hold Krafla's rows, by name; a partitioned table once. */
  List<String> tables() throws SQLException {
    return strings(
        """
        SELECT c.relname
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ? AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND c.relname <> ?
        ORDER BY c.relname
        """,
        schema,
        HISTORY);
  }

  /** Columns that rows are written with: not those that PostgreSQL computes. */
  List<String> columns(String table) throws SQLException {
    return strings(
        """
        SELECT a.attname
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped
          AND a.attgenerated = ''
        ORDER BY a.attnum
        """,
        schema,
        table);
  }

  /** Sequences that have given a value. */
  List<BackupContents.Sequence> sequences() throws SQLException {
    var all = new ArrayList<BackupContents.Sequence>();
    try (PreparedStatement query =
        connection.prepareStatement(
            """
            SELECT sequencename, last_value FROM pg_sequences
            WHERE schemaname = ? AND last_value IS NOT NULL
            ORDER BY sequencename
            """)) {
      query.setString(1, schema);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          all.add(new BackupContents.Sequence(rows.getString(1), rows.getLong(2)));
        }
      }
    }
    return all;
  }

  /** Versions of the migrations that have made it; none where there is no schema. */
  List<String> migrations() throws SQLException {
    boolean some =
        !strings(
                "SELECT tablename FROM pg_tables WHERE schemaname = ? AND tablename = ?",
                schema,
                HISTORY)
            .isEmpty();
    return some
        ? strings(
            "SELECT version FROM %s WHERE success AND version IS NOT NULL ORDER BY installed_rank"
                .formatted(quoted(HISTORY)))
        : List.of();
  }

  /** Its foreign keys; the schema must be on the search path, or definitions name it. */
  List<ForeignKey> foreignKeys() throws SQLException {
    var all = new ArrayList<ForeignKey>();
    try (PreparedStatement query =
        connection.prepareStatement(
            """
            SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
            FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND k.contype = 'f' AND k.conparentid = 0
            ORDER BY 1, 2
            """)) {
      query.setString(1, schema);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          all.add(new ForeignKey(rows.getString(1), rows.getString(2), rows.getString(3)));
        }
      }
    }
    return all;
  }

  private List<String> strings(String sql, String... parameters) throws SQLException {
    var all = new ArrayList<String>();
    try (PreparedStatement query = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        query.setString(i + 1, parameters[i]);
      }
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          all.add(rows.getString(1));
        }
      }
    }
    return all;
  }

  /** {@code name} in this schema, as SQL has it. */
  String quoted(String name) {
    return identifier(schema) + "." + identifier(name);
  }

  static String quoted(List<String> names) {
    return names.stream().map(SchemaCatalog::identifier).collect(Collectors.joining(", "));
  }

  static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}

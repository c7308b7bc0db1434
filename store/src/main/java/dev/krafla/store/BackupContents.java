package dev.krafla.store;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What a backup holds, as its entry {@code contents} says: a line per fact, fields parted by tabs,
 * {@code end} and a digest of the lines before it last.
 *
 * @param postgres version of the server it was read from
 * @param migrations versions of the schema's migrations, in the order they were applied
 */
public record BackupContents(
    Instant created,
    String postgres,
    List<String> migrations,
    List<Table> tables,
    List<Sequence> sequences) {
  static final String ENTRY = "contents";
  private static final String FIRST_LINE = "krafla-backup\t1";

  public BackupContents {
    migrations = List.copyOf(migrations);
    tables = List.copyOf(tables);
    sequences = List.copyOf(sequences);
  }

  /**
   * A table's rows, in PostgreSQL's text format of COPY.
   *
   * @param sha256 of the text, in hex
   */
  public record Table(String name, List<String> columns, long rows, long bytes, String sha256) {
    public Table {
      columns = List.copyOf(columns);
    }

    String entry() {
      return "tables/" + name;
    }
  }

  /** A sequence and the last value that it gave. */
  public record Sequence(String name, long last) {}

  /** Rows of all tables. */
  public long rows() {
    return tables.stream().mapToLong(Table::rows).sum();
  }

  /** Bytes of all tables. */
  public long bytes() {
    return tables.stream().mapToLong(Table::bytes).sum();
  }

  String text() {
    var lines = new ArrayList<String>();
    lines.add(FIRST_LINE);
    lines.add("created\t" + created);
    lines.add("postgres\t" + postgres);
    migrations.forEach(version -> lines.add("migration\t" + version));
    for (Table table : tables) {
      lines.add(
          "table\t%s\t%d\t%d\t%s\t%s"
              .formatted(
                  table.name,
                  table.rows,
                  table.bytes,
                  table.sha256,
                  String.join("\t", table.columns)));
    }
    sequences.forEach(s -> lines.add("sequence\t%s\t%d".formatted(s.name, s.last)));
    lines.add("end\t" + digest(lines));
    return String.join("\n", lines) + "\n";
  }

  /** Of the lines before the last: nothing else guards the list that guards the tables. */
  private static String digest(List<String> lines) {
    byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(Digests.sha256().digest(text));
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws StoreException when it is of another form; without the file's name
   */
  static BackupContents parse(String text) {
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !lines.getFirst().equals(FIRST_LINE)) {
      throw new StoreException("it is no backup of a form that this Krafla knows");
    }
    if (!lines.getLast().equals("end\t" + digest(lines.subList(0, lines.size() - 1)))) {
      throw new StoreException("its list of contents was changed or cut off");
    }
    return parse(lines.subList(1, lines.size() - 1));
  }

  /** Reads the lines between the first and the last. */
  static BackupContents parse(List<String> lines) {
    Instant created = Instant.EPOCH;
    String postgres = "";
    var migrations = new ArrayList<String>();
    var tables = new ArrayList<Table>();
    var sequences = new ArrayList<Sequence>();
    for (String line : lines) {
      String[] fields = line.split("\t", -1);
      try {
        switch (fields[0]) {
          case "created" -> created = Instant.parse(fields[1]);
          case "postgres" -> postgres = fields[1];
          case "migration" -> migrations.add(fields[1]);
          case "table" -> tables.add(table(fields));
          case "sequence" -> sequences.add(new Sequence(fields[1], Long.parseLong(fields[2])));
          default -> throw new StoreException("its contents have an unknown line: " + line);
        }
      } catch (IndexOutOfBoundsException | IllegalArgumentException | DateTimeParseException e) {
        throw new StoreException("its contents have a damaged line: " + line, e);
      }
    }
    return new BackupContents(created, postgres, migrations, tables, sequences);
  }

  private static Table table(String[] fields) {
    return new Table(
        fields[1],
        List.of(fields).subList(5, fields.length),
        Long.parseLong(fields[2]),
        Long.parseLong(fields[3]),
        fields[4]);
  }
}

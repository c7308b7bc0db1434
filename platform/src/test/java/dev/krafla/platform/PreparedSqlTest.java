package dev.krafla.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.gateway.Gatekeeper;
import dev.krafla.store.Database;
import dev.krafla.store.TestDatabase;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.StringEntry;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * Every SQL statement that is in the compiled classes as a constant is prepared against the
 * migrated schema: tables, columns and types are right before anything runs. New statements are
 * found by themselves, as they begin with a keyword in capitals.
 */
class PreparedSqlTest {
  private static final Pattern STATEMENT =
      Pattern.compile(
          "\\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|WITH|VALUES)\\s.*",
          Pattern.DOTALL);

  /** Statements that would be overlooked. */
  private static final Pattern SMALL =
      Pattern.compile(
          "\\s*(?:select\\s.+\\sfrom|insert\\s+into|update\\s+\\w+\\s+set|delete\\s+from)\\s.*",
          Pattern.DOTALL);

  /** A quoted text, a cast, or a parameter as JDBI or JDBC has it. */
  private static final Pattern PARAMETER =
      Pattern.compile("'(?:[^']|'')*'|::|:([A-Za-z_]\\w*)|\\?");

  /**
   * Whose statements get names of tables or columns put in, from sets that are closed: the store's
   * for backups of any table; the other two are run, with each name, by tests of their own.
   */
  private static final List<String> COMPOSED =
      List.of(
          "dev/krafla/store/",
          "dev/krafla/gateway/access/AccessTables",
          "dev/krafla/gateway/admin/UsageReport");

  @AutoClose private static final Database DATABASE = TestDatabase.create();

  @Test
  void everyStatementFitsTheSchema() throws Exception {
    Map<String, String> statements = new TreeMap<>();
    for (Class<?> module : List.of(Database.class, Gatekeeper.class, Main.class)) {
      constants(module, statements);
    }
    List<String> wrong = new ArrayList<>();
    int prepared = 0;
    try (Connection connection = DATABASE.connections().getConnection();
        Statement statement = connection.createStatement()) {
      for (Map.Entry<String, String> found : statements.entrySet()) {
        String sql = found.getKey();
        if (SMALL.matcher(sql).matches()) {
          wrong.add("%s: keywords of SQL in capitals: %s".formatted(found.getValue(), sql));
        }
        if (!STATEMENT.matcher(sql).matches()) {
          continue;
        }
        boolean composed = sql.indexOf('\1') >= 0 || sql.contains("%s");
        if (composed && COMPOSED.stream().anyMatch(found.getValue()::startsWith)) {
          continue;
        }
        if (composed) {
          wrong.add("%s: a statement must be one constant: %s".formatted(found.getValue(), sql));
          continue;
        }
        try {
          statement.execute("PREPARE one AS " + numbered(sql));
          statement.execute("DEALLOCATE one");
          prepared++;
        } catch (SQLException e) {
          wrong.add("%s: %s%n%s".formatted(found.getValue(), e.getMessage(), sql));
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(prepared).isGreaterThan(8);
  }

  /** Parameters as PREPARE has them: {@code $1}, the same name the same number. */
  private static String numbered(String sql) {
    List<String> names = new ArrayList<>();
    Matcher matcher = PARAMETER.matcher(sql);
    var text = new StringBuilder();
    while (matcher.find()) {
      String whole = matcher.group();
      String replacement = whole;
      if (whole.equals("?")) {
        names.add("?" + names.size());
        replacement = "$" + names.size();
      } else if (matcher.group(1) != null) {
        if (!names.contains(whole)) {
          names.add(whole);
        }
        replacement = "$" + (names.indexOf(whole) + 1);
      }
      matcher.appendReplacement(text, Matcher.quoteReplacement(replacement));
    }
    return matcher.appendTail(text).toString();
  }

  /** Adds every string constant of a module's classes, with the name of the class it is in. */
  private static void constants(Class<?> inModule, Map<String, String> all)
      throws IOException, URISyntaxException {
    URI place = inModule.getProtectionDomain().getCodeSource().getLocation().toURI();
    Path path = Path.of(place);
    if (Files.isDirectory(path)) {
      constants(path, all);
      return;
    }
    try (FileSystem jar = FileSystems.newFileSystem(path)) {
      constants(jar.getPath("/"), all);
    }
  }

  private static void constants(Path root, Map<String, String> all) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = root.relativize(file).toString();
        if (!name.endsWith(".class") || name.equals("module-info.class")) {
          continue;
        }
        for (PoolEntry entry : ClassFile.of().parse(Files.readAllBytes(file)).constantPool()) {
          if (entry instanceof StringEntry string) {
            all.putIfAbsent(string.stringValue(), name);
          }
        }
      }
    }
  }
}

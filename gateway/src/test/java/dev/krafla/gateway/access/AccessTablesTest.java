package dev.krafla.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.store.Database;
import dev.krafla.store.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class AccessTablesTest {
  @AutoClose private final Database database = TestDatabase.create();

  @Test
  void everyStatementFitsTheSchema() throws SQLException {
    try (var connection = database.connections().getConnection()) {
      for (String sql : AccessTables.STATEMENTS) {
        String numbered = sql.replaceAll("(?<!:):[a-z]+", "?");
        assertThat(connection.prepareStatement(numbered).getParameterMetaData()).isNotNull();
      }
    }
  }
}

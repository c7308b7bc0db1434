/** PostgreSQL, inside or outside, and the tables in it. */
module dev.krafla.store {
  requires com.zaxxer.hikari;
  requires flyway.core;
  requires java.naming; // the driver's API names its types
  requires transitive java.sql;
  requires jdk.security.auth;
  requires org.apache.commons.compress;
  requires static org.checkerframework.checker.qual;
  requires transitive org.jdbi.v3.core;
  requires static org.jspecify;
  requires org.postgresql.jdbc;

  exports dev.krafla.store;
}

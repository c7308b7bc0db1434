/** PostgreSQL, inside or outside, and the tables in it. */
module dev.krafla.store {
  requires static org.jspecify;

  exports dev.krafla.store;
}

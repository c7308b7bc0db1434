/** Many requests on one model, in this process. */
module dev.krafla.engine {
  requires transitive dev.krafla.models;
  requires jdk.management; // how much memory this process may use
  requires static org.jspecify;
  requires tools.jackson.databind;

  exports dev.krafla.engine;
  exports dev.krafla.engine.kvstore;
  exports dev.krafla.engine.kvstore.remote;
  exports dev.krafla.engine.transfer;
}

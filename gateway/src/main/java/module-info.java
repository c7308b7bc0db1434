/** One door in front of every model. */
module dev.krafla.gateway {
  requires dev.krafla.serving;
  requires dev.krafla.store;
  requires dev.krafla.wire;
  requires io.helidon.webserver;
  requires io.prometheus.metrics.core;
  requires io.prometheus.metrics.model;
  requires io.prometheus.writer.text;
  requires static org.jspecify;
  requires org.snakeyaml.engine;

  exports dev.krafla.gateway.access;
  exports dev.krafla.gateway.admin;
  exports dev.krafla.gateway.audit;
  exports dev.krafla.gateway.config;
  exports dev.krafla.gateway.log;
  exports dev.krafla.gateway.money;
  exports dev.krafla.gateway.provider;
  exports dev.krafla.gateway.route;
  exports dev.krafla.gateway.server;
  exports dev.krafla.gateway.upstream;
  exports dev.krafla.gateway;
}

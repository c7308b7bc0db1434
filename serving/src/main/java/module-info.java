/** The engine behind HTTP. */
module dev.krafla.serving {
  requires transitive dev.krafla.engine;
  requires dev.krafla.wire;
  requires io.helidon.common.task;
  requires io.helidon.webserver;
  requires io.prometheus.metrics.core;
  requires io.prometheus.metrics.model;
  requires io.prometheus.writer.text;
  requires java.net.http;
  requires org.zeromq.jeromq;
  requires static org.jspecify;

  exports dev.krafla.serving;
  exports dev.krafla.serving.http;
  exports dev.krafla.serving.ledger;
  exports dev.krafla.serving.proxy;
  exports dev.krafla.serving.replica;
  exports dev.krafla.serving.replay;
  exports dev.krafla.serving.route;
  exports dev.krafla.serving.simulate;
}

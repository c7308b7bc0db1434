/** One door in front of every model. */
module dev.krafla.gateway {
  requires dev.krafla.serving;
  requires dev.krafla.store;
  requires dev.krafla.wire;
  requires static org.jspecify;

  exports dev.krafla.gateway;
  exports dev.krafla.gateway.access;
  exports dev.krafla.gateway.money;
}

/** What is said over HTTP: records of the wires, JSON, server-sent events, and clients. */
module dev.krafla.wire {
  requires java.net.http;
  requires static org.jspecify;
  requires transitive tools.jackson.databind;

  exports dev.krafla.wire;
  exports dev.krafla.wire.anthropic;
  exports dev.krafla.wire.generation;
  exports dev.krafla.wire.openai;
  exports dev.krafla.wire.responses;
}

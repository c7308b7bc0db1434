/** The OpenAI wire: its records, JSON, server-sent events, and a client. */
module dev.krafla.wire {
  requires java.net.http;
  requires static org.jspecify;
  requires transitive tools.jackson.databind;

  exports dev.krafla.wire;
}

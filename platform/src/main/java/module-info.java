/** The command line, and the wiring of everything else. */
module dev.krafla.platform {
  requires dev.krafla.gateway;
  requires dev.krafla.image;
  requires dev.krafla.screen;
  requires dev.krafla.serving;
  requires dev.krafla.store;
  requires dev.krafla.wire;
  requires info.picocli;
  requires io.helidon.webserver;
  requires java.logging;
  requires java.net.http;
  requires jdk.management;
  requires static org.jspecify;
  requires org.jline;
  requires tools.jackson.dataformat.yaml;

  opens dev.krafla.platform to
      info.picocli;
}

/** One semantics for every screen, and the browser as its first surface. */
module dev.krafla.screen {
  requires transitive dev.krafla.wire;
  requires java.net.http;
  requires static org.jspecify;

  exports dev.krafla.screen;
  exports dev.krafla.screen.browser;
  exports dev.krafla.screen.render;
}

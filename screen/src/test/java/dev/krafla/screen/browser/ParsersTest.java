package dev.krafla.screen.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.screen.Bounds;
import dev.krafla.screen.ProtocolException;
import dev.krafla.screen.Screen;
import dev.krafla.screen.cdp.CdpConnection;
import dev.krafla.screen.cdp.CdpSession;
import dev.krafla.testing.DamagedJson;
import dev.krafla.testing.Fuzz;
import dev.krafla.wire.InvalidBody;
import dev.krafla.wire.Json;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Whatever a browser says of a page, the screen is built or the answer is refused. */
class ParsersTest {
  @Test
  void damagedTreesAndSnapshotsAreReadOrRefusedAndNothingElse() {
    try (var page = TestBrowser.open("form.html")) {
      CdpSession session = page.surface().tab().main();
      ObjectNode snapshot =
          session.call(
              "DOMSnapshot.captureSnapshot",
              "computedStyles",
              DomSnapshot.STYLES,
              "includePaintOrder",
              true,
              "includeDOMRects",
              true);
      ObjectNode tree = session.call("Accessibility.getFullAXTree");
      String goodSnapshot = Json.write(snapshot);
      String goodTree = Json.write(tree);
      String frame = page.surface().tab().targetId();
      CdpConnection connection = session.connection();
      assertThat(screen(frame, connection, snapshot, tree).stream().count()).isGreaterThan(20);
      Fuzz.check(
          300,
          Duration.ofSeconds(4),
          random -> {
            try {
              ObjectNode s = Json.parseObject(DamagedJson.of(goodSnapshot, random));
              ObjectNode t = Json.parseObject(DamagedJson.of(goodTree, random));
              return screen(frame, connection, s, t).stream().count() >= 0;
            } catch (ProtocolException | InvalidBody e) {
              return false;
            }
          });
    }
  }

  private static Screen screen(
      String frame, CdpConnection connection, ObjectNode snapshot, ObjectNode tree) {
    var session = new CdpSession(connection, "S");
    var main = new Frame(frame, "", "D", "http://x/", session, "");
    Capture capture =
        new Capture(
            List.of(main),
            Map.of(session, DomSnapshot.parse(snapshot)),
            Map.of(frame, AxTree.parse(tree)),
            Map.of(),
            new Bounds(0, 0, 1280, 800),
            900,
            1);
    return ScreenBuilder.build(capture, new RefBook(), "browser:test", 1);
  }
}

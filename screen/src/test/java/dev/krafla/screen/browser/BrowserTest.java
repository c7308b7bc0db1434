package dev.krafla.screen.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krafla.screen.Action;
import dev.krafla.screen.ActionResult;
import dev.krafla.screen.BrowserNotFoundException;
import dev.krafla.screen.Outcome;
import dev.krafla.screen.Role;
import dev.krafla.screen.SurfaceLostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrowserTest {
  @Test
  void aBrowserThatWasLeftIsFoundAgainWithItsTabsAndOneThatDiedIsReplaced(@TempDir Path folder)
      throws Exception {
    BrowserOptions options =
        BrowserOptions.in(folder.resolve("profile"))
            .withProgram(TestBrowser.program())
            .withGrace(Duration.ofSeconds(60));
    TestBrowser.browser();
    Browser first = Browser.open(options);
    String name;
    try (BrowserSurface kept = keep(first)) {
      name = kept.name();
      assertThatThrownBy(() -> Browser.open(options))
          .isInstanceOf(SurfaceLostException.class)
          .hasMessageContaining("in use");
      first.leave(); // to the browser and to its guard as if this JVM had crashed
      Browser second = Browser.open(options);
      assertThat(second.wasRunning()).isTrue();
      assertThat(second.pid()).isEqualTo(first.pid());
      BrowserSurface again = second.surface(name);
      assertThat(again.observe().screen().title()).isEqualTo("Menu");

      ProcessHandle process = ProcessHandle.of(second.pid()).orElseThrow();
      process.destroyForcibly();
      process.onExit().get(20, TimeUnit.SECONDS);
      ActionResult lost = again.perform(new Action.Key("Tab"));
      assertThat(lost.outcome()).contains(Outcome.SURFACE_LOST);
      assertThatThrownBy(again::observe).isInstanceOf(SurfaceLostException.class);
      second.close();
      try (Browser third = Browser.open(options)) {
        assertThat(third.wasRunning()).isFalse();
        assertThat(third.mainSurface().observe().screen().location()).isEqualTo("about:blank");
      }
    }
  }

  private static BrowserSurface keep(Browser browser) {
    BrowserSurface surface = browser.newSurface();
    surface.perform(new Action.Open(TestBrowser.url("menu.html")));
    return surface;
  }

  @Test
  void surfacesShareNoCookies() {
    try (var one = TestBrowser.openAlone("menu.html");
        var two = TestBrowser.openAlone("menu.html")) {
      String set = "document.cookie = 'who=one'";
      one.surface().tab().main().call("Runtime.evaluate", "expression", set);
      String seen =
          two.surface()
              .tab()
              .main()
              .call("Runtime.evaluate", "expression", "document.cookie")
              .path("result")
              .path("value")
              .asString("none");
      assertThat(seen).isEmpty();
    }
  }

  @Test
  void aPageThatCrashesIsSaidToBeLostAndTheSurfaceGoesOn() {
    try (var page = TestBrowser.openAlone("menu.html")) {
      page.surface().tab().main().tell("Page.crash");
      page.surface()
          .tab()
          .await(
              () -> page.surface().tab().crash().isPresent(),
              System.nanoTime() + Duration.ofSeconds(20).toNanos());
      ActionResult lost = page.perform(new Action.Key("Tab"));
      assertThat(lost.outcome()).contains(Outcome.SURFACE_LOST);
      page.perform(new Action.Open(TestBrowser.url("form.html")));
      assertThat(page.node(Role.HEADING, "Order")).isNotNull();
    }
  }

  @Test
  void aProgramThatIsNoBrowserIsNamed() {
    assertThatThrownBy(() -> BrowserProgram.find(Map.of(BrowserProgram.VARIABLE, "/bin/false")))
        .isInstanceOf(BrowserNotFoundException.class)
        .hasMessageContaining("/bin/false")
        .hasMessageContaining("120");
  }

  @Test
  void aScreenshotIsAPicture() {
    try (var page = TestBrowser.open("menu.html")) {
      assertThat(page.surface().screenshot()).startsWith(0x89, 'P', 'N', 'G');
    }
  }
}

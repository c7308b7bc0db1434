package dev.krafla.screen.browser;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.krafla.screen.Action;
import dev.krafla.screen.ActionResult;
import dev.krafla.screen.BrowserNotFoundException;
import dev.krafla.screen.Node;
import dev.krafla.screen.Observation;
import dev.krafla.screen.Role;
import dev.krafla.screen.Screen;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;

/**
 * One real browser for all tests of this JVM, started on first use, and a server of the fixture
 * pages. Tests are skipped where the machine has no browser.
 */
final class TestBrowser {
  private static final Optional<BrowserProgram> PROGRAM = find();

  private TestBrowser() {}

  /** Made when it is first asked for. */
  private static final class Running {
    static final Path FOLDER = temporary();
    static final Browser BROWSER = start();
    static final HttpServer SERVER = serve();
    static final BrowserSurface SURFACE = BROWSER.newSurface();

    private static Browser start() {
      Browser browser =
          Browser.open(
              BrowserOptions.in(FOLDER.resolve("profile"))
                  .withProgram(PROGRAM.orElseThrow())
                  .withDownloads(FOLDER.resolve("downloads"))
                  .withFlags("--site-per-process", "--host-resolver-rules=MAP *.test 127.0.0.1")
                  .withGrace(Duration.ZERO));
      Runtime.getRuntime().addShutdownHook(new Thread(browser::close));
      return browser;
    }
  }

  private static Optional<BrowserProgram> find() {
    try {
      return Optional.of(BrowserProgram.find(System.getenv()));
    } catch (BrowserNotFoundException e) {
      return Optional.empty();
    }
  }

  static BrowserProgram program() {
    assumeTrue(PROGRAM.isPresent(), "no Chrome or Chromium on this machine");
    return PROGRAM.orElseThrow();
  }

  static Browser browser() {
    program();
    return Running.BROWSER;
  }

  static Path downloads() {
    return Running.FOLDER.resolve("downloads");
  }

  static Path temporary() {
    try {
      return Files.createTempDirectory("krafla-browser");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Address of a fixture page, as {@code menu.html?x=1}. */
  static String url(String page) {
    return "http://localhost:" + Running.SERVER.getAddress().getPort() + "/" + page;
  }

  /** The same page from another site, which the browser draws in another process. */
  static String elsewhere(String page) {
    return "http://other.test:" + Running.SERVER.getAddress().getPort() + "/" + page;
  }

  private static HttpServer serve() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.createContext("/", TestBrowser::answer);
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    try (exchange;
        InputStream in = TestBrowser.class.getResourceAsStream("/pages" + path)) {
      if (in == null) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      byte[] body =
          new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
              .replace("ELSEWHERE", elsewhere(""))
              .getBytes(java.nio.charset.StandardCharsets.UTF_8);
      exchange
          .getResponseHeaders()
          .set("Content-Type", path.endsWith(".html") ? "text/html; charset=utf-8" : "text/plain");
      if (path.endsWith(".bin")) {
        exchange.getResponseHeaders().set("Content-Disposition", "attachment");
      }
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** A fixture page on the surface that the tests of this JVM share, one after the other. */
  static Visit open(String page) {
    browser();
    return visit(Running.SURFACE, page);
  }

  /** A fixture page on a surface of one test's own, for what leaves traces. */
  static Visit openAlone(String page) {
    return visit(browser().newSurface(), page);
  }

  private static Visit visit(BrowserSurface surface, String page) {
    Visit visit = new Visit(surface);
    ActionResult opened = visit.perform(new Action.Open(page.contains(":") ? page : url(page)));
    if (!opened.done()) {
      throw new AssertionError(opened.message());
    }
    return visit;
  }

  /** Short words for what tests do. */
  record Visit(BrowserSurface surface) implements AutoCloseable {
    ActionResult perform(Action action) {
      return surface.perform(action);
    }

    Screen screen() {
      return surface.last().map(Observation::screen).orElseGet(() -> surface.observe().screen());
    }

    /** The one node of this role and name. */
    Node node(Role role, String name) {
      List<Node> found = screen().named(role, name);
      if (found.size() != 1) {
        throw new AssertionError(
            "%d nodes are %s \"%s\" among %s"
                .formatted(found.size(), role, name, screen().stream().toList()));
      }
      return found.getFirst();
    }

    ActionResult click(Role role, String name) {
      return perform(new Action.Click(node(role, name).ref()));
    }

    /** All that is to be read now. */
    String text() {
      return String.join(" ", screen().nodes().stream().map(Node::text).toList());
    }

    @Override
    public void close() {
      if (surface != Running.SURFACE) {
        surface.close();
      }
    }
  }
}

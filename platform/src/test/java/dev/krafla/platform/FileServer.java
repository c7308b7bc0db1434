package dev.krafla.platform;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** An HTTP server of files that answers ranges, and misbehaves on request. */
final class FileServer implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
  private final List<Seen> requests = new CopyOnWriteArrayList<>();
  private volatile String version = "\"v1\"";
  private volatile int bytesBeforeCut = Integer.MAX_VALUE;
  private volatile Runnable atCut = () -> {};

  /** A request as it arrived. */
  record Seen(String path, Optional<String> range, Optional<String> authorization) {}

  /** Answers one path in its own way. */
  interface Handler {
    void answer(HttpExchange exchange) throws IOException;
  }

  FileServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  /** The same server under another host name. */
  String otherUrl(String path) {
    return "http://localhost:" + server.getAddress().getPort() + path;
  }

  void put(String path, byte[] file) {
    files.put(path, file);
  }

  byte[] file(String path) {
    return Objects.requireNonNull(files.get(path));
  }

  void on(String path, Handler handler) {
    handlers.put(path, handler);
  }

  /** From now on files count as changed. */
  void changeVersion() {
    version = "\"v2\"";
  }

  /** The next answer with a body runs {@code then} after {@code bytes} of it and breaks off. */
  void cutOnceAfter(int bytes, Runnable then) {
    atCut = then;
    bytesBeforeCut = bytes;
  }

  List<Seen> requests() {
    return List.copyOf(requests);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      requests.add(
          new Seen(
              path,
              Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range")),
              Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))));
      Handler handler = handlers.get(path);
      byte[] file = files.get(path);
      if (handler != null) {
        handler.answer(exchange);
      } else if (file == null) {
        exchange.sendResponseHeaders(404, -1);
      } else {
        send(exchange, file);
      }
    }
  }

  private void send(HttpExchange exchange, byte[] file) throws IOException {
    exchange.getResponseHeaders().set("ETag", version);
    int from = from(exchange);
    if (from >= file.length) {
      exchange.getResponseHeaders().set("Content-Range", "bytes */" + file.length);
      exchange.sendResponseHeaders(416, -1);
      return;
    }
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, file.length - 1, file.length));
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, file.length - from);
    int cut = bytesBeforeCut;
    try (OutputStream out = exchange.getResponseBody()) {
      if (cut < file.length - from) {
        bytesBeforeCut = Integer.MAX_VALUE;
        out.write(file, from, cut);
        out.flush();
        atCut.run();
        throw new IOException("cut off on purpose");
      }
      out.write(file, from, file.length - from);
    }
  }

  private int from(HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    boolean same = version.equals(exchange.getRequestHeaders().getFirst("If-Range"));
    return range == null || !same ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
  }

  /** {@code size} bytes that start as a GGUF file does; equal seeds give equal bytes. */
  static byte[] ggufLike(int size, long seed) {
    var bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    System.arraycopy(new byte[] {'G', 'G', 'U', 'F'}, 0, bytes, 0, 4);
    return bytes;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

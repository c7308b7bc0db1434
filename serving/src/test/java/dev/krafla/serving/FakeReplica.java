package dev.krafla.serving;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A server that answers GET from a table and POST as a test says, down to the byte: it can break
 * off where no real server would on request.
 */
final class FakeReplica implements AutoCloseable {
  /** A request as it came; header names in small letters. */
  record Request(String method, String path, Map<String, String> headers, String body) {}

  /** Answers one POST over its connection. */
  @FunctionalInterface
  interface Answer {
    void write(Request request, OutputStream out) throws IOException;
  }

  private final ServerSocket socket;
  private final Map<String, String> pages = new ConcurrentHashMap<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile Answer answer = (_, out) -> out.write(whole(200, "application/json", "{}"));
  private volatile boolean healthy = true;

  /** POSTs that came, in their order. */
  final List<Request> requests = new CopyOnWriteArrayList<>();

  private FakeReplica(ServerSocket socket) {
    this.socket = socket;
  }

  static FakeReplica start(String model) throws IOException {
    var replica = new FakeReplica(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    replica.page("/health", "{}");
    replica.page("/v1/models", "{\"object\":\"list\",\"data\":[{\"id\":\"" + model + "\"}]}");
    Thread.startVirtualThread(replica::accept);
    return replica;
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort());
  }

  /** What it shows at {@code path}. */
  FakeReplica page(String path, String text) {
    pages.put(path, text);
    return this;
  }

  FakeReplica answers(Answer newAnswer) {
    answer = newAnswer;
    return this;
  }

  void healthy(boolean on) {
    healthy = on;
  }

  /** Connections that are open now. */
  int connections() {
    return open.size();
  }

  static byte[] whole(int status, String contentType, String body, String... headers) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    return "HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n%s"
        .formatted(status, contentType, bytes.length, more, body)
        .getBytes(StandardCharsets.UTF_8);
  }

  static byte[] eventHead() {
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n";
    return head.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] chunk(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    var out = new ByteArrayOutputStream();
    out.writeBytes(
        (Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(bytes);
    out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  static byte[] lastChunk() {
    return "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket connection = socket.accept();
        open.add(connection);
        Thread.startVirtualThread(() -> serve(connection));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = new BufferedInputStream(connection.getInputStream());
      OutputStream out = connection.getOutputStream();
      for (Request request = read(in); request != null; request = read(in)) {
        if (request.method.equals("GET")) {
          out.write(page(request.path));
        } else {
          requests.add(request);
          answer.write(request, out);
        }
        out.flush();
      }
    } catch (IOException e) {
      // The answer broke off on purpose, or the router hung up.
    } finally {
      open.remove(connection);
    }
  }

  private byte[] page(String path) {
    String text = pages.get(path);
    if (text == null) {
      return whole(404, "text/plain", "nothing here");
    }
    return whole(healthy ? 200 : 503, "application/json", text);
  }

  private static @Nullable Request read(InputStream in) throws IOException {
    String first = line(in);
    if (first.isEmpty()) {
      return null;
    }
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    String[] words = first.split(" ", -1);
    return new Request(words[0], words[1], headers, new String(body, StandardCharsets.UTF_8));
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket connection : open) {
      connection.close();
    }
  }
}

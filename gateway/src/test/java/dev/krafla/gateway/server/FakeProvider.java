package dev.krafla.gateway.server;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A provider that answers as a test says, down to the byte. */
final class FakeProvider implements AutoCloseable {
  static final String COMPLETION =
      """
      {"id":"c1","object":"chat.completion","model":"big","choices":[{"index":0,"message":\
      {"role":"assistant","content":"Hello."},"finish_reason":"stop"}],\
      "usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10,\
      "prompt_tokens_details":{"cached_tokens":4}}}\
      """;

  /** A request as it came; header names in small letters. */
  record Request(String line, Map<String, String> headers, String body) {}

  /** Answers one request over its connection. */
  @FunctionalInterface
  interface Answer {
    void write(Request request, OutputStream out) throws IOException;
  }

  private final ServerSocket socket;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile Answer answer = (_, out) -> out.write(json(200, COMPLETION));

  /** Requests in their order. */
  final List<Request> requests = new CopyOnWriteArrayList<>();

  FakeProvider() throws IOException {
    socket = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    Thread.startVirtualThread(this::accept);
  }

  int port() {
    return socket.getLocalPort();
  }

  FakeProvider answers(Answer newAnswer) {
    answer = newAnswer;
    return this;
  }

  /** Connections that are open now. */
  int connections() {
    return open.size();
  }

  static byte[] json(int status, String body, String... headers) {
    return whole(status, "application/json", body, headers);
  }

  static byte[] whole(int status, String type, String body, String... headers) {
    var head = new StringBuilder("HTTP/1.1 " + status + " X\r\nContent-Type: " + type + "\r\n");
    head.append("Content-Length: ").append(bytes(body).length).append("\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return bytes(head + "\r\n" + body);
  }

  /** The head of a stream in chunks. */
  static byte[] streamHead() {
    return bytes(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n");
  }

  static byte[] chunk(String text) {
    return bytes(Integer.toHexString(bytes(text).length) + "\r\n" + text + "\r\n");
  }

  static byte[] lastChunk() {
    return bytes("0\r\n\r\n");
  }

  /** An event of the chat wire with one token. */
  static String token(String text) {
    return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
        + text
        + "\"},\"finish_reason\":null}]}\n\n";
  }

  static final String USAGE_EVENT =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}\n\n";
  static final String DONE = "data: [DONE]\n\n";

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
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
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        Map<String, String> headers = new TreeMap<>();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
          int colon = header.indexOf(':');
          headers.put(
              header.substring(0, colon).toLowerCase(Locale.ROOT),
              header.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        var request =
            new Request(line, headers, new String(in.readNBytes(length), StandardCharsets.UTF_8));
        requests.add(request);
        answer.write(request, out);
        out.flush();
      }
    } catch (IOException e) {
      // Broken off, by this side or by that.
    } finally {
      open.remove(connection);
    }
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

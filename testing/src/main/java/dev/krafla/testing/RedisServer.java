package dev.krafla.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A {@code valkey-server} or {@code redis-server} of the machine's, on a free port of localhost,
 * that keeps nothing on disk. {@link #close} kills it.
 */
public final class RedisServer implements AutoCloseable {
  private static final List<String> PROGRAMS = List.of("valkey-server", "redis-server");

  private final Path program;
  private final int port;
  private final List<String> options;
  private Process process;

  private RedisServer(Path program, int port, List<String> options) {
    this.program = program;
    this.port = port;
    this.options = options;
    this.process = launch();
  }

  /** The program, where the machine has one. */
  public static Optional<Path> find() {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String name : PROGRAMS) {
      for (String folder : path.split(java.io.File.pathSeparator, -1)) {
        Path program = Path.of(folder, name);
        if (Files.isExecutable(program)) {
          return Optional.of(program);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Starts one with further options, as {@code --requirepass secret}; when this returns, it
   * answers.
   */
  public static RedisServer start(String... options) {
    return new RedisServer(find().orElseThrow(), freePort(), List.of(options));
  }

  /** A port that was free just now. */
  public static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Process launch() {
    var command = new ArrayList<String>();
    command.add(program.toString());
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--save", "", "--appendonly", "no"));
    command.addAll(options);
    try {
      Process started =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
              .start();
      awaitReady(started);
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitReady(Process started) throws IOException {
    var seen = new StringBuilder();
    var lines = started.inputReader(StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      seen.append(line).append('\n');
      if (line.contains("eady to accept connections")) {
        Thread.ofVirtual().start(() -> lines.lines().forEach(ignored -> {})); // or it would block
        return;
      }
    }
    throw new AssertionError("the server ended at once:\n" + seen);
  }

  public int port() {
    return port;
  }

  /** As {@code redis://127.0.0.1:PORT}. */
  public String url() {
    return "redis://127.0.0.1:" + port;
  }

  /** Ends it with SIGKILL; what it held is gone. */
  public void kill() {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Stops it with SIGSTOP: it takes connections and bytes, and answers nothing. */
  public void pause() {
    signal("STOP");
  }

  /** Lets it go on after {@link #pause}, with what it was sent meanwhile. */
  public void goOn() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Starts it again, empty, after {@link #kill}. */
  public void startAgain() {
    process = launch();
  }

  /** Says {@code command} on a connection of its own; gives the answer as {@link #call}. */
  public Object ask(String... command) {
    var words = new byte[command.length][];
    for (int i = 0; i < command.length; i++) {
      words[i] = command[i].getBytes(StandardCharsets.UTF_8);
    }
    return call(words);
  }

  /**
   * Says {@code command} on a connection of its own.
   *
   * @return a {@code byte[]}, a {@code Long}, a {@code List} of these, or the text of a status or
   *     an error; an empty {@code Optional} for nothing
   */
  public Object call(byte[]... command) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      var request = new ByteArrayOutputStream();
      request.write(("*" + command.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
      for (byte[] word : command) {
        request.write(("$" + word.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
        request.write(word);
        request.write("\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      OutputStream out = socket.getOutputStream();
      out.write(request.toByteArray());
      return answer(new DataInputStream(new BufferedInputStream(socket.getInputStream())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Object answer(DataInputStream in) throws IOException {
    char kind = (char) in.readUnsignedByte();
    var line = new StringBuilder();
    for (int next = in.readUnsignedByte(); next != '\r'; next = in.readUnsignedByte()) {
      line.append((char) next);
    }
    in.readUnsignedByte();
    String text = line.toString();
    return switch (kind) {
      case ':' -> Long.valueOf(text);
      case '$' -> {
        int length = Integer.parseInt(text);
        if (length < 0) {
          yield Optional.empty();
        }
        byte[] value = in.readNBytes(length);
        in.skipNBytes(2);
        yield value;
      }
      case '*' -> {
        var all = new ArrayList<Object>();
        for (int i = 0; i < Integer.parseInt(text); i++) {
          all.add(answer(in));
        }
        yield all;
      }
      default -> text;
    };
  }

  @Override
  public void close() {
    kill();
  }
}

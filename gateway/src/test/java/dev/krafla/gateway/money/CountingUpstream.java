package dev.krafla.gateway.money;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A provider that counts: a line asks ({@code id organisation team user app key prompt completion},
 * the last two at most), and a line answers with what it took. Its book is what a gateway must
 * agree with, however often that is killed between.
 */
final class CountingUpstream implements AutoCloseable {
  static final long NANODOLLARS_PER_TOKEN = 3;

  private final ServerSocket socket = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
  private final Map<Long, Answered> book = new ConcurrentHashMap<>();

  /** A line of the book. */
  record Answered(Payers payers, long prompt, long completion) {
    long tokens() {
      return prompt + completion;
    }
  }

  CountingUpstream() throws IOException {
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return socket.getLocalPort();
  }

  Map<Long, Answered> book() {
    return book;
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        Thread.ofVirtual().start(() -> answer(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void answer(Socket client) {
    try (client;
        var in =
            new BufferedReader(
                new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        long[] n = Arrays.stream(line.split(" ", -1)).mapToLong(Long::parseLong).toArray();
        var random = new SplittableRandom(n[0]);
        pause(random);
        var answered =
            new Answered(
                GatewayUnderFire.payers(n[1], n[2], n[3], n[4], n[5]),
                n[6] - random.nextLong(n[6] / 4 + 1),
                random.nextLong(n[7] + 1));
        if (book.put(n[0], answered) != null) {
          throw new IllegalStateException("request %d was sent twice".formatted(n[0]));
        }
        pause(random);
        String answer = "%d %d%n".formatted(answered.prompt(), answered.completion());
        client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException e) {
      // the gateway was killed
    }
  }

  /** As a model takes its time, before it counts and after. */
  private static void pause(SplittableRandom random) {
    LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextLong(20_000)));
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

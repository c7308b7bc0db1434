package dev.krafla.gateway.upstream;

import dev.krafla.gateway.upstream.UpstreamException.Reason;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** One connection. One thread at a time uses it; any may close it, which ends what that does. */
final class UpstreamConnection implements Closeable {
  /** Up to this size, head and body go out in one write. */
  private static final int TOGETHER = 1 << 14;

  private final Origin origin;
  private final SocketChannel channel;
  private final OutputStream out;
  private final HttpInput in;
  private boolean used;
  private long idleSince;

  private UpstreamConnection(Origin origin, SocketChannel channel, OutputStream out, HttpInput in) {
    this.origin = origin;
    this.channel = channel;
    this.out = out;
    this.in = in;
  }

  /**
   * Connects to one of the host's addresses.
   *
   * @param opening told of each channel before it connects, so that it can be closed meanwhile
   */
  static UpstreamConnection open(
      Origin origin, Patience patience, SSLSocketFactory tls, Opening opening)
      throws UpstreamException {
    IOException last = null;
    for (InetAddress address : addresses(origin)) {
      try {
        SocketChannel channel = SocketChannel.open();
        opening.opens(channel);
        try {
          return connect(origin, channel, address, patience, tls);
        } catch (IOException e) {
          channel.close();
          throw e;
        }
      } catch (IOException e) {
        last = e;
      }
    }
    String why = last == null ? "it has no address" : last.getMessage();
    throw new UpstreamException(
        Reason.UNREACHABLE,
        "no connection to %s: %s".formatted(origin, why),
        last == null ? new IOException(why) : last);
  }

  /** Hears of channels that are about to connect. */
  @FunctionalInterface
  interface Opening {
    void opens(SocketChannel channel) throws IOException;
  }

  private static InetAddress[] addresses(Origin origin) throws UpstreamException {
    try {
      return InetAddress.getAllByName(origin.host());
    } catch (UnknownHostException e) {
      throw new UpstreamException(
          Reason.UNREACHABLE, "the host of %s is not known".formatted(origin), e);
    }
  }

  private static UpstreamConnection connect(
      Origin origin,
      SocketChannel channel,
      InetAddress address,
      Patience patience,
      SSLSocketFactory tls)
      throws IOException {
    // A token is a small write; waiting for the last one's ACK would cost 40 ms each.
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    Socket socket = channel.socket();
    int limit = (int) Math.min(Integer.MAX_VALUE, patience.connect().toMillis());
    socket.connect(new InetSocketAddress(address, origin.port()), limit);
    if (origin.tls()) {
      SSLSocket secure = (SSLSocket) tls.createSocket(socket, origin.host(), origin.port(), true);
      SSLParameters parameters = secure.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate must be the host's
      parameters.setApplicationProtocols(new String[] {"http/1.1"});
      secure.setSSLParameters(parameters);
      secure.setSoTimeout(limit);
      secure.startHandshake();
      secure.setSoTimeout(0);
      socket = secure;
    }
    return new UpstreamConnection(
        origin, channel, socket.getOutputStream(), new HttpInput(socket.getInputStream()));
  }

  Origin origin() {
    return origin;
  }

  HttpInput in() {
    return in;
  }

  /** Whether it has carried a request before, and so may have been closed by the other side. */
  boolean used() {
    return used;
  }

  void send(byte[] head, byte[] body) throws IOException {
    if (head.length + body.length <= TOGETHER) {
      byte[] all = new byte[head.length + body.length];
      System.arraycopy(head, 0, all, 0, head.length);
      System.arraycopy(body, 0, all, head.length, body.length);
      out.write(all);
    } else {
      out.write(head);
      out.write(body);
    }
    out.flush();
  }

  /** Puts it aside for the next request. */
  void rests(long now) {
    used = true;
    idleSince = now;
  }

  long idleSince() {
    return idleSince;
  }

  /**
   * Whether the other side still has it open, as far as this one knows. Whatever comes between two
   * answers, bytes of TLS included, is a goodbye.
   */
  boolean alive() {
    try {
      channel.configureBlocking(false);
      boolean quiet = channel.read(ByteBuffer.allocate(1)) == 0;
      channel.configureBlocking(true);
      return quiet;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is given up either way.
    }
  }
}

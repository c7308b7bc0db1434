package dev.krafla.engine.kvstore.remote;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * A connection as bytes. Used by one thread at a time; {@link #close} may come from any, never
 * waits, and ends a call that is under way with an exception.
 */
sealed interface Transport extends AutoCloseable {
  /** Reads at least one byte; gives how many, or -1 at the end. */
  int read(ByteBuffer into) throws IOException;

  /** Writes all of {@code from}. */
  void write(ByteBuffer[] from) throws IOException;

  @Override
  void close();

  /** Straight between the socket and memory outside the heap. */
  record Plain(SocketChannel channel) implements Transport {
    static Plain unconnected() throws IOException {
      SocketChannel channel = SocketChannel.open();
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      return new Plain(channel);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      return channel.read(into);
    }

    @Override
    public void write(ByteBuffer[] from) throws IOException {
      while (from[from.length - 1].hasRemaining()) {
        channel.write(from);
      }
    }

    @Override
    public void close() {
      closeQuietly(channel);
    }
  }

  /** With TLS over it; closing cuts the socket, as taking leave could wait. */
  record Encrypted(Socket raw, SSLSocket tls, byte[] chunk) implements Transport {
    private static final int CHUNK_BYTES = 16 << 10; // a TLS record

    /** Shakes hands on {@code raw}, which is connected to {@code host}, whose name is checked. */
    static Encrypted over(Socket raw, String host, RemoteConfig config) throws IOException {
      var tls = (SSLSocket) config.tls().createSocket(raw, host, config.address().port(), true);
      SSLParameters parameters = tls.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the name in the certificate
      tls.setSSLParameters(parameters);
      tls.startHandshake();
      return new Encrypted(raw, tls, new byte[CHUNK_BYTES]);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      InputStream in = tls.getInputStream();
      int n = in.read(chunk, 0, Math.min(chunk.length, into.remaining()));
      if (n > 0) {
        into.put(chunk, 0, n);
      }
      return n;
    }

    @Override
    public void write(ByteBuffer[] from) throws IOException {
      OutputStream out = tls.getOutputStream();
      for (ByteBuffer buffer : from) {
        while (buffer.hasRemaining()) {
          int n = Math.min(chunk.length, buffer.remaining());
          buffer.get(chunk, 0, n);
          out.write(chunk, 0, n);
        }
      }
      out.flush();
    }

    @Override
    public void close() {
      closeQuietly(raw);
    }
  }

  /** Connects {@code raw}, which others may close meanwhile. */
  static void connect(Socket raw, InetSocketAddress where, RemoteConfig config) throws IOException {
    raw.setTcpNoDelay(true);
    raw.connect(where, Math.toIntExact(config.timeout().toMillis()));
  }

  private static void closeQuietly(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      // It is given up in any case.
    }
  }
}

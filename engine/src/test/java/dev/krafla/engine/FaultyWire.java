package dev.krafla.engine;

import dev.krafla.engine.transfer.RemoteKv;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.SplittableRandom;

/**
 * Stands between two workers and passes on what they say, but for what it damages: per connection
 * it may cut it off, flip a bit of what the lender says, or stop in the middle and say nothing
 * more.
 */
final class FaultyWire implements AutoCloseable {
  /** What becomes of a connection. */
  enum Fault {
    NONE,
    REFUSE,
    CUT,
    FLIP,
    STALL
  }

  private final ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
  private final SplittableRandom random;
  private final int faultsOf; // one of so many connections has a fault
  private volatile int target;
  private volatile boolean closed;

  /**
   * @param faultsOf one of so many connections goes wrong
   */
  FaultyWire(SplittableRandom random, int faultsOf) throws IOException {
    this.random = random;
    this.faultsOf = faultsOf;
    Thread.ofVirtual().start(this::accept);
  }

  /** {@code remote}, by way of this wire. */
  RemoteKv through(RemoteKv remote) {
    target = remote.port();
    return new RemoteKv(
        remote.engine(), remote.lease(), "127.0.0.1", listener.getLocalPort(), remote.blocks());
  }

  private void accept() {
    while (!closed) {
      try {
        Socket puller = listener.accept();
        Fault fault =
            random.nextInt(faultsOf) == 0
                ? Fault.values()[1 + random.nextInt(Fault.values().length - 1)]
                : Fault.NONE;
        int at = random.nextInt(random.nextInt(3) == 0 ? 400 : 4000);
        Thread.ofVirtual().start(() -> pass(puller, fault, at));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void pass(Socket puller, Fault fault, int at) {
    try (puller;
        Socket lender = new Socket(InetAddress.getLoopbackAddress(), target)) {
      if (fault == Fault.REFUSE) {
        return;
      }
      Thread.ofVirtual().start(() -> copy(puller, lender, Fault.NONE, 0));
      copy(lender, puller, fault, at);
    } catch (IOException e) {
      // one of the two is gone
    }
  }

  private void copy(Socket from, Socket to, Fault fault, int at) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] bytes = new byte[1 << 14];
      int passed = 0;
      for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
        boolean here = passed <= at && at < passed + n;
        if (here && fault == Fault.FLIP) {
          bytes[at - passed] ^= (byte) (1 << at % 8);
        }
        if (here && (fault == Fault.CUT || fault == Fault.STALL)) {
          out.write(bytes, 0, at - passed);
          out.flush();
          if (fault == Fault.STALL) {
            to.getInputStream().transferTo(OutputStream.nullOutputStream()); // until it gives up
          }
          to.close();
          return;
        }
        out.write(bytes, 0, n);
        out.flush();
        passed += n;
      }
      to.shutdownOutput();
    } catch (IOException e) {
      // one of the two is gone
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    listener.close();
  }
}

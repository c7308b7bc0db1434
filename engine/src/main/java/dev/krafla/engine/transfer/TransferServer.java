package dev.krafla.engine.transfer;

import dev.krafla.engine.transfer.TransferException.Reason;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;

/**
 * Gives the KV of leases to other workers: a virtual thread a connection, straight out of the
 * slabs. What a connection says is checked before it is believed; it gets a lease only by its id,
 * and only after it has shown that it has the secret.
 */
public final class TransferServer implements AutoCloseable {
  private static final Logger LOG = System.getLogger(TransferServer.class.getName());

  /** How long a connection that asks for nothing is kept. */
  private static final Duration IDLE = Duration.ofMinutes(1);

  private static final Duration AFTER_FAILURE = Duration.ofMillis(100);

  private final ServerSocketChannel listener;
  private final TransferConfig config;
  private final KvIdentity identity;
  private final LeaseBook book;
  private final BlockMemory memory;
  private final Watchdog watchdog = new Watchdog();
  private final SecureRandom random = new SecureRandom();
  private final Semaphore places;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final Phaser running = new Phaser(1);
  private final LongAdder sentBytes = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private volatile boolean closed;

  private TransferServer(
      ServerSocketChannel listener,
      TransferConfig config,
      KvIdentity identity,
      LeaseBook book,
      BlockMemory memory) {
    this.listener = listener;
    this.config = config;
    this.identity = identity;
    this.book = book;
    this.memory = memory;
    this.places = new Semaphore(config.maxConnections());
  }

  /**
   * Starts to listen.
   *
   * @throws IllegalArgumentException when the address cannot be listened at
   */
  public static TransferServer start(
      TransferConfig config, KvIdentity identity, LeaseBook book, BlockMemory memory) {
    ServerSocketChannel listener = listen(config);
    var server = new TransferServer(listener, config, identity, book, memory);
    server.running.register();
    Thread.ofVirtual().name("krafla-kv-server").start(server::accept);
    return server;
  }

  private static ServerSocketChannel listen(TransferConfig config) {
    try {
      ServerSocketChannel listener = ServerSocketChannel.open();
      listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      return listener.bind(new InetSocketAddress(config.host(), config.port()));
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "KV transfers cannot be listened for at %s port %d (%s); name another port, or 0 for any free one"
              .formatted(config.host(), config.port(), e.getMessage()),
          e);
    }
  }

  /** Where it listens. */
  public int port() {
    return listener.socket().getLocalPort();
  }

  /** Bytes of KV and logits that were sent. */
  public long sentBytes() {
    return sentBytes.sum();
  }

  /** Requests and connections that were refused. */
  public long refused() {
    return refused.sum();
  }

  private void accept() {
    try {
      while (!closed) {
        try {
          SocketChannel socket = listener.accept();
          running.register();
          Thread.ofVirtual().name("krafla-kv-lend").start(() -> admit(socket));
        } catch (ClosedChannelException e) {
          return; // close() did that
        } catch (IOException e) {
          LOG.log(Level.WARNING, "A connection for a KV transfer could not be accepted: {0}", e);
          pause();
        }
      }
    } finally {
      running.arriveAndDeregister();
    }
  }

  /** Where accepting fails, as for want of file handles: not a thousand times a second. */
  private static void pause() {
    try {
      Thread.sleep(AFTER_FAILURE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void admit(SocketChannel socket) {
    open.add(socket);
    try (var channel = new FrameChannel(socket, watchdog, config.stall())) {
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      if (closed) {
        return;
      }
      if (!places.tryAcquire()) {
        refuse(channel, Reason.BUSY, "this worker serves as many connections as it takes");
        return;
      }
      try {
        serve(channel);
      } finally {
        places.release();
        sentBytes.add(channel.bytes());
      }
    } catch (IOException | TransferException e) {
      LOG.log(Level.DEBUG, "A KV transfer ended early: {0}", e.toString());
    } finally {
      open.remove(socket);
      running.arriveAndDeregister();
    }
  }

  private void serve(FrameChannel channel) throws TransferException {
    if (!agree(channel)) {
      return;
    }
    while (!closed) {
      Optional<Message> next = channel.receiveOrEnd(IDLE);
      if (next.isEmpty()) {
        return;
      }
      switch (next.get()) {
        case Message.Pull pull -> lend(channel, pull);
        case Message.Release(var engine, var lease) ->
            book.find(engine, lease).ifPresent(l -> l.close(Lease.End.ACKNOWLEDGED));
        case Message.Challenge _,
            Message.Hello _,
            Message.Ready _,
            Message.Grant _,
            Message.Refused _ -> {
          refuse(channel, Reason.PROTOCOL, "this message is not for who lends");
          return;
        }
      }
    }
  }

  /** Both show that they have the secret, and have the same model; gives whether they do. */
  private boolean agree(FrameChannel channel) throws TransferException {
    byte[] nonce = new byte[Message.NONCE_BYTES];
    random.nextBytes(nonce);
    channel.send(new Message.Challenge(Message.VERSION, nonce));
    if (!(channel.receive(config.connect()) instanceof Message.Hello hello)) {
      refuse(channel, Reason.PROTOCOL, "a connection begins with Hello");
      return false;
    }
    if (hello.version() != Message.VERSION) {
      refuse(
          channel,
          Reason.MISMATCH,
          "the wire has version %d here and %d there".formatted(Message.VERSION, hello.version()));
      return false;
    }
    if (!config.key().accepts(hello.proof(), "pull", nonce, hello.nonce())) {
      refuse(channel, Reason.UNAUTHORIZED, "the two workers have not the same secret");
      return false;
    }
    Optional<String> difference = identity.difference(hello.identity());
    if (difference.isPresent()) {
      refuse(channel, Reason.MISMATCH, difference.get());
      return false;
    }
    channel.send(new Message.Ready(config.key().proof("lend", nonce, hello.nonce())));
    return true;
  }

  private void lend(FrameChannel channel, Message.Pull pull) throws TransferException {
    Optional<Lease> found = book.find(pull.engine(), pull.lease());
    if (found.isEmpty() || !found.get().beginRead()) {
      refuse(channel, Reason.NO_LEASE, "there is no such lease: it has ended, or never was");
      return;
    }
    Lease lease = found.get();
    try {
      if (!lease.prompt().equals(pull.prompt())) {
        refuse(channel, Reason.OTHER_PROMPT, "the lease is for another prompt, tenant or salt");
        return;
      }
      send(channel, lease, pull);
    } finally {
      lease.endRead();
    }
  }

  private void send(FrameChannel channel, Lease lease, Message.Pull pull) throws TransferException {
    channel.send(new Message.Grant(lease.tokens(), lease.numBlocks()));
    channel.send(FrameType.LOGITS, 0, new ByteBuffer[] {lease.logits().asByteBuffer()});
    for (int i = pull.from(); i < lease.numBlocks(); i++) {
      channel.send(FrameType.BLOCK, i, memory.block(lease.block(i)));
    }
  }

  private void refuse(FrameChannel channel, Reason reason, String why) throws TransferException {
    refused.increment();
    LOG.log(Level.DEBUG, "A KV transfer is refused: {0}", why);
    channel.send(new Message.Refused(reason, why));
  }

  /** Ends all transfers and waits until nobody reads the slabs any more. */
  @Override
  public void close() {
    closed = true;
    try {
      listener.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "The listener for KV transfers does not close: {0}", e.toString());
    }
    for (SocketChannel socket : open) {
      try {
        socket.close();
      } catch (IOException e) {
        LOG.log(Level.DEBUG, "A KV transfer does not close: {0}", e.toString());
      }
    }
    running.arriveAndAwaitAdvance();
    watchdog.close();
  }
}

package dev.krafla.engine.transfer;

import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.transfer.TransferException.Reason;
import dev.krafla.kernels.KvCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Fetches KV from other workers, a connection for each prompt, straight into the slabs. Blocking;
 * for any number of threads.
 */
public final class TransferClient implements AutoCloseable {
  private final TransferConfig config;
  private final KvIdentity identity;
  private final Watchdog watchdog = new Watchdog();
  private final SecureRandom random = new SecureRandom();
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

  public TransferClient(TransferConfig config, KvIdentity identity) {
    this.config = config;
    this.identity = identity;
  }

  /**
   * What is wanted of a prompt.
   *
   * @param prompt stands for it
   * @param tokens of the prompt
   * @param from first block that is wanted
   * @param count most blocks that are wanted, after the logits at its end
   */
  public record Wanted(KvKey prompt, int tokens, int from, int count) {}

  /** Where it goes. Called on the thread that fetches. */
  public interface Sink {
    /** The lender has the KV of so many tokens, from the first on. */
    void granted(int tokens);

    /** Memory for the logits. */
    ByteBuffer logitsMemory();

    /** The logits are there, sound. */
    void logitsCame();

    /** Memory for the {@code i}-th block of the sequence, by layer. */
    ByteBuffer[] blockMemory(int i);

    /** That block is there, sound. */
    void blockCame();

    /** Whether nobody wants it any more. */
    boolean cancelled();
  }

  /**
   * Fetches what is {@code wanted}, and lets the lender know when all has come.
   *
   * @throws TransferException where not all came; what the sink was told of is sound all the same
   */
  public void pull(RemoteKv remote, Wanted wanted, Sink sink) throws TransferException {
    talk(
        remote,
        channel -> {
          channel.send(
              new Message.Pull(remote.engine(), remote.lease(), wanted.prompt(), wanted.from()));
          receive(channel, wanted, sink);
          channel.send(new Message.Release(remote.engine(), remote.lease()));
        });
  }

  private void receive(FrameChannel channel, Wanted wanted, Sink sink) throws TransferException {
    Message.Grant grant =
        switch (channel.receive(config.stall())) {
          case Message.Grant g -> g;
          case Message.Refused(Reason reason, String why) ->
              throw new TransferException(reason, why);
          case Message other ->
              throw TransferException.protocol("%s where Grant was due".formatted(other.type()));
        };
    int blocks = (grant.tokens() + KvCache.BLOCK_TOKENS - 1) / KvCache.BLOCK_TOKENS;
    if (grant.tokens() > wanted.tokens() || grant.blocks() != blocks) {
      throw TransferException.protocol(
          "%d tokens in %d blocks are granted; the prompt has %d tokens"
              .formatted(grant.tokens(), grant.blocks(), wanted.tokens()));
    }
    sink.granted(grant.tokens());
    channel.receive(FrameType.LOGITS, 0, new ByteBuffer[] {sink.logitsMemory()});
    sink.logitsCame();
    int end = Math.min(grant.blocks(), wanted.from() + wanted.count());
    for (int i = wanted.from(); i < end; i++) {
      if (sink.cancelled()) {
        throw new TransferException(Reason.CANCELLED, "nobody wants it any more");
      }
      channel.receive(FrameType.BLOCK, i, sink.blockMemory(i));
      sink.blockCame();
    }
  }

  /**
   * Lets the lender know that nobody will fetch that.
   *
   * @throws TransferException when it cannot be told; the lease then ends by itself
   */
  public void release(RemoteKv remote) throws TransferException {
    talk(remote, channel -> channel.send(new Message.Release(remote.engine(), remote.lease())));
  }

  @FunctionalInterface
  private interface Exchange {
    void with(FrameChannel channel) throws TransferException;
  }

  private void talk(RemoteKv remote, Exchange exchange) throws TransferException {
    try (SocketChannel socket = SocketChannel.open()) {
      open.add(socket);
      try (FrameChannel channel = new FrameChannel(socket, watchdog, config.stall())) {
        connect(socket, remote);
        agree(channel);
        exchange.with(channel);
      } finally {
        open.remove(socket);
      }
    } catch (IOException e) {
      throw new TransferException(Reason.BROKEN, "no connection: " + e.getMessage(), e);
    }
  }

  private void connect(SocketChannel socket, RemoteKv remote) throws TransferException {
    try (Watchdog.Watch _ = watchdog.over(socket, config.connect())) {
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      socket.connect(new InetSocketAddress(remote.host(), remote.port()));
    } catch (IOException | UnresolvedAddressException e) {
      throw new TransferException(
          Reason.UNREACHABLE,
          "%s port %d cannot be reached: %s".formatted(remote.host(), remote.port(), e),
          e);
    }
  }

  private void agree(FrameChannel channel) throws TransferException {
    Message first = channel.receive(config.connect());
    byte[] nonce = new byte[Message.NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] theirs =
        switch (first) {
          case Message.Challenge(int version, byte[] n) when version == Message.VERSION -> n;
          case Message.Challenge(int version, byte[] _) ->
              throw new TransferException(
                  Reason.MISMATCH,
                  "the wire has version %d here and %d there".formatted(Message.VERSION, version));
          case Message.Refused(Reason reason, String why) ->
              throw new TransferException(reason, why);
          case Message other ->
              throw TransferException.protocol("a connection begins with " + other.type());
        };
    channel.send(
        new Message.Hello(
            Message.VERSION, nonce, config.key().proof("pull", theirs, nonce), identity));
    switch (channel.receive(config.connect())) {
      case Message.Ready(byte[] proof) -> {
        if (!config.key().accepts(proof, "lend", theirs, nonce)) {
          throw new TransferException(
              Reason.UNAUTHORIZED, "the two workers have not the same secret");
        }
      }
      case Message.Refused(Reason reason, String why) -> throw new TransferException(reason, why);
      case Message other ->
          throw TransferException.protocol("%s where Ready was due".formatted(other.type()));
    }
  }

  /** Ends what is under way; what comes later fails. */
  @Override
  public void close() {
    watchdog.close();
    for (SocketChannel socket : open) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

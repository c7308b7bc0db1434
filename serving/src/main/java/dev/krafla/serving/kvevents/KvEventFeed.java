package dev.krafla.serving.kvevents;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;
import org.zeromq.ZMsg;

/**
 * Listens to one server's events on a thread of its own, until it is closed. Frames are {@code
 * [topic, number, payload]}. Batches that were missed are asked for again where the server has a
 * replay socket: it is sent the first number wanted and answers with frames that end in {@code
 * [number, payload]}, the last with number −1.
 */
public final class KvEventFeed implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(KvEventFeed.class.getName());
  private static final int REPLAY_MILLIS = 2000;
  private static final int HANDSHAKE_MILLIS = 2000;
  private static final int POLL_MILLIS = 200;
  private static final int MAX_QUEUED = 10_000; // batches; more are dropped, and asked for again
  private static final long END = -1;

  private final String endpoint;
  private final Optional<String> replay;
  private final String topic;
  private final EventSequence sequence;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread thread;

  private KvEventFeed(
      String endpoint, Optional<String> replay, String topic, EventSequence sequence) {
    this.endpoint = endpoint;
    this.replay = replay;
    this.topic = topic;
    this.sequence = sequence;
    this.thread = Thread.ofPlatform().daemon().name("kv events " + endpoint).unstarted(this::run);
  }

  /**
   * Starts to listen; a server that is not there yet is waited for.
   *
   * @param endpoint of its publisher, as {@code tcp://10.0.0.7:5557}
   * @param replay of its replay socket
   * @param topic that events must begin with; empty: all
   * @param routerBlockTokens tokens in a router's block
   * @param maxBlocks most of the server's blocks that are remembered
   */
  public static KvEventFeed start(
      String endpoint,
      Optional<String> replay,
      String topic,
      int routerBlockTokens,
      int maxBlocks,
      KvEventListener listener) {
    var sequence = new EventSequence(new HeldBlocks(routerBlockTokens, maxBlocks), listener);
    var feed = new KvEventFeed(endpoint, replay, topic, sequence);
    feed.thread.start();
    return feed;
  }

  private void run() {
    try (ZContext context = new ZContext();
        ZMQ.Socket events = context.createSocket(SocketType.SUB)) {
      events.setRcvHWM(MAX_QUEUED);
      events.setReceiveTimeOut(POLL_MILLIS);
      // A greeting that got stuck is given up and begun again; the library waits 30 s by itself.
      events.setHandshakeIvl(HANDSHAKE_MILLIS);
      events.subscribe(topic.getBytes(StandardCharsets.UTF_8));
      events.connect(endpoint);
      catchUp(context, 0); // what happened before this began to listen
      while (!closed.get()) {
        ZMsg frames = ZMsg.recvMsg(events);
        if (frames != null && frames.size() >= 3) {
          take(context, frames);
        }
      }
    } catch (ZMQException e) {
      LOG.log(System.Logger.Level.WARNING, "events of " + endpoint + " are heard no more", e);
    }
  }

  private void take(ZContext context, ZMsg frames) {
    byte[] payload = frames.removeLast().getData();
    long number;
    try {
      number = KvEventDecoder.sequence(frames.removeLast().getData());
    } catch (InvalidEvents e) {
      LOG.log(System.Logger.Level.WARNING, "{0} sends no events: {1}", endpoint, e.getMessage());
      return;
    }
    if (sequence.hasGapBefore(number)) {
      catchUp(context, Math.max(0, sequence.next()));
    }
    sequence.take(number, payload);
  }

  /** Asks for the batches from {@code from} on, and takes those that the server still has. */
  private void catchUp(ZContext context, long from) {
    if (replay.isEmpty()) {
      return;
    }
    try (ZMQ.Socket socket = context.createSocket(SocketType.DEALER)) {
      socket.setLinger(0);
      socket.setReceiveTimeOut(REPLAY_MILLIS);
      socket.connect(replay.get());
      socket.sendMore(new byte[0]);
      socket.send(ByteBuffer.allocate(Long.BYTES).putLong(0, from).array());
      while (!closed.get()) {
        @Nullable ZMsg frames = ZMsg.recvMsg(socket);
        if (frames == null || frames.size() < 2) {
          return; // it did not answer in time
        }
        byte[] payload = frames.removeLast().getData();
        long number = KvEventDecoder.sequence(frames.removeLast().getData());
        if (number == END) {
          return;
        }
        sequence.take(number, payload);
      }
    } catch (InvalidEvents e) {
      LOG.log(System.Logger.Level.WARNING, "{0} replays no events: {1}", endpoint, e.getMessage());
    }
  }

  /** Listens no more; returns at once. */
  @Override
  public void close() {
    closed.set(true);
  }
}

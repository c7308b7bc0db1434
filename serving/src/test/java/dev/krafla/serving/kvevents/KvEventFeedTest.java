package dev.krafla.serving.kvevents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.serving.route.BlockKeys;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMsg;

/** A publisher over real sockets, and what a feed makes of it. */
class KvEventFeedTest {
  private static final int BLOCK = 16;

  /** What is believed to be held. */
  private static final class Belief implements KvEventListener {
    private final Set<Long> held = Collections.synchronizedSet(new LinkedHashSet<>());
    private final AtomicInteger forgotten = new AtomicInteger();

    @Override
    public void stored(long[] keys) {
      for (long key : keys) {
        held.add(key);
      }
    }

    @Override
    public void evicted(long[] keys) {
      for (long key : keys) {
        held.remove(key);
      }
    }

    @Override
    public void forgotten() {
      held.clear();
      forgotten.incrementAndGet();
    }
  }

  private final ZContext context = new ZContext();
  private final ZMQ.Socket publisher = context.createSocket(SocketType.PUB);
  private final int port = publisher.bindToRandomPort("tcp://127.0.0.1");
  private final Belief belief = new Belief();
  private final List<byte[]> published = new CopyOnWriteArrayList<>();
  private double time = 100;

  @AfterEach
  void stop() {
    context.close();
  }

  private KvEventFeed feed(Optional<String> replay) {
    return KvEventFeed.start("tcp://127.0.0.1:" + port, replay, "kv@", BLOCK, 10_000, belief);
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it did not come to that").isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private byte[] stored(long hash, @Nullable Long parent, int... tokens) {
    List<Integer> ids = Arrays.stream(tokens).boxed().toList();
    return Packer.pack(
        List.of(
            time++,
            List.of(Arrays.asList("BlockStored", List.of(hash), parent, ids, tokens.length))));
  }

  private byte[] removed(long hash) {
    return Packer.pack(List.of(time++, List.of(List.of("BlockRemoved", List.of(hash)))));
  }

  private static byte[] number(long number) {
    return ByteBuffer.allocate(8).putLong(0, number).array();
  }

  private void send(long number, byte[] payload) {
    publisher.sendMore("kv@pod@model");
    publisher.sendMore(number(number));
    publisher.send(payload);
  }

  /**
   * Sends again and again until it is heard: a subscriber that is still connecting hears nothing.
   */
  private void sendUntilHeard(long number, byte[] payload) {
    await(() -> {
      send(number, payload);
      LockSupport.parkNanos(5_000_000);
      return !belief.held.isEmpty();
    });
  }

  private static int[] tokens(int from) {
    int[] tokens = new int[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
      tokens[i] = from + i;
    }
    return tokens;
  }

  private static long[] keys(int... firsts) {
    int[] all = new int[firsts.length * BLOCK];
    for (int i = 0; i < firsts.length; i++) {
      System.arraycopy(tokens(firsts[i]), 0, all, i * BLOCK, BLOCK);
    }
    return BlockKeys.of(all, BLOCK, firsts.length);
  }

  @Test
  void blocksAreHeldUnderTheRoutersOwnKeysUntilTheyAreRemoved() {
    try (KvEventFeed _ = feed(Optional.empty())) {
      sendUntilHeard(0, stored(1, null, tokens(0)));
      send(1, stored(2, 1L, tokens(100)));
      await(() -> belief.held.size() == 2);
      assertThat(belief.held).containsExactly(box(keys(0, 100)));
      send(2, removed(2));
      await(() -> belief.held.size() == 1);
      assertThat(belief.held).containsExactly(box(keys(0)));
    }
  }

  private static Long[] box(long[] keys) {
    Long[] boxed = new Long[keys.length];
    for (int i = 0; i < keys.length; i++) {
      boxed[i] = keys[i];
    }
    return boxed;
  }

  @Test
  void withoutReplayAGapMakesItForgetAndGoOn() {
    try (KvEventFeed _ = feed(Optional.empty())) {
      sendUntilHeard(0, stored(1, null, tokens(0)));
      send(5, stored(3, null, tokens(300)));
      await(() -> belief.held.contains(keys(300)[0]));
      assertThat(belief.held).containsExactly(box(keys(300)));
      assertThat(belief.forgotten.get()).isPositive();
    }
  }

  @Test
  void aServerThatStartsAnewIsBelievedAnew() {
    try (KvEventFeed _ = feed(Optional.empty())) {
      sendUntilHeard(40, stored(1, null, tokens(0)));
      send(2, stored(9, null, tokens(900))); // 0 and 1 came before this was connected again
      await(() -> belief.held.contains(keys(900)[0]));
      assertThat(belief.held).containsExactly(box(keys(900)));
    }
  }

  @Test
  void whatWasMissedIsAskedForAgain() {
    published.add(stored(1, null, tokens(0)));
    published.add(stored(2, 1L, tokens(100)));
    published.add(stored(3, 2L, tokens(200)));
    published.add(stored(4, 3L, tokens(300)));
    var replayPort = new CompletableFuture<Integer>();
    Thread replayer = Thread.ofPlatform().daemon().start(() -> replay(replayPort));
    try (KvEventFeed _ = feed(Optional.of("tcp://127.0.0.1:" + replayPort.join()))) {
      await(() -> belief.held.size() == 4); // of before it listened
      published.add(stored(5, 4L, tokens(400)));
      byte[] last = stored(6, 5L, tokens(500));
      published.add(last);
      await(() -> {
        send(5, last); // number 4 was lost on its way
        LockSupport.parkNanos(5_000_000);
        return belief.held.size() == 6;
      });
      assertThat(belief.held).containsExactly(box(keys(0, 100, 200, 300, 400, 500)));
      assertThat(belief.forgotten.get()).isZero();
    }
    replayer.interrupt();
  }

  /** As vLLM does: an empty frame, topic, number and payload for each, and −1 at the end. */
  private void replay(CompletableFuture<Integer> port) {
    // A socket belongs to one thread, and so does its context, which closes it.
    try (ZContext own = new ZContext();
        ZMQ.Socket router = own.createSocket(SocketType.ROUTER)) {
      router.setReceiveTimeOut(50);
      port.complete(router.bindToRandomPort("tcp://127.0.0.1"));
      while (!Thread.currentThread().isInterrupted()) {
        ZMsg asked = ZMsg.recvMsg(router);
        if (asked != null) {
          byte[] client = asked.getFirst().getData();
          int from = (int) ByteBuffer.wrap(asked.getLast().getData()).getLong();
          for (int i = from; i < published.size(); i++) {
            answer(router, client, number(i), published.get(i));
          }
          answer(router, client, number(-1), new byte[0]);
        }
      }
    }
  }

  private static void answer(ZMQ.Socket router, byte[] client, byte[] number, byte[] payload) {
    router.sendMore(client);
    router.sendMore("");
    router.sendMore("kv@pod@model");
    router.sendMore(number);
    router.send(payload);
  }
}

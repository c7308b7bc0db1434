package dev.krafla.engine.kvstore.remote;

import dev.krafla.engine.kvstore.KvKey;
import dev.krafla.engine.kvstore.KvStore;
import dev.krafla.engine.kvstore.remote.RespConnection.Got;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;

/**
 * Keeps entries in a Redis (6.2 or newer) or Valkey server that several workers share, each as one
 * value named {@code krafla:kv:} and the key in hex. What is there only the server knows, so a key
 * of which nothing is known {@linkplain #mayHold may} be there, and asking costs a round trip.
 *
 * <p>How much is kept is the server's to say ({@code maxmemory}, with an eviction policy over all
 * keys); besides, an entry that nobody used for a time to live is gone. An entry that another
 * worker has written is not sent again.
 *
 * <p>An exchange that fails or takes too long has the store left alone for a while ({@link
 * Breaker}), during which it holds nothing and takes nothing. The server is trusted: who can write
 * to it can forge entries, as checksums find damage and no malice.
 */
public final class RemoteStore implements KvStore {
  private static final Logger LOG = System.getLogger(RemoteStore.class.getName());
  private static final String PREFIX = "krafla:kv:";

  /** Keys that are remembered to be there: some 12 MB at most. */
  private static final int MAX_KNOWN = 1 << 17;

  private static final int MAX_MISSING = 1 << 14;

  /** Another worker may have written meanwhile what was missing. */
  private static final Duration MISSING_VALID = Duration.ofSeconds(1);

  /** How long a key is taken to be there, where the server may evict it at any time. */
  private static final Duration KNOWN_VALID = Duration.ofHours(1);

  /** Answers to a command that writes, after which reading goes on and writing pauses. */
  private static final Set<String> READ_ONLY = Set.of("OOM", "READONLY", "MISCONF", "NOPERM");

  private final String ttlSeconds; // "0": none
  private final Connections connections;
  private final Breaker breaker;
  private final Breaker writing;
  private final KnownKeys known;
  private final KnownKeys missing = new KnownKeys(MAX_MISSING, MISSING_VALID.toNanos());

  private RemoteStore(RemoteConfig config) {
    ttlSeconds = Long.toString(config.ttl().toSeconds());
    connections = new Connections(config);
    Duration valid = config.ttl().isZero() ? KNOWN_VALID : config.ttl().dividedBy(2);
    known = new KnownKeys(MAX_KNOWN, valid.toNanos()); // then its life is prolonged
    String name = "The KV cache at " + config.address();
    breaker = new Breaker(name, config.firstPause(), this::tryConnection);
    writing = new Breaker(name + ", for writing,", config.firstPause(), this::tryWriting);
  }

  /**
   * Opens the store at {@code config}'s address. One that does not answer gives a line in the log,
   * holds nothing, and is tried again now and then.
   */
  public static RemoteStore open(RemoteConfig config) {
    var store = new RemoteStore(config);
    try {
      store.tryConnection();
    } catch (IOException e) {
      store.breaker.failed(e);
    }
    return store;
  }

  private void tryConnection() throws IOException {
    connections.lookUp();
    connections.exchange(
        Long.MAX_VALUE,
        c -> {
          c.send("PING");
          c.readOk("PING");
          return true;
        });
    known.clear(); // it may be another server, or an empty one
    missing.clear();
  }

  private void tryWriting() throws IOException {
    ByteBuffer value = ByteBuffer.wrap(new byte[] {1});
    connections.exchange(
        Long.MAX_VALUE,
        c -> {
          c.sendValue(
              new String[] {"SET", PREFIX + "try"}, value.duplicate(), new String[] {"EX", "1"});
          c.readOk("SET");
          return true;
        });
  }

  @Override
  public String name() {
    return "remote";
  }

  @Override
  public boolean mayHold(KvKey key) {
    return breaker.isClosed() && !missing.contains(key);
  }

  @Override
  public boolean holds(KvKey key) {
    return known.contains(key);
  }

  @Override
  public boolean isAvailable() {
    return breaker.isClosed() && writing.isClosed();
  }

  @Override
  public boolean read(KvKey key, ByteBuffer[] into, long limitNanos) throws IOException {
    var starts = new int[into.length];
    int bytes = 0;
    for (int i = 0; i < into.length; i++) {
      starts[i] = into[i].position();
      bytes += into[i].remaining();
    }
    Got got =
        exchange(
            limitNanos,
            c -> {
              for (int i = 0; i < into.length; i++) {
                into[i].position(starts[i]); // as it may be the second time
              }
              return get(c, name(key), into);
            });
    if (got == Got.VALUE) {
      missing.remove(key);
      known.add(key, bytes);
      return true;
    }
    known.remove(key);
    missing.add(key, 0);
    if (got == Got.OTHER_LENGTH) {
      remove(key);
    }
    return false;
  }

  private Got get(RespConnection c, String name, ByteBuffer[] into) throws IOException {
    try {
      if (ttlSeconds.equals("0")) {
        c.send("GET", name);
      } else {
        c.send("GETEX", name, "EX", ttlSeconds); // it is in use: its time begins anew
      }
      return c.readValue("GET", into);
    } catch (RespException.Refused e) {
      if (e.code().equals("WRONGTYPE")) {
        return Got.OTHER_LENGTH; // no value at all
      }
      throw e;
    }
  }

  @Override
  public boolean write(KvKey key, ByteBuffer entry) throws IOException {
    if (!writing.isClosed()) {
      throw new IOException("the store takes no entries now");
    }
    int bytes = entry.remaining();
    try {
      boolean sent =
          exchange(Long.MAX_VALUE, c -> !isThere(c, name(key), bytes) && set(c, name(key), entry));
      missing.remove(key);
      known.add(key, bytes);
      return sent;
    } catch (RespException.Refused e) {
      if (READ_ONLY.contains(e.code())) {
        writing.failed(e);
      }
      throw e;
    }
  }

  /** Whether another worker has written it; its time begins anew then. */
  private boolean isThere(RespConnection c, String name, int bytes) throws IOException {
    try {
      c.send("STRLEN", name);
      if (c.readInteger("STRLEN") != bytes) {
        return false;
      }
    } catch (RespException.Refused e) {
      if (e.code().equals("WRONGTYPE")) {
        return false;
      }
      throw e;
    }
    if (!ttlSeconds.equals("0")) {
      c.send("EXPIRE", name, ttlSeconds);
      return c.readInteger("EXPIRE") == 1;
    }
    return true;
  }

  private boolean set(RespConnection c, String name, ByteBuffer entry) throws IOException {
    String[] expiry = ttlSeconds.equals("0") ? new String[0] : new String[] {"EX", ttlSeconds};
    c.sendValue(new String[] {"SET", name}, entry.duplicate(), expiry);
    c.readOk("SET");
    return true;
  }

  @Override
  public void remove(KvKey key) {
    known.remove(key);
    try {
      exchange(
          Long.MAX_VALUE,
          c -> {
            c.send("DEL", name(key));
            return c.readInteger("DEL");
          });
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "an entry cannot be deleted: {0}", e.toString());
    }
  }

  private <T> T exchange(long limitNanos, Connections.Exchange<T> exchange) throws IOException {
    if (!breaker.isClosed()) {
      throw new IOException("the store is left alone for a while");
    }
    try {
      return connections.exchange(limitNanos, exchange);
    } catch (RespException.Refused e) {
      if (!READ_ONLY.contains(e.code())) {
        breaker.failed(e); // LOADING, NOAUTH, MOVED …: it helps nobody now
      }
      throw e;
    } catch (Connections.Impatient e) {
      throw e; // which says nothing of the server
    } catch (IOException e) {
      breaker.failed(e);
      throw e;
    }
  }

  private static String name(KvKey key) {
    return PREFIX + key.hex();
  }

  /** Of entries that this worker has written or read not long ago. */
  @Override
  public long bytes() {
    return known.bytes();
  }

  @Override
  public long maxBytes() {
    return 0;
  }

  @Override
  public void close() {
    breaker.close();
    writing.close();
    connections.close();
  }
}

package dev.krafla.engine.tier;

/**
 * How fast a store gives entries back: a latency, measured at the start and corrected where loads
 * contradict it, and a bandwidth, measured then and with every load. Thread-safe.
 */
public final class StoreSpeed {
  /** Weight of the newest entry in the running mean. */
  private static final double NEWEST = 0.05;

  /** What a store that was passed over gains each time, so that it is tried again one day. */
  private static final double HOPE = 1.01;

  private double nanosPerEntry;
  private double bytesPerNano;

  /** A store of which nothing is known: it is taken to be fast. */
  public StoreSpeed() {
    this(0, Double.POSITIVE_INFINITY);
  }

  public StoreSpeed(double nanosPerEntry, double bytesPerNano) {
    this.nanosPerEntry = nanosPerEntry;
    this.bytesPerNano = bytesPerNano;
  }

  /** Takes what the probe at the start has measured: a small entry and a large one. */
  public synchronized void measured(long smallNanos, long largeNanos, long largeBytes) {
    nanosPerEntry = smallNanos;
    bytesPerNano = largeBytes / (double) Math.max(1, largeNanos - smallNanos);
  }

  /** Nanoseconds that so many entries are expected to take. */
  public synchronized double nanos(int entries, long bytes) {
    return entries * nanosPerEntry + bytes / bytesPerNano;
  }

  /** Takes what a load has taken. */
  public synchronized void loaded(int entries, long bytes, long nanos) {
    nanosPerEntry = Math.min(nanosPerEntry, nanos / (double) entries); // it cannot be more
    // What is left without the latency; never less than a tenth, or a slow start would look fast.
    double moving = Math.max(nanos - entries * nanosPerEntry, Math.max(1, nanos / 10.0));
    double sample = bytes / moving;
    bytesPerNano =
        Double.isInfinite(bytesPerNano) ? sample : bytesPerNano + NEWEST * (sample - bytesPerNano);
  }

  /** Notes that an entry had not come after so long. */
  public synchronized void gaveUp(long nanos) {
    nanosPerEntry = Math.max(nanosPerEntry, (double) nanos);
  }

  public synchronized void passedOver() {
    bytesPerNano *= HOPE;
    nanosPerEntry /= HOPE;
  }

  public synchronized double bytesPerSecond() {
    return bytesPerNano * 1e9;
  }

  public synchronized double latencySeconds() {
    return nanosPerEntry / 1e9;
  }
}

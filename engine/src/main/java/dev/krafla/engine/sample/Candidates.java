package dev.krafla.engine.sample;

/**
 * The tokens that may still be drawn. Each filter keeps some of them; none sorts more than it
 * keeps.
 *
 * <p>A candidate is one long: its key, so made that keys compare like the numbers they stand for,
 * then its id inverted. So a comparison of longs puts the larger number first and of equal ones the
 * smaller id, and a heap moves 8 bytes at a time.
 */
final class Candidates {
  private final long[] entries;
  private float[] x = new float[0]; // logits of all tokens
  private float shift; // the largest logit
  private float factor; // 1 / temperature
  private int size;

  Candidates(int capacity) {
    entries = new long[capacity];
  }

  /**
   * Begins with no candidates.
   *
   * @param logits of all tokens; read until the draw
   * @param largest of these
   * @param inverseTemperature a candidate's scaled logit is {@code (logit - largest) *
   *     inverseTemperature}
   */
  void begin(float[] logits, float largest, float inverseTemperature) {
    x = logits;
    shift = largest;
    factor = inverseTemperature;
    size = 0;
  }

  int size() {
    return size;
  }

  int id(int i) {
    return idOf(entries[i]);
  }

  /** Scaled logit of the {@code i}-th candidate; 0 for the likeliest token. */
  float scaled(int i) {
    return (x[id(i)] - shift) * factor;
  }

  /** Takes the tokens whose scaled logit is at least {@code threshold}; −∞ is never taken. */
  void loadAbove(double threshold, int n) {
    double raw = shift + threshold / factor;
    float lowest = (float) Math.max(raw, -Float.MAX_VALUE);
    int count = 0;
    for (int i = 0; i < n; i++) {
      if (x[i] >= lowest) {
        entries[count++] = entry(x[i], i);
      }
    }
    size = count;
  }

  /** Takes the {@code k} likeliest by one pass over a heap of k; −∞ is never taken. */
  void loadTop(int k, int n) {
    int i = 0;
    for (; i < n && size < k; i++) {
      if (x[i] > Float.NEGATIVE_INFINITY) {
        entries[size++] = ~entry(x[i], i); // inverted: the least on top
      }
    }
    if (size == k) {
      heapify();
      float least = x[idOf(~entries[0])];
      for (; i < n; i++) {
        // Later ids lose ties, so only a larger logit takes the least one's place.
        if (x[i] > least) {
          entries[0] = ~entry(x[i], i);
          siftDown(0, k);
          least = x[idOf(~entries[0])];
        }
      }
    }
    for (int j = 0; j < size; j++) {
      entries[j] = ~entries[j];
    }
  }

  /** Sorts, the likeliest first. */
  void sort() {
    heapify();
    popUntil(Double.POSITIVE_INFINITY);
  }

  /** Keeps what is at least {@code share} as likely as the likeliest candidate. */
  void keepMinP(double share) {
    float best = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < size; i++) {
      best = Math.max(best, scaled(i));
    }
    double threshold = best + Math.log(share);
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (scaled(i) >= threshold) {
        entries[kept++] = entries[i];
      }
    }
    size = kept;
  }

  /** Keeps the likeliest until their weight reaches {@code mass}, at least one. */
  void keepNucleus(double mass) {
    heapify();
    popUntil(mass);
  }

  /**
   * Keeps those whose surprise is nearest to the expected one, until they have {@code share} of the
   * probability (Meister et al. 2022).
   */
  void keepTypical(double share) {
    double total = weight();
    double logTotal = Math.log(total);
    double entropy = 0;
    for (int i = 0; i < size; i++) {
      entropy += FastExp.of(scaled(i)) / total * (logTotal - scaled(i));
    }
    for (int i = 0; i < size; i++) {
      float distance = (float) Math.abs(logTotal - scaled(i) - entropy);
      entries[i] = entry(-distance, id(i));
    }
    heapify();
    popUntil(share * total);
    for (int i = 0; i < size; i++) {
      entries[i] = entry(x[id(i)], id(i));
    }
  }

  /** Sum of e^scaled over the candidates. */
  double weight() {
    double total = 0;
    for (int i = 0; i < size; i++) {
      total += FastExp.of(scaled(i));
    }
    return total;
  }

  /** The token at {@code u} in [0, 1) of the weight. */
  int draw(double u) {
    double at = u * weight();
    double sum = 0;
    int last = 0;
    for (int i = 0; i < size && sum <= at; i++) {
      float weight = FastExp.of(scaled(i));
      if (weight > 0) {
        last = i;
        sum += weight;
      }
    }
    return id(last);
  }

  private static long entry(float key, int id) {
    int bits = Float.floatToRawIntBits(key + 0f); // −0 becomes 0
    int ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
    return ((long) ordered << 32) | (~id & 0xFFFFFFFFL);
  }

  private static int idOf(long entry) {
    return ~(int) entry;
  }

  /** Moves from the heap's top to the front, in order, until their weight reaches {@code mass}. */
  private void popUntil(double mass) {
    int heap = size;
    double sum = 0;
    while (heap > 0) {
      long top = entries[0];
      sum += FastExp.of((x[idOf(top)] - shift) * factor);
      entries[0] = entries[--heap];
      entries[heap] = top; // what was popped gathers at the end, the first one last
      siftDown(0, heap);
      if (sum >= mass) {
        break;
      }
    }
    for (int i = 0, j = size - 1; i < j; i++, j--) {
      long swap = entries[i];
      entries[i] = entries[j];
      entries[j] = swap;
    }
    size -= heap;
  }

  private void heapify() {
    for (int i = size / 2 - 1; i >= 0; i--) {
      siftDown(i, size);
    }
  }

  private void siftDown(int from, int heap) {
    int i = from;
    long moving = entries[i];
    for (int child = 2 * i + 1; child < heap; child = 2 * i + 1) {
      if (child + 1 < heap && entries[child + 1] > entries[child]) {
        child++;
      }
      if (entries[child] <= moving) {
        break;
      }
      entries[i] = entries[child];
      i = child;
    }
    entries[i] = moving;
  }
}

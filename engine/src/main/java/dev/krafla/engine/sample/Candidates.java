package dev.krafla.engine.sample;

/**
 * The tokens that may still be drawn, with their logits (the likeliest's is 0) and weights. Each
 * filter keeps some of them; none sorts more than it keeps. Ties go to the smaller id, so that
 * equal logits give equal answers.
 */
final class Candidates {
  private final int[] ids;
  private final float[] logits;
  private final float[] weights;
  private final float[] keys; // what the heap is ordered by, the largest on top
  private int size;

  Candidates(int capacity) {
    ids = new int[capacity];
    logits = new float[capacity];
    weights = new float[capacity];
    keys = new float[capacity];
  }

  int size() {
    return size;
  }

  int id(int i) {
    return ids[i];
  }

  float logit(int i) {
    return logits[i];
  }

  /** Takes the tokens with {@code x ≥ threshold}; −∞ is never taken. */
  void loadAbove(float[] x, int n, float threshold) {
    float lowest = Math.max(threshold, -Float.MAX_VALUE);
    size = 0;
    for (int i = 0; i < n; i++) {
      if (x[i] >= lowest) {
        ids[size] = i;
        logits[size++] = x[i];
      }
    }
  }

  /** Takes the {@code k} largest of {@code x} by one pass over a heap of k; −∞ is never taken. */
  void loadTop(float[] x, int n, int k) {
    size = 0;
    int i = 0;
    for (; i < n && size < k; i++) {
      if (x[i] > Float.NEGATIVE_INFINITY) {
        ids[size] = i;
        logits[size] = x[i];
        keys[size++] = -x[i];
      }
    }
    heapify();
    for (; i < n; i++) {
      // Later ids lose ties, so only a larger value takes the smallest's place.
      if (x[i] > logits[0]) {
        ids[0] = i;
        logits[0] = x[i];
        keys[0] = -x[i];
        siftDown(0, size);
      }
    }
  }

  /** Sorts by logit, the likeliest first. */
  void sort() {
    System.arraycopy(logits, 0, keys, 0, size);
    heapify();
    popUntil(Double.POSITIVE_INFINITY);
  }

  /** Keeps what is as likely as {@code share} of the likeliest. */
  void keepMinP(double share) {
    float best = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < size; i++) {
      best = Math.max(best, logits[i]);
    }
    float threshold = (float) (best + Math.log(share));
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (logits[i] >= threshold) {
        ids[kept] = ids[i];
        logits[kept++] = logits[i];
      }
    }
    size = kept;
  }

  /** Keeps the likeliest until their weight reaches {@code mass}, at least one. */
  void keepNucleus(double mass) {
    for (int i = 0; i < size; i++) {
      weights[i] = FastExp.of(logits[i]);
      keys[i] = logits[i];
    }
    heapify();
    popUntil(mass);
  }

  /**
   * Keeps those whose surprise is nearest to the expected one, until they have {@code share} of the
   * probability (Meister et al. 2022).
   */
  void keepTypical(double share) {
    double total = weigh();
    double logTotal = Math.log(total);
    double entropy = 0;
    for (int i = 0; i < size; i++) {
      entropy += weights[i] / total * (logTotal - logits[i]);
    }
    for (int i = 0; i < size; i++) {
      keys[i] = (float) -Math.abs(logTotal - logits[i] - entropy);
    }
    heapify();
    popUntil(share * total);
  }

  /** Sum of all weights, computed anew. */
  double weigh() {
    return FastExp.all(logits, weights, size);
  }

  /** The token at {@code u} in [0, 1) of the total weight. */
  int draw(double u) {
    double at = u * weigh();
    double sum = 0;
    int last = 0;
    for (int i = 0; i < size; i++) {
      if (weights[i] > 0) {
        last = i;
        sum += weights[i];
        if (sum > at) {
          break;
        }
      }
    }
    return ids[last];
  }

  /** Moves from the heap's top to the front, in order, until their weight reaches {@code mass}. */
  private void popUntil(double mass) {
    int heap = size;
    double sum = 0;
    while (heap > 0) {
      sum += weights[0];
      swap(0, --heap);
      siftDown(0, heap);
      if (sum >= mass) {
        break;
      }
    }
    // What was popped lies at the end, the first one last.
    int kept = size - heap;
    for (int i = 0, j = size - 1; i < j; i++, j--) {
      swap(i, j);
    }
    size = kept;
  }

  private void heapify() {
    for (int i = size / 2 - 1; i >= 0; i--) {
      siftDown(i, size);
    }
  }

  private void siftDown(int from, int heap) {
    int i = from;
    while (true) {
      int child = 2 * i + 1;
      if (child >= heap) {
        return;
      }
      if (child + 1 < heap && above(child + 1, child)) {
        child++;
      }
      if (!above(child, i)) {
        return;
      }
      swap(i, child);
      i = child;
    }
  }

  private boolean above(int i, int j) {
    return keys[i] > keys[j] || (keys[i] == keys[j] && ids[i] < ids[j]);
  }

  private void swap(int i, int j) {
    int id = ids[i];
    ids[i] = ids[j];
    ids[j] = id;
    swap(logits, i, j);
    swap(weights, i, j);
    swap(keys, i, j);
  }

  private static void swap(float[] a, int i, int j) {
    float t = a[i];
    a[i] = a[j];
    a[j] = t;
  }
}

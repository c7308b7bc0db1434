package dev.krafla.engine.sample;

import dev.krafla.engine.SamplingParams;
import dev.krafla.engine.TokenEvent.Candidate;
import dev.krafla.engine.TokenEvent.Logprob;
import dev.krafla.engine.TokenMask;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Draws a token from a row of logits: constraint, repetition penalty, frequency and presence
 * penalty, bias; then greedy, or temperature, top-k, typical, top-p, min-p and a draw. The result
 * depends on the row and the arguments alone. Nothing sorts the vocabulary.
 *
 * <p>Owns scratch memory of 16 bytes per vocabulary entry; one thread at a time.
 */
public final class Sampler {
  /** Below this, a temperature is greedy: the likeliest token has all the weight anyway. */
  private static final float GREEDY_BELOW = 1e-5f;

  /** Tokens whose weights are summed together, so that a draw looks at few single ones. */
  private static final int BLOCK = 1024;

  private final int vocabSize;
  private final float[] x; // the row, as the steps change it
  private final float[] weights;
  private final double[] blockWeights;
  private final long[] allowed;
  private final Candidates candidates;
  private float[] proposed = {}; // chances of a draft model's tokens; allocated when first needed

  public Sampler(int vocabSize) {
    this.vocabSize = vocabSize;
    this.x = new float[vocabSize];
    this.weights = new float[vocabSize];
    this.blockWeights = new double[(vocabSize + BLOCK - 1) / BLOCK];
    this.allowed = new long[(vocabSize + 63) / 64];
    this.candidates = new Candidates(vocabSize);
  }

  /**
   * The next token.
   *
   * @param logits one row, {@code float32[vocabSize]}; not changed
   * @param counts the sequence's tokens, where a penalty asks for them
   * @param mask what the constraint allows now, where there is one
   * @param u a random number in [0, 1)
   * @throws IllegalStateException when no token has a finite logit, or none is allowed
   */
  public int draw(
      MemorySegment logits,
      SamplingParams params,
      @Nullable TokenCounts counts,
      @Nullable TokenMask mask,
      double u) {
    boolean greedy = isGreedy(params);
    if (mask != null) {
      Arrays.fill(allowed, 0);
      mask.allowed(allowed);
    }
    if (greedy && counts == null && params.logitBias().isEmpty()) {
      return mask == null ? likeliest(logits) : likeliestAllowed(logits);
    }
    load(logits);
    if (mask != null) {
      forbidOthers();
    }
    if (counts != null) {
      applyPenalties(params, counts);
    }
    for (Map.Entry<Integer, Float> bias : params.logitBias().entrySet()) {
      x[bias.getKey()] += bias.getValue();
    }
    int best = argmax();
    if (greedy) {
      return best;
    }
    return draw(params, x[best], 1 / params.temperature(), u);
  }

  /** Whether {@code params} always take the likeliest token. */
  public static boolean isGreedy(SamplingParams params) {
    return params.temperature() < GREEDY_BELOW;
  }

  /**
   * The next token, where a draft model has drawn {@code guess} by the same {@code params}: keeps
   * it with chance min(1, p/q), where p and q are what the model and the draft model give it; if
   * not, draws from what p has more than q. So tokens have the chances that {@code logits} give
   * them, whatever the draft model is like (Leviathan, Kalman and Matias 2023, theorem 3.5 and
   * appendix A.1), and another token than {@code guess} comes only where that was not kept.
   *
   * @param draft the logits that {@code guess} was drawn from, {@code float32[vocabSize]}
   * @param logits the model's at the same place; neither is changed
   * @param keep a random number in [0, 1), decides whether the guess stays
   * @param u another one, for the draw if not
   */
  public int check(
      int guess,
      MemorySegment draft,
      MemorySegment logits,
      SamplingParams params,
      double keep,
      double u) {
    if (proposed.length == 0) {
      proposed = new float[vocabSize];
    }
    chances(draft, params);
    System.arraycopy(weights, 0, proposed, 0, vocabSize);
    chances(logits, params);
    if (keep * proposed[guess] < weights[guess]) {
      return guess;
    }
    double rest = 0;
    for (int i = 0; i < vocabSize; i++) {
      weights[i] = Math.max(0, weights[i] - proposed[i]);
      rest += weights[i];
    }
    double at = u * rest;
    double sum = 0;
    int last = guess; // all that is left is a rounding error: they are the same
    for (int i = 0; i < vocabSize && sum <= at; i++) {
      if (weights[i] > 0) {
        last = i;
        sum += weights[i];
      }
    }
    return last;
  }

  /** Lets {@link #weights} be the chance that each token has to be drawn. */
  private void chances(MemorySegment logits, SamplingParams params) {
    load(logits);
    for (Map.Entry<Integer, Float> bias : params.logitBias().entrySet()) {
      x[bias.getKey()] += bias.getValue();
    }
    float largest = x[argmax()];
    float factor = 1 / params.temperature();
    double total;
    if (choose(params, largest, factor)) {
      Arrays.fill(weights, 0);
      total = candidates.weight();
      for (int i = 0; i < candidates.size(); i++) {
        weights[candidates.id(i)] = FastExp.of(candidates.scaled(i));
      }
    } else {
      total = weigh(largest, factor);
    }
    for (int i = 0; i < vocabSize; i++) {
      weights[i] = (float) (weights[i] / total);
    }
  }

  /**
   * The log probability of {@code token} and of the {@code top} likeliest, by the row as the model
   * gave it.
   */
  public Logprob logprob(MemorySegment logits, int token, int top) {
    load(logits);
    float largest = x[argmax()];
    double logTotal = Math.log(weigh(largest, 1));
    List<Candidate> likeliest = new ArrayList<>(top);
    if (top > 0) {
      candidates.begin(x, largest, 1);
      candidates.loadTop(top, vocabSize);
      candidates.sort();
      for (int i = 0; i < candidates.size(); i++) {
        float logprob = (float) (candidates.scaled(i) - logTotal);
        likeliest.add(new Candidate(candidates.id(i), logprob));
      }
    }
    return new Logprob((float) (x[token] - largest - logTotal), likeliest);
  }

  private void load(MemorySegment logits) {
    MemorySegment.copy(logits, ValueLayout.JAVA_FLOAT, 0, x, 0, vocabSize);
  }

  /** Takes tokens that are not allowed out of {@link #x}, by the fewer writes word by word. */
  private void forbidOthers() {
    for (int word = 0; word < allowed.length; word++) {
      int from = word * 64;
      int to = Math.min(from + 64, vocabSize);
      long bits = allowed[word];
      if (Long.bitCount(bits) < 32) {
        int kept = 0;
        for (long rest = bits; rest != 0; rest &= rest - 1) {
          weights[kept++] = x[from + Long.numberOfTrailingZeros(rest)];
        }
        Arrays.fill(x, from, to, Float.NEGATIVE_INFINITY);
        kept = 0;
        for (long rest = bits; rest != 0; rest &= rest - 1) {
          x[from + Long.numberOfTrailingZeros(rest)] = weights[kept++];
        }
      } else {
        long others = ~bits & (-1L >>> (64 - (to - from)));
        for (long rest = others; rest != 0; rest &= rest - 1) {
          x[from + Long.numberOfTrailingZeros(rest)] = Float.NEGATIVE_INFINITY;
        }
      }
    }
  }

  /** Index of the largest logit, the smallest of equal ones. */
  private int likeliest(MemorySegment logits) {
    return requireOne(logits, likeliest(logits, 0, vocabSize, -1));
  }

  /** The same of those that are {@link #allowed}. */
  private int likeliestAllowed(MemorySegment logits) {
    int best = -1;
    float max = Float.NEGATIVE_INFINITY;
    for (int word = 0; word < allowed.length; word++) {
      if (allowed[word] == -1) {
        best = likeliest(logits, word * 64, word * 64 + 64, best);
        max = logit(logits, best);
        continue;
      }
      for (long rest = allowed[word]; rest != 0; rest &= rest - 1) {
        int i = word * 64 + Long.numberOfTrailingZeros(rest);
        float logit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        if (logit > max) {
          max = logit;
          best = i;
        }
      }
    }
    return requireOne(logits, best);
  }

  /**
   * The place of the largest of {@code from} to {@code to} if it is larger than that at {@code
   * best}.
   */
  private static int likeliest(MemorySegment logits, int from, int to, int best) {
    float max = logit(logits, best);
    for (int i = from; i < to; i++) {
      float logit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      if (logit > max) {
        max = logit;
        best = i;
      }
    }
    return best;
  }

  /** −∞ at no place. */
  private static float logit(MemorySegment logits, int i) {
    return i < 0 ? Float.NEGATIVE_INFINITY : logits.getAtIndex(ValueLayout.JAVA_FLOAT, i);
  }

  private static int requireOne(MemorySegment logits, int best) {
    return requireOne(best, logit(logits, best));
  }

  private void applyPenalties(SamplingParams params, TokenCounts counts) {
    float repetition = params.repetitionPenalty();
    for (int i = 0; i < counts.size(); i++) {
      int token = counts.token(i);
      float logit = x[token];
      logit = logit > 0 ? logit / repetition : logit * repetition;
      int drawn = counts.drawn(i);
      if (drawn > 0) {
        logit -= drawn * params.frequencyPenalty() + params.presencePenalty();
      }
      x[token] = logit;
    }
  }

  /** Index of the largest entry of {@link #x}, the smallest of equal ones. */
  private int argmax() {
    int best = -1;
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < vocabSize; i++) {
      if (x[i] > max) {
        max = x[i];
        best = i;
      }
    }
    return requireOne(best, max);
  }

  private static int requireOne(int best, float max) {
    if (best < 0 || max == Float.POSITIVE_INFINITY) {
      throw new IllegalStateException(
          best < 0
              ? "no token can be drawn: the constraint allows none, or the logits are not numbers"
              : "the logit of token %d is infinite".formatted(best));
    }
    return best;
  }

  /** Computes all weights, also by block; gives their sum. */
  private double weigh(float largest, float factor) {
    double total = 0;
    for (int block = 0; block < blockWeights.length; block++) {
      int from = block * BLOCK;
      int to = Math.min(from + BLOCK, vocabSize);
      blockWeights[block] = FastExp.all(x, largest, factor, weights, from, to);
      total += blockWeights[block];
    }
    return total;
  }

  private int draw(SamplingParams params, float largest, float factor, double u) {
    return choose(params, largest, factor)
        ? candidates.draw(u)
        : drawFromAll(u * weigh(largest, factor));
  }

  /** Lets {@link #candidates} be those that may be drawn; false: all may. */
  private boolean choose(SamplingParams params, float largest, float factor) {
    boolean typical = params.typicalP() < 1;
    boolean nucleus = params.topP() < 1;
    double total = 0; // of what top-p sees; 0: not known
    candidates.begin(x, largest, factor);
    if (params.topK() > 0 && params.topK() < vocabSize) {
      candidates.loadTop(params.topK(), vocabSize);
    } else if (typical) {
      candidates.loadAbove(Double.NEGATIVE_INFINITY, vocabSize);
    } else if (nucleus) {
      total = weigh(largest, factor);
      // Tokens below (1 - p) / vocabulary together miss the nucleus; half of that is the margin for
      // rounding.
      double least = total * (1 - params.topP()) / vocabSize / 2;
      candidates.loadAbove(Math.log(least), vocabSize);
    } else if (params.minP() > 0) {
      candidates.loadAbove(Math.log(params.minP()), vocabSize);
    } else {
      return false;
    }
    if (typical) {
      candidates.keepTypical(params.typicalP());
      total = 0;
    }
    if (nucleus) {
      candidates.keepNucleus(params.topP() * (total > 0 ? total : candidates.weight()));
    }
    if (params.minP() > 0) {
      candidates.keepMinP(params.minP());
    }
    return true;
  }

  /** The token at {@code at} of the weights. */
  private int drawFromAll(double at) {
    int block = 0;
    double sum = 0;
    while (block < blockWeights.length - 1 && sum + blockWeights[block] <= at) {
      sum += blockWeights[block++];
    }
    int last = -1;
    int end = Math.min((block + 1) * BLOCK, vocabSize);
    for (int i = block * BLOCK; i < end && sum <= at; i++) {
      if (weights[i] > 0) {
        last = i;
        sum += weights[i];
      }
    }
    // Rounding can leave a block without the last crumb of its sum: the largest is always there.
    return last >= 0 ? last : argmax();
  }
}

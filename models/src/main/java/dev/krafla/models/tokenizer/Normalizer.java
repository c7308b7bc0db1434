package dev.krafla.models.tokenizer;

import dev.krafla.models.ModelFormatException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rewrites text before it is cut. Immutable and thread-safe. */
sealed interface Normalizer {
  /**
   * The text as the model knows it.
   *
   * @param first whether {@code text} stands at the very beginning of the input
   */
  String apply(String text, boolean first);

  /** Text as it is. */
  record None() implements Normalizer {
    @Override
    public String apply(String text, boolean first) {
      return text;
    }
  }

  /** A Unicode normal form. */
  record Form(java.text.Normalizer.Form form) implements Normalizer {
    @Override
    public String apply(String text, boolean first) {
      return java.text.Normalizer.normalize(text, form);
    }
  }

  record Lowercase() implements Normalizer {
    @Override
    public String apply(String text, boolean first) {
      return text.toLowerCase(Locale.ROOT);
    }
  }

  /** Removes combining marks. */
  record StripAccents() implements Normalizer {
    private static final Pattern MARKS = Pattern.compile("\\p{M}+");

    @Override
    public String apply(String text, boolean first) {
      return MARKS.matcher(text).replaceAll("");
    }
  }

  /** Cuts white space off the ends. */
  record Strip(boolean left, boolean right) implements Normalizer {
    @Override
    public String apply(String text, boolean first) {
      String cut = left ? text.stripLeading() : text;
      return right ? cut.stripTrailing() : cut;
    }
  }

  /** Puts {@code prefix} before text that is not empty. */
  record Prepend(String prefix) implements Normalizer {
    @Override
    public String apply(String text, boolean first) {
      return text.isEmpty() ? text : prefix + text;
    }
  }

  /** As {@link Prepend}, where the text does not begin so already. */
  record PrependOnce(String prefix, boolean onlyFirst) implements Normalizer {
    @Override
    public String apply(String text, boolean first) {
      boolean wanted = first || !onlyFirst;
      return text.isEmpty() || !wanted || text.startsWith(prefix) ? text : prefix + text;
    }
  }

  record Replace(Pattern pattern, String replacement) implements Normalizer {
    @Override
    public String apply(String text, boolean first) {
      return pattern.matcher(text).replaceAll(Matcher.quoteReplacement(replacement));
    }
  }

  /** {@link Replace} of a plain string. */
  record ReplaceText(String target, String replacement) implements Normalizer {
    @Override
    public String apply(String text, boolean first) {
      return text.replace(target, replacement);
    }
  }

  /**
   * One after the other. Steps that multiply each other's output could make gigabytes of a line;
   * the most that a Unicode normal form makes of a character is 18.
   */
  record Sequence(List<Normalizer> steps) implements Normalizer {
    private static final int MAX_GROWTH = 20;
    private static final int MAX_ADDED = 1000;

    public Sequence {
      steps = List.copyOf(steps);
    }

    @Override
    public String apply(String text, boolean first) {
      long limit = (long) MAX_GROWTH * text.length() + MAX_ADDED;
      String result = text;
      for (Normalizer step : steps) {
        result = step.apply(result, first);
        if (result.length() > limit) {
          throw new ModelFormatException(
              "the tokenizer's normalizer makes %d characters of %d; at most %d are plausible"
                  .formatted(result.length(), text.length(), limit));
        }
      }
      return result;
    }
  }
}

package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;

/**
 * What one rendering may cost, so that no template can hang or exhaust its process. Every node
 * evaluated is a step, and so are every {@value #CHARS_PER_STEP} characters or items made.
 */
final class Budget {
  static final int MAX_STEPS = 20_000_000;
  static final int MAX_CHARS = 32 << 20;
  static final int MAX_ITEMS = 1 << 20;
  static final int MAX_CALL_DEPTH = 64;
  private static final int CHARS_PER_STEP = 16;

  private long steps;
  private int depth;

  void step() {
    if (++steps > MAX_STEPS) {
      throw new ChatTemplateException(
          "the chat template does not end: stopped after %d steps".formatted(MAX_STEPS));
    }
  }

  /** Accounts for a string about to be made; gives its length. */
  int chars(long length) {
    if (length > MAX_CHARS) {
      throw new ChatTemplateException(
          "the chat template makes a text of %d characters; the limit is %d"
              .formatted(length, MAX_CHARS));
    }
    steps += length / CHARS_PER_STEP;
    step();
    return (int) length;
  }

  /** Accounts for a list about to be made; gives its size. */
  int items(long size) {
    if (size > MAX_ITEMS) {
      throw new ChatTemplateException(
          "the chat template makes a list of %d items; the limit is %d".formatted(size, MAX_ITEMS));
    }
    steps += size;
    step();
    return (int) size;
  }

  void enter() {
    if (++depth > MAX_CALL_DEPTH) {
      throw new ChatTemplateException(
          "macros of the chat template call each other more than %d deep"
              .formatted(MAX_CALL_DEPTH));
    }
  }

  void leave() {
    depth--;
  }
}

package dev.krafla.models.jinja;

import dev.krafla.models.ChatTemplateException;

/**
 * What one rendering may cost, so that no template can hang or exhaust its process: time in steps,
 * memory in characters, and stack in levels. Every node evaluated is a step, and so are every
 * {@value #CHARS_PER_STEP} characters read or made. Memory counts all that was ever made, as if
 * nothing were collected. Long conversations may cost more, in proportion.
 */
final class Budget {
  static final int MAX_STEPS = 20_000_000;
  static final int MAX_CHARS = 32 << 20;
  static final int MAX_ITEMS = 1 << 20;

  /** Levels of blocks, expressions and macro calls; one takes up to 1 KB of stack. */
  static final int MAX_DEPTH = 400;

  /** Levels of lists and dicts in values that are compared, printed or written as JSON. */
  static final int MAX_VALUE_DEPTH = 150;

  private static final int CHARS_PER_STEP = 16;

  /** Characters made in all: 128 MB where they are wide. */
  private static final long MAX_MADE = 64 << 20;

  /** An item of a list weighs as much as so many characters: a reference and a small object. */
  private static final int CHARS_PER_ITEM = 24;

  /** How often a template may copy the whole conversation. */
  private static final int COPIES_OF_INPUT = 64;

  private final long maxSteps;
  private final long maxMade;
  private long steps;
  private long made;
  private int depth;

  /** For an input of {@code inputChars} characters. */
  Budget(long inputChars) {
    maxSteps = MAX_STEPS + inputChars * COPIES_OF_INPUT / CHARS_PER_STEP;
    maxMade = MAX_MADE + inputChars * COPIES_OF_INPUT;
  }

  void step() {
    steps(1);
  }

  private void steps(long count) {
    steps += count;
    if (steps > maxSteps) {
      throw new ChatTemplateException(
          "the chat template does not end: stopped after %d steps".formatted(maxSteps));
    }
  }

  private void made(long chars) {
    made += chars;
    if (made > maxMade) {
      throw new ChatTemplateException(
          "the chat template makes more than %d characters in all; they are limited to that"
              .formatted(maxMade));
    }
  }

  /** Accounts for characters that are looked at. */
  void read(long chars) {
    steps(1 + chars / CHARS_PER_STEP);
  }

  /** Accounts for the search for {@code part} in {@code text}, which may compare all with all. */
  void search(String text, String part) {
    read((long) text.length() * Math.max(1, part.length()));
  }

  /** Accounts for a string about to be made; gives its length. */
  int chars(long length) {
    if (length > MAX_CHARS) {
      throw new ChatTemplateException(
          "the chat template makes a text of %d characters; the limit is %d"
              .formatted(length, MAX_CHARS));
    }
    read(length);
    made(length);
    return (int) length;
  }

  /** Accounts for a list about to be made; gives its size. */
  int items(long size) {
    if (size > MAX_ITEMS) {
      throw new ChatTemplateException(
          "the chat template makes a list of %d items; the limit is %d".formatted(size, MAX_ITEMS));
    }
    steps(1 + size);
    made(size * CHARS_PER_ITEM);
    return (int) size;
  }

  /** Enters a block, an expression or a macro. */
  void enter() {
    if (++depth > MAX_DEPTH) {
      throw new ChatTemplateException(
          "blocks, expressions and macro calls of the chat template are nested more than %d deep"
              .formatted(MAX_DEPTH));
    }
  }

  void leave() {
    depth--;
  }

  /**
   * While a text grows, and before it is accounted for: fails once it is longer than one may be.
   */
  static void checkLength(StringBuilder text) {
    if (text.length() > MAX_CHARS) {
      throw new ChatTemplateException(
          "the chat template makes a text of more than %d characters".formatted(MAX_CHARS));
    }
  }

  /** Fails for a value of more levels than there is stack for. */
  static void checkValueDepth(int depth) {
    if (depth > MAX_VALUE_DEPTH) {
      throw new ChatTemplateException(
          "a value is nested more than %d deep".formatted(MAX_VALUE_DEPTH));
    }
  }
}

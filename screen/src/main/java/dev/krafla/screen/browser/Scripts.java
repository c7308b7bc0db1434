package dev.krafla.screen.browser;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The functions that are called in pages, in a world of their own that pages cannot reach. */
final class Scripts {
  /** Resolves when the document has stood still for a while. */
  static final String QUIET = read("quiet.js");

  /** Brings an element into view and finds a point of it that a click meets. */
  static final String LOCATE = read("locate.js");

  /** Resolves at the next change of the document. */
  static final String CHANGE = read("change.js");

  /** Selects what a field holds. */
  static final String SELECT_ALL = read("select-all.js");

  /** Chooses options of a {@code <select>}. */
  static final String CHOOSE = read("choose.js");

  /** Gives a field a value, as its own control would. */
  static final String ASSIGN = read("assign.js");

  private Scripts() {}

  private static String read(String name) {
    try (InputStream in = Scripts.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the distribution lacks " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

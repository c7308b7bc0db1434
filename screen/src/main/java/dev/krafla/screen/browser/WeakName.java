package dev.krafla.screen.browser;

import dev.krafla.screen.Bounds;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A name for what has none: from what its author wrote into title, data attributes, id, class or
 * the picture's file name, and else from its place.
 */
final class WeakName {
  private static final Pattern WORD = Pattern.compile("[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])");
  private static final Pattern FILE =
      Pattern.compile("([A-Za-z0-9_.-]+?)(?:\\.[A-Za-z0-9]{2,5})?[\"')?#]");
  private static final List<String> SPEAKING =
      List.of("aria-label", "title", "alt", "data-title", "data-tooltip", "data-original-title");
  private static final List<String> HINTS =
      List.of("data-testid", "data-test", "data-action", "data-icon", "name", "id", "class");

  /** Words that say how something looks or that it can be clicked, and not what it is. */
  private static final Set<String> EMPTY_WORDS =
      Set.of(
          "btn",
          "button",
          "icon",
          "ico",
          "img",
          "image",
          "svg",
          "span",
          "div",
          "link",
          "wrapper",
          "container",
          "inner",
          "outer",
          "item",
          "col",
          "row",
          "flex",
          "grid",
          "block",
          "inline",
          "active",
          "hover",
          "clickable",
          "pointer",
          "cursor",
          "left",
          "right",
          "top",
          "bottom",
          "small",
          "large",
          "primary",
          "secondary",
          "default",
          "fa",
          "fas",
          "far",
          "css",
          "js",
          "ui",
          "ng",
          "el",
          "is",
          "has",
          "the",
          "with",
          "class",
          "element",
          "component",
          "action",
          "state",
          "relative",
          "absolute",
          "text",
          "box",
          "content",
          "sprite",
          "bg",
          "fill");

  private static final int MOST_WORDS = 3;

  private WeakName() {}

  /** For an element of a document. */
  static String of(DomSnapshot.Doc doc, int node, Bounds at, Bounds viewport) {
    for (String attribute : SPEAKING) {
      String value = doc.attributeOr(node, attribute).strip();
      if (!value.isEmpty()) {
        return value;
      }
    }
    Set<String> words = new LinkedHashSet<>();
    for (String attribute : HINTS) {
      addWords(doc.attributeOr(node, attribute), words);
      if (!words.isEmpty()) {
        break;
      }
    }
    if (words.isEmpty()) {
      addFileName(doc.style(node, DomSnapshot.BACKGROUND_IMAGE), words);
    }
    return words.isEmpty() ? place(at, viewport) : String.join(" ", words);
  }

  private static void addFileName(String style, Set<String> words) {
    if (!style.startsWith("url(") || style.contains("data:")) {
      return;
    }
    Matcher file = FILE.matcher(style.substring(style.lastIndexOf('/') + 1));
    if (file.find()) {
      addWords(file.group(1), words);
    }
  }

  private static void addWords(String text, Set<String> words) {
    Matcher m = WORD.matcher(text);
    while (m.find() && words.size() < MOST_WORDS) {
      String word = m.group().toLowerCase(Locale.ROOT);
      if (!EMPTY_WORDS.contains(word)) {
        words.add(word);
      }
    }
  }

  /** As {@code top right}. */
  private static String place(Bounds at, Bounds viewport) {
    double x = (at.x() + at.width() / 2) / Math.max(1, viewport.width());
    double y = (at.y() + at.height() / 2) / Math.max(1, viewport.height());
    String row = y < 1 / 3.0 ? "top" : y < 2 / 3.0 ? "middle" : "bottom";
    String column = x < 1 / 3.0 ? "left" : x < 2 / 3.0 ? "center" : "right";
    return row + " " + column;
  }
}

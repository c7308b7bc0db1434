package dev.krafla.screen.browser;

import dev.krafla.screen.Action.Modifier;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A key with what is held beside it, as a keyboard of the US layout has it.
 *
 * @param key the DOM's name of it, as {@code Enter} or {@code a}
 * @param code its place on the keyboard, as {@code KeyA}; empty where no key has this character
 * @param virtualCode Windows' number of it, which pages read as keyCode
 * @param text what it writes; empty for none
 */
record KeyStroke(String key, String code, int virtualCode, String text, Set<Modifier> modifiers) {
  private record Named(String code, int virtualCode, String text) {}

  private static final Map<String, Named> NAMED =
      Map.ofEntries(
          Map.entry("Enter", new Named("Enter", 13, "\r")),
          Map.entry("Tab", new Named("Tab", 9, "")),
          Map.entry("Escape", new Named("Escape", 27, "")),
          Map.entry("Backspace", new Named("Backspace", 8, "")),
          Map.entry("Delete", new Named("Delete", 46, "")),
          Map.entry("Insert", new Named("Insert", 45, "")),
          Map.entry("ArrowLeft", new Named("ArrowLeft", 37, "")),
          Map.entry("ArrowUp", new Named("ArrowUp", 38, "")),
          Map.entry("ArrowRight", new Named("ArrowRight", 39, "")),
          Map.entry("ArrowDown", new Named("ArrowDown", 40, "")),
          Map.entry("Home", new Named("Home", 36, "")),
          Map.entry("End", new Named("End", 35, "")),
          Map.entry("PageUp", new Named("PageUp", 33, "")),
          Map.entry("PageDown", new Named("PageDown", 34, "")),
          Map.entry("Shift", new Named("ShiftLeft", 16, "")),
          Map.entry("Control", new Named("ControlLeft", 17, "")),
          Map.entry("Alt", new Named("AltLeft", 18, "")),
          Map.entry("Meta", new Named("MetaLeft", 91, "")),
          Map.entry(" ", new Named("Space", 32, " ")));
  private static final Map<String, String> OTHER_NAMES =
      Map.ofEntries(
          Map.entry("space", " "),
          Map.entry("esc", "Escape"),
          Map.entry("return", "Enter"),
          Map.entry("del", "Delete"),
          Map.entry("left", "ArrowLeft"),
          Map.entry("right", "ArrowRight"),
          Map.entry("up", "ArrowUp"),
          Map.entry("down", "ArrowDown"));
  private static final Map<String, Modifier> MODIFIERS =
      Map.of(
          "alt", Modifier.ALT,
          "option", Modifier.ALT,
          "control", Modifier.CONTROL,
          "ctrl", Modifier.CONTROL,
          "meta", Modifier.META,
          "cmd", Modifier.META,
          "command", Modifier.META,
          "shift", Modifier.SHIFT);
  private static final String PLAIN = "`-=[]\\;',./";
  private static final String SHIFTED = "~_+{}|:\"<>?";
  private static final List<String> CODES =
      List.of(
          "Backquote",
          "Minus",
          "Equal",
          "BracketLeft",
          "BracketRight",
          "Backslash",
          "Semicolon",
          "Quote",
          "Comma",
          "Period",
          "Slash");
  private static final int[] VIRTUAL = {192, 189, 187, 219, 221, 220, 186, 222, 188, 190, 191};
  private static final String SHIFTED_DIGITS = ")!@#$%^&*(";

  KeyStroke {
    modifiers = Set.copyOf(modifiers);
  }

  /**
   * Reads {@code Control+Shift+K}.
   *
   * @throws IllegalArgumentException for what no keyboard has
   */
  static KeyStroke parse(String keys) {
    List<String> parts = new ArrayList<>(List.of(keys.split("\\+", -1)));
    if (keys.equals("+") || keys.endsWith("++")) { // the key itself
      parts.removeLast();
      parts.removeLast();
      parts.add("+");
    }
    Set<Modifier> held = EnumSet.noneOf(Modifier.class);
    for (String part : parts.subList(0, parts.size() - 1)) {
      Modifier modifier = MODIFIERS.get(part.strip().toLowerCase(Locale.ROOT));
      if (modifier == null) {
        throw unknown(keys);
      }
      held.add(modifier);
    }
    String last = parts.getLast();
    String name = last.length() > 1 ? last.strip() : last;
    name = OTHER_NAMES.getOrDefault(name.toLowerCase(Locale.ROOT), name);
    for (String known : NAMED.keySet()) {
      if (known.equalsIgnoreCase(name)) {
        Named n = NAMED.getOrDefault(known, new Named("", 0, ""));
        return new KeyStroke(known, n.code, n.virtualCode, n.text, held);
      }
    }
    if (name.matches("[fF]([1-9]|1[0-2])")) {
      int number = Integer.parseInt(name.substring(1));
      return new KeyStroke("F" + number, "F" + number, 111 + number, "", held);
    }
    if (name.codePointCount(0, name.length()) != 1) {
      throw unknown(keys);
    }
    if (!held.isEmpty() && !held.contains(Modifier.SHIFT)) {
      name = name.toLowerCase(Locale.ROOT); // Control+K is pressed without Shift
    }
    KeyStroke plain = of(name).orElse(new KeyStroke(name, "", 0, name, Set.of()));
    held.addAll(plain.modifiers);
    boolean writes =
        !held.contains(Modifier.CONTROL)
            && !held.contains(Modifier.META)
            && !held.contains(Modifier.ALT);
    return new KeyStroke(plain.key, plain.code, plain.virtualCode, writes ? plain.text : "", held);
  }

  private static IllegalArgumentException unknown(String keys) {
    return new IllegalArgumentException(
        "'%s' is no key; keys look like Enter, Control+A, ArrowDown, F5".formatted(keys));
  }

  /** The key that writes a character; empty where this layout has none. */
  static Optional<KeyStroke> of(String character) {
    if (character.length() != 1) {
      return Optional.empty();
    }
    char c = character.charAt(0);
    if (c == '\n' || c == '\r') {
      return Optional.of(new KeyStroke("Enter", "Enter", 13, "\r", Set.of()));
    }
    if (c == ' ') {
      return Optional.of(new KeyStroke(" ", "Space", 32, " ", Set.of()));
    }
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      char upper = Character.toUpperCase(c);
      Set<Modifier> held = c == upper ? Set.of(Modifier.SHIFT) : Set.of();
      return Optional.of(new KeyStroke(character, "Key" + upper, upper, character, held));
    }
    if (c >= '0' && c <= '9') {
      return Optional.of(new KeyStroke(character, "Digit" + c, c, character, Set.of()));
    }
    int digit = SHIFTED_DIGITS.indexOf(c);
    if (digit >= 0) {
      return Optional.of(
          new KeyStroke(
              character, "Digit" + digit, '0' + digit, character, Set.of(Modifier.SHIFT)));
    }
    int plain = PLAIN.indexOf(c);
    int at = plain >= 0 ? plain : SHIFTED.indexOf(c);
    if (at < 0) {
      return Optional.empty();
    }
    Set<Modifier> held = plain >= 0 ? Set.of() : Set.of(Modifier.SHIFT);
    return Optional.of(new KeyStroke(character, CODES.get(at), VIRTUAL[at], character, held));
  }

  /** The protocol's bits. */
  static int bits(Set<Modifier> modifiers) {
    int bits = 0;
    for (Modifier modifier : modifiers) {
      bits |=
          switch (modifier) {
            case ALT -> 1;
            case CONTROL -> 2;
            case META -> 4;
            case SHIFT -> 8;
          };
    }
    return bits;
  }
}

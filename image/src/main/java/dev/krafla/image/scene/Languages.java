package dev.krafla.image.scene;

import java.lang.Character.UnicodeScript;

/** Which language a text is in, as far as its characters tell. */
public final class Languages {
  private Languages() {}

  /** BCP 47 tag. Han alone is taken for simplified Chinese. */
  public static String of(String text) {
    boolean han = false;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      switch (UnicodeScript.of(text.codePointAt(i))) {
        case HIRAGANA, KATAKANA -> {
          return "ja";
        }
        case HANGUL -> {
          return "ko";
        }
        case ARABIC -> {
          return "ar";
        }
        case HEBREW -> {
          return "he";
        }
        case THAI -> {
          return "th";
        }
        case DEVANAGARI -> {
          return "hi";
        }
        case CYRILLIC -> {
          return "ru";
        }
        case HAN -> han = true;
        default -> {}
      }
    }
    return han ? "zh-Hans" : "en";
  }
}

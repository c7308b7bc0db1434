package dev.krafla.image.text;

import java.lang.Character.UnicodeScript;

/** What kind of character something is, as far as setting text cares. */
public final class Scripts {
  private Scripts() {}

  /** Ideographs, kana and hangul, which break between any two. */
  public static boolean isCjk(int c) {
    return switch (UnicodeScript.of(c)) {
      case HAN, HIRAGANA, KATAKANA, BOPOMOFO, HANGUL -> true;
      default -> c == 0x30FC || c == 0x3005 || c == 0x303B || c == 0x30FB;
    };
  }

  /** Punctuation and symbols that are as wide as an ideograph: CJK, fullwidth forms. */
  public static boolean isWidePunctuation(int c) {
    return (c >= 0x3000 && c <= 0x303F)
        || (c >= 0xFF01 && c <= 0xFF60)
        || (c >= 0xFFE0 && c <= 0xFFE6)
        || (c >= 0xFE30 && c <= 0xFE4F);
  }

  /** Punctuation that both scripts have, narrow in Latin text and wide in Chinese. */
  public static boolean isAmbiguous(int c) {
    return c == '‘' || c == '’' || c == '“' || c == '”' || c == '…' || c == '—' || c == '·';
  }

  /** Letters and digits of scripts that are set with spaces between words. */
  public static boolean isWord(int c) {
    return Character.isLetterOrDigit(c) && !isCjk(c);
  }

  /** Scripts that write no spaces between words, whose breaks need a dictionary. */
  public static boolean isDictionaryBroken(int c) {
    return switch (UnicodeScript.of(c)) {
      case THAI, LAO, KHMER, MYANMAR -> true;
      default -> false;
    };
  }

  /** Scripts whose letters join, so that nothing may be put between them. */
  public static boolean isJoined(int c) {
    return switch (UnicodeScript.of(c)) {
      case ARABIC, SYRIAC, MONGOLIAN, DEVANAGARI, BENGALI -> true;
      default -> false;
    };
  }

  /** Characters that have no glyph of their own. */
  public static boolean isInvisible(int c) {
    return (c >= 0xFE00 && c <= 0xFE0F)
        || (c >= 0x200B && c <= 0x200F)
        || c == 0x2060
        || c == 0xFEFF
        || c == '\n'
        || (c >= 0xE0100 && c <= 0xE01EF);
  }

  /** Whether a grapheme cluster is shown as an emoji. */
  public static boolean isEmoji(String cluster) {
    int first = cluster.codePointAt(0);
    return Character.isEmojiPresentation(first)
        || (Character.isEmoji(first) && cluster.indexOf(0xFE0F) > 0);
  }
}

package dev.krafla.image.text;

/**
 * Characters that may not begin or end a line, of Chinese (GB/T 15834, W3C clreq) and Japanese (JIS
 * X 4051, W3C jlreq) typography, and their Latin likes.
 */
public final class Kinsoku {
  private static final String NOT_AT_START =
      "，。、；：？！）〕］｝〉》」』】〗〙〛”’…‥—～〜·・％‰℃°′″￠"
          + "ーァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎゕゖ々〻ヽヾゝゞ"
          + "!),.:;?]}»›%｡｣､･％＇＂，．：；？！］｝｠–-";
  private static final String NOT_AT_END = "（〔［｛〈《「『【〖〘〚“‘([{«‹$￥¥£€＄￡＃#@｢｟";

  private Kinsoku() {}

  /** Whether a line may not begin with {@code c}. */
  public static boolean forbiddenAtStart(int c) {
    return NOT_AT_START.indexOf(c) >= 0;
  }

  /** Whether a line may not end with {@code c}. */
  public static boolean forbiddenAtEnd(int c) {
    return NOT_AT_END.indexOf(c) >= 0;
  }

  /** Whether {@code a} and {@code b} must stay together: dashes and ellipses go in pairs. */
  public static boolean inseparable(int a, int b) {
    return a == b && (a == '—' || a == '…' || a == '‥' || a == '―');
  }
}

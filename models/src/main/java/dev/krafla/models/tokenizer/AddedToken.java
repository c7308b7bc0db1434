package dev.krafla.models.tokenizer;

/**
 * A token that is matched in the text itself.
 *
 * @param control never part of ordinary text ("special")
 * @param stripLeft takes the white space before it along
 * @param stripRight takes the white space after it along
 * @param singleWord counts only where no letter or digit touches it
 */
record AddedToken(
    int id,
    String text,
    boolean control,
    boolean stripLeft,
    boolean stripRight,
    boolean singleWord) {

  static AddedToken plain(int id, String text, boolean control) {
    return new AddedToken(id, text, control, false, false, false);
  }
}

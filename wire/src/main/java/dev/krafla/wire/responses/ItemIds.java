package dev.krafla.wire.responses;

/** Names the items of one answer after it, so that they are told apart from those of others. */
final class ItemIds {
  private final String answer;
  private int items;

  ItemIds(String answer) {
    this.answer = answer.startsWith("resp_") ? answer.substring("resp_".length()) : answer;
  }

  /**
   * The id of the next item.
   *
   * @param kind {@code msg}, {@code fc} or {@code rs}
   */
  String next(String kind) {
    return kind + "_" + answer + "_" + items++;
  }
}

package dev.krafla.image.plan;

import dev.krafla.image.scene.Scene;

/** Kinds of pictures that can be planned without a model, and the words that call for each. */
enum Archetype {
  DIALOGUE(
      "comic dialogue conversation speech bubble bubbles speech-bubble manga cartoon panel 对话 漫画 气泡 对话框 卡通"),
  SLIDE("slide presentation powerpoint ppt keynote deck 幻灯片 演示 演示文稿"),
  POSTER("poster flyer billboard 海报 传单");

  private final String words;

  Archetype(String words) {
    this.words = words;
  }

  Scene plan(Sheet sheet) {
    return switch (this) {
      case DIALOGUE -> DialoguePlan.plan(sheet);
      case SLIDE -> SlidePlan.plan(sheet);
      case POSTER -> PosterPlan.plan(sheet);
    };
  }

  /** The one whose words a prompt has most of; early words count more. */
  static Archetype of(Brief brief) {
    String lower = brief.words();
    String early = lower.substring(0, Math.min(160, lower.length()));
    Archetype best = POSTER;
    int most = 0;
    for (Archetype each : values()) {
      int hits = 0;
      for (String word : each.words.split(" ", -1)) {
        hits += Words.count(lower, word) + 2 * Words.count(early, word);
      }
      if (hits > most) {
        most = hits;
        best = each;
      }
    }
    return best;
  }
}

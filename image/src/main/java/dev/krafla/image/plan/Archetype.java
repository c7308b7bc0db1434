package dev.krafla.image.plan;

import dev.krafla.image.scene.Scene;

/** Kinds of pictures that can be planned without a model, and the words that call for each. */
enum Archetype {
  DIALOGUE(
      "comic dialogue conversation speech bubble speech-bubble manga cartoon panel 对话 漫画 气泡 对话框 卡通"),
  CAPTION(
      "caption subtitle screenshot film movie scene broadcast lower-third documentary footage still 字幕 电影 截图 镜头 纪录片 影片"),
  COMPARISON("comparison compare versus vs table 对比 比较 表格"),
  CHART("chart graph bar-chart statistics columns 图表 柱状图 折线图 统计"),
  INFOGRAPHIC("infographic diagram steps process facts timeline 信息图 流程 步骤 图解"),
  SLIDE("slide presentation powerpoint ppt keynote deck 幻灯片 演示 演示文稿"),
  SCREEN(
      "website webpage web homepage app interface screen ui dashboard browser mobile page 网页 网站 界面 应用 手机 主页 博客 屏幕"),
  MENU("menu dishes restaurant-menu 菜单"),
  PRICE_LIST("price prices pricelist price-list rates tariff 价目表 价格表 价格"),
  INVITATION("invitation invite wedding greeting certificate ticket postcard 邀请 请柬 婚礼 贺卡 证书 明信片"),
  PACKAGING("packaging package label bottle jar box tin can wrapper 包装 标签 瓶 罐 盒"),
  BANNER("banner product hero advertisement ad 横幅 产品 广告"),
  SOCIAL_CARD("social card post quote instagram tweet thumbnail 社交 卡片 名言 封面"),
  SIGN(
      "sign signpost signboard billboard street storefront road trail neon board 路标 招牌 指示牌 标识 广告牌 街道 标牌"),
  POSTER("poster flyer leaflet 海报 传单");

  private final String words;

  Archetype(String words) {
    this.words = words;
  }

  Scene plan(Sheet sheet) {
    return switch (this) {
      case DIALOGUE -> DialoguePlan.plan(sheet);
      case CAPTION -> StillPlan.caption(sheet);
      case SIGN -> StillPlan.sign(sheet);
      case COMPARISON -> FactsPlan.comparison(sheet);
      case CHART -> FactsPlan.chart(sheet);
      case INFOGRAPHIC -> FactsPlan.infographic(sheet);
      case SLIDE -> FactsPlan.slide(sheet);
      case SCREEN -> ScreenPlan.plan(sheet);
      case MENU -> ListPlan.menu(sheet);
      case PRICE_LIST -> ListPlan.priceList(sheet);
      case INVITATION -> CardPlan.invitation(sheet);
      case PACKAGING -> CardPlan.packaging(sheet);
      case SOCIAL_CARD -> CardPlan.social(sheet);
      case BANNER -> BannerPlan.plan(sheet);
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

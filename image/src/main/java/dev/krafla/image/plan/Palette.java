package dev.krafla.image.plan;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/**
 * Colours that belong together.
 *
 * @param paper the ground
 * @param surface of cards upon it
 * @param ink of text
 * @param soft a quiet tint of the brand
 * @param words that call for it
 */
record Palette(
    String name,
    String paper,
    String surface,
    String ink,
    String muted,
    String brand,
    String onBrand,
    String accent,
    String soft,
    String words) {
  static final List<Palette> ALL =
      List.of(
          new Palette(
              "hearth",
              "#FBF3E7",
              "#FFFFFF",
              "#2B1A12",
              "#7A5C48",
              "#B4481E",
              "#FFF8EF",
              "#E9A23B",
              "#F4E0C6",
              "coffee cafe bakery bread autumn rustic wood cozy warm chocolate restaurant grandma 咖啡 面包 温暖 秋 木 复古"),
          new Palette(
              "grove",
              "#F2F6EC",
              "#FFFFFF",
              "#14281B",
              "#54705C",
              "#2B7548",
              "#F4FBF3",
              "#E0A92E",
              "#DBEAD2",
              "organic nature garden green plant forest farm eco park leaf tea trail herbal 自然 绿 花园 森林 农场 茶 有机 公园"),
          new Palette(
              "harbour",
              "#F1F5FB",
              "#FFFFFF",
              "#0D1B34",
              "#4F6180",
              "#1D55E5",
              "#F5F9FF",
              "#0FB5A0",
              "#DAE6FC",
              "tech technology business data cloud app software digital corporate airport medical health blue finance 科技 商务 数据 数字 医疗 健康 机场 蓝"),
          new Palette(
              "midnight",
              "#0E1124",
              "#191E3B",
              "#F5F1E6",
              "#AEB4D6",
              "#6A48F2",
              "#FFFFFF",
              "#FFB547",
              "#242A54",
              "night neon jazz concert cinema movie space star futuristic dark club party electric 夜 霓虹 爵士 电影 太空 未来 科幻 音乐"),
          new Palette(
              "rose",
              "#FDF3F1",
              "#FFFFFF",
              "#3B1722",
              "#8A5A66",
              "#BF3F66",
              "#FFF6F7",
              "#D39A54",
              "#F7DEE1",
              "wedding love beauty perfume rose pink romantic skin valentine cosmetic flower spa 婚礼 爱 美 玫瑰 粉 浪漫 香水 护肤 花"),
          new Palette(
              "gallery",
              "#F5F4F0",
              "#FFFFFF",
              "#151515",
              "#66635C",
              "#1C1C1C",
              "#FFFFFF",
              "#E2502B",
              "#E6E3DA",
              "minimal minimalist modern art museum gallery book editorial magazine architecture exhibition 极简 现代 艺术 博物馆 书 杂志 展览 建筑"),
          new Palette(
              "festival",
              "#FFF4D6",
              "#FFFFFF",
              "#241F3D",
              "#6B6487",
              "#CF3F1B",
              "#FFFFFF",
              "#2B63D9",
              "#FFE0A0",
              "summer festival fun kids market sale beach playful colorful vibrant carnival amusement sport 夏 节 市场 儿童 缤纷 活力 海滩 促销 运动"),
          new Palette(
              "gilt",
              "#101312",
              "#1B201E",
              "#F4EEDF",
              "#B7AF9B",
              "#C9A55D",
              "#15120A",
              "#E9D5A6",
              "#2A2F2C",
              "luxury gold elegant premium wine royal gala vintage hotel whiskey jewelry 奢华 金 高端 酒 典雅 珠宝 高级"));

  /** The palette that a prompt's words call for; by its hash where they call for none. */
  static Palette of(String prompt) {
    String lower = prompt.toLowerCase(Locale.ROOT);
    Palette best = ALL.get(Math.floorMod(prompt.hashCode(), ALL.size()));
    int most = 0;
    for (Palette palette : ALL) {
      int hits = 0;
      for (String word : palette.words.split(" ", -1)) {
        hits += Words.count(lower, word);
      }
      if (hits > most) {
        most = hits;
        best = palette;
      }
    }
    return best;
  }

  boolean dark() {
    return Integer.parseInt(paper.substring(1, 3), 16) < 0x60;
  }

  /** Tokens of a scene. */
  SequencedMap<String, String> tokens() {
    var tokens = new LinkedHashMap<String, String>();
    tokens.put("paper", paper);
    tokens.put("surface", surface);
    tokens.put("ink", ink);
    tokens.put("muted", muted);
    tokens.put("brand", brand);
    tokens.put("onBrand", onBrand);
    tokens.put("accent", accent);
    tokens.put("soft", soft);
    tokens.put("slotA", soft);
    tokens.put("slotB", surface);
    tokens.put("slotInk", brand);
    tokens.put("brandDeep", mix(brand, "#000000", 0.35));
    tokens.put("accentDeep", mix(accent, brand, 0.55));
    tokens.put("skyA", dark() ? mix(paper, brand, 0.25) : mix(soft, "#8EC5F0", 0.55));
    tokens.put("skyB", dark() ? mix(accent, paper, 0.45) : mix("#FFF1D6", soft, 0.3));
    tokens.put("duskA", mix("#1B2348", brand, 0.2));
    tokens.put("duskB", mix("#E58A5C", accent, 0.3));
    tokens.put("farHill", mix("#6E93A8", brand, 0.15));
    tokens.put("midHill", mix("#47766B", brand, 0.15));
    tokens.put("nearHill", mix("#24483F", brand, 0.15));
    tokens.put("farTown", mix("#7C86A8", brand, 0.15));
    tokens.put("nearTown", mix("#333A5C", brand, 0.15));
    return tokens;
  }

  /** The same with another ground, and ink that can be read on it. */
  Palette on(String newPaper) {
    int rgb = Integer.parseInt(newPaper.substring(1, 7), 16);
    double light =
        dev.krafla.image.render.Contrast.luminance(rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255);
    boolean darkGround = light < 0.35;
    return new Palette(
        name,
        newPaper,
        darkGround ? mix(newPaper, "#FFFFFF", 0.1) : "#FFFFFF",
        darkGround ? "#FFFFFF" : "#161616",
        darkGround ? "#D8D8DE" : "#4A4A50",
        darkGround ? mix(brand, "#FFFFFF", 0.25) : brand,
        onBrand,
        accent,
        mix(newPaper, darkGround ? "#FFFFFF" : "#000000", 0.1),
        words);
  }

  private static String mix(String a, String b, double share) {
    int x = Integer.parseInt(a.substring(1, 7), 16);
    int y = Integer.parseInt(b.substring(1, 7), 16);
    int out = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      double c = (x >> shift & 255) * (1 - share) + (y >> shift & 255) * share;
      out |= (int) Math.round(c) << shift;
    }
    return "#%06X".formatted(out);
  }
}

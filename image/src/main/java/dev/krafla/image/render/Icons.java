package dev.krafla.image.render;

import dev.krafla.image.InvalidScene;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Symbols of one stroke width on a grid of 24 units, and which words they stand for. */
final class Icons {
  private static final Map<String, String> PATHS = new LinkedHashMap<>();
  private static final Map<String, List<String>> WORDS = new LinkedHashMap<>();

  static {
    icon("check", "M4 12.5l5 5L20 6.5", "check done 完成");
    icon("arrow", "M4 12h16M13 5l7 7-7 7", "arrow direction way 箭头");
    icon(
        "star",
        "M12 3l2.8 5.7 6.2.9-4.5 4.4 1.1 6.2L12 17.3 6.4 20.2l1.1-6.2L3 9.6l6.2-.9z",
        "star rating 星");
    icon(
        "heart",
        "M12 20S3.5 15 3.5 9A4.7 4.7 0 0 1 12 6.4 4.7 4.7 0 0 1 20.5 9c0 6-8.5 11-8.5 11z",
        "heart love health 爱 心");
    icon(
        "leaf",
        "M5 19C4 10 9 4 20 4c0 11-6 16-13 15M5 19c2-5 5-8 9-10",
        "leaf plant organic green garden tree 植物 叶 有机");
    icon(
        "cup",
        "M5 9h12v5a5 5 0 0 1-5 5h-2a5 5 0 0 1-5-5zM17 10h1.5a2.5 2.5 0 0 1 0 5H17M8 3v3M12 3v3",
        "coffee cup tea mug teapot latte cafe 咖啡 茶 杯");
    icon("clock", "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2", "clock time hour 时间 钟");
    icon(
        "pin",
        "M12 21s7-6.3 7-11.5A7 7 0 0 0 5 9.5C5 14.7 12 21 12 21zM12 7a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
        "pin place map location address 地点 地图");
    icon(
        "phone",
        "M8 3h8a1.5 1.5 0 0 1 1.5 1.5v15A1.5 1.5 0 0 1 16 21H8a1.5 1.5 0 0 1-1.5-1.5v-15A1.5 1.5 0 0 1 8 3zM11 18h2",
        "phone mobile smartphone 手机");
    icon("mail", "M4 6h16v12H4zM4 7l8 6 8-6", "mail email letter envelope 邮件 信");
    icon(
        "sun",
        "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
        "sun summer sunny beach 太阳 夏");
    icon("moon", "M19 14.5A8 8 0 0 1 9.5 5a8 8 0 1 0 9.5 9.5z", "moon night 月 夜");
    icon("bolt", "M13 2.5L5 13.5h6l-1 8 8-11h-6z", "bolt energy electric fast power 电 能量");
    icon(
        "music",
        "M9 18V5l10-2v13M9 18a2.7 2.7 0 1 1-2.7-2.7A2.7 2.7 0 0 1 9 18zM19 16a2.7 2.7 0 1 1-2.7-2.7A2.7 2.7 0 0 1 19 16z",
        "music song concert jazz band 音乐");
    icon(
        "camera",
        "M4 8h3l2-3h6l2 3h3v11H4zM12 10a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
        "camera photo film 相机 摄影");
    icon(
        "cart",
        "M3 4h2.5l2.2 11h9.6L19.5 8H6.5M9 20a1 1 0 1 0 0-2 1 1 0 0 0 0 2zM16.5 20a1 1 0 1 0 0-2 1 1 0 0 0 0 2z",
        "cart shop store sale buy 购物 商店");
    icon(
        "user",
        "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5c.8-4 3.8-6 7.500-6s6.700 2 7.500 6",
        "user person profile man woman people knight 人 用户");
    icon("home", "M4 11l8-7 8 7v9h-5.500v-6h-5v6H4z", "home house 家 房");
    icon(
        "search",
        "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zM15.500 15.500L20.500 20.500",
        "search find 搜索");
    icon(
        "gift",
        "M4 9h16v4H4zM5.500 13v8h13v-8M12 9v12M12 9S7 9 7 6.500 12 4.500 12 9zM12 9s5 0 5-2.500S12 4.500 12 9z",
        "gift present birthday 礼物 生日");
    icon(
        "fork",
        "M7 3v7M4.500 3v4a2.500 2.500 0 0 0 5 0V3M7 10v11M16.500 3c-2 2-2.500 5-2.500 9h3.500M17.500 3v18",
        "fork food restaurant menu dinner dish pizza burger 餐 菜 美食");
    icon(
        "book",
        "M12 6.500C10 5 7 4.500 3.500 5v13.500c3.500-.5 6.500 0 8.500 1.500 2-1.500 5-2 8.500-1.500V5C17 4.500 14 5 12 6.500zM12 6.500V20",
        "book read library notebook study 书 学习");
    icon("chart", "M4 20h16M7 16v-5M12 16V6M17 16v-8", "chart growth data revenue 图表 增长 数据");
    icon(
        "globe",
        "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c2.700 2.500 4 5.500 4 9s-1.300 6.500-4 9c-2.700-2.500-4-5.500-4-9s1.300-6.500 4-9z",
        "globe world earth web travel 世界 地球 旅行");
    icon(
        "shield",
        "M12 3l7.500 3v5.500c0 4.500-3 7.700-7.500 9.500-4.500-1.800-7.500-5-7.500-9.500V6z",
        "shield secure safe protect security 安全 保护");
    icon(
        "cube",
        "M12 3l8 4.500v9L12 21l-8-4.500v-9zM12 12l8-4.500M12 12L4 7.500M12 12v9",
        "box parcel 包装 盒");
    icon(
        "drop",
        "M12 3s6.500 7 6.500 11.500a6.500 6.500 0 0 1-13 0C5.500 10 12 3 12 3z",
        "drop water oil juice serum 水 油 汁");
    icon(
        "bicycle",
        "M6 13a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM18 13a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM6 17l4-9h5l3 9M10 8l4 9H6M15 8l1-3h2",
        "bicycle bike ride cycling 自行车 骑行");
    icon(
        "flower",
        "M12 9.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5zM12 9.500C9 7 10 3 12 3s3 4 0 6.500zM12 14.500c3 2.500 2 6.500 0 6.500s-3-4 0-6.500zM9.500 12C7 15 3 14 3 12s4-3 6.500 0zM14.500 12c2.500-3 6.500-2 6.500 0s-4 3-6.500 0z",
        "flower rose wedding bloom spring 花 婚礼 春");
    icon(
        "mountain",
        "M2.500 19.500L9 8l4 6.500 2.500-4 6 9zM9 8l1.500 4-1.500 1.500L7.500 11",
        "mountain hike trail hill outdoor 山 户外");
    icon(
        "car",
        "M4 16v-4l2-5h12l2 5v4zM4 12h16M6.500 19a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3zM17.500 19a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3z",
        "car vehicle drive auto 车 汽车");
    icon(
        "bell", "M6 17V11a6 6 0 0 1 12 0v6l1.500 1.500h-15zM10 21h4", "bell notification alarm 通知");
    icon("lock", "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3", "lock password private 锁");
    icon("chat", "M4 5h16v11H11l-5 4v-4H4z", "chat message comment talk speech 聊天 评论");
    icon(
        "cloud",
        "M7 18a4 4 0 0 1-.5-8A6 6 0 0 1 18 9.500 4.300 4.300 0 0 1 17.500 18z",
        "cloud sky weather 云 天空");
    icon(
        "fish",
        "M3 12c3-5 10-6 14-1l4-3v8l-4-3c-4 5-11 4-14-1zM7 11.500v.5",
        "fish sea ocean seafood 鱼 海");
    icon(
        "apple",
        "M12 8c-2-2-7-1.500-7 4 0 4 3 8.500 5 8.500 1 0 1.300-.5 2-.5s1 .5 2 .5c2 0 5-4.500 5-8.500 0-5.500-5-6-7-4zM12 8c0-2 1-4 3-4.500",
        "apple fruit produce orange strawberry 苹果 水果");
    icon(
        "cake",
        "M4 20h16v-7H4zM4 16c2 1.500 3.500-1.500 5.500 0s3.500-1.500 5.500 0 3.500-1.500 5 0M12 13V9M12 6.500v0M7 13v-3M17 13v-3",
        "cake bakery bread muffin dessert 蛋糕 面包 甜点");
  }

  private Icons() {}

  private static void icon(String name, String path, String words) {
    PATHS.put(name, path);
    WORDS.put(name, List.of(words.split(" ", -1)));
  }

  static List<String> names() {
    return List.copyOf(PATHS.keySet());
  }

  static String path(String name) {
    String path = PATHS.get(name);
    if (path == null) {
      throw new InvalidScene("icon", "'%s' is no symbol; there are %s".formatted(name, names()));
    }
    return path;
  }

  private static boolean plural(String lower, int at) {
    return at < lower.length() && lower.charAt(at) == 's';
  }

  /** The symbol whose words a prompt has, a star where it has none. */
  static String forPrompt(String prompt) {
    String lower = prompt.toLowerCase(Locale.ROOT);
    String best = "star";
    int at = Integer.MAX_VALUE;
    for (var e : WORDS.entrySet()) {
      for (String word : e.getValue()) {
        int found = lower.indexOf(word);
        boolean latin = word.charAt(0) < 0x250;
        int end = found + word.length() + (plural(lower, found + word.length()) ? 1 : 0);
        boolean whole =
            found >= 0
                && (!latin
                    || ((found == 0 || !Character.isLetter(lower.charAt(found - 1)))
                        && (end >= lower.length() || !Character.isLetter(lower.charAt(end)))));
        if (whole && found < at) {
          at = found;
          best = e.getKey();
        }
      }
    }
    return best;
  }
}

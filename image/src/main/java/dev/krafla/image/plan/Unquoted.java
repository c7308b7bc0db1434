package dev.krafla.image.plan;

import dev.krafla.image.InvalidScene;
import dev.krafla.image.scene.Copy;
import dev.krafla.image.scene.Languages;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Spans of a prompt that quotes nothing: what follows a colon, item by item, else the prompt
 * without the words that ask for a picture.
 */
final class Unquoted {
  private static final Pattern ASKING =
      Pattern.compile(
          "^\\s*(?:please\\s+)?(?:(?:make|draw|create|design|generate|paint)\\s+)?(?:me\\s+)?"
              + "(?:an?|the)?\\s*(?:[\\w-]+\\s+){0,3}?(?:poster|card|banner|menu|slide|infographic|"
              + "invitation|label|picture|image|chart|page|flyer|sign)s?\\s*"
              + "(?:for|about|of|saying|with|that says|:)?\\s*"
              + "|^\\s*(?:请)?(?:帮我)?(?:画|做|设计|生成|制作)?(?:一)?(?:张|幅|个|份)?",
          Pattern.CASE_INSENSITIVE);

  private Unquoted() {}

  static List<Copy> strings(String prompt) {
    int colon = Math.max(prompt.indexOf(':'), prompt.indexOf('：'));
    var out = new ArrayList<Copy>();
    if (colon > 0 && colon + 1 < prompt.length()) {
      int from = colon + 1;
      for (int i = from; i <= prompt.length(); i++) {
        if (i == prompt.length() || ",;，；、\n".indexOf(prompt.charAt(i)) >= 0) {
          add(prompt, from, i, out);
          from = i + 1;
        }
      }
    }
    if (out.isEmpty()) {
      Matcher asking = ASKING.matcher(prompt);
      add(prompt, asking.find() ? asking.end() : 0, prompt.length(), out);
    }
    if (out.isEmpty()) {
      add(prompt, 0, prompt.length(), out);
    }
    if (out.isEmpty()) {
      throw new InvalidScene("prompt", "is empty; say what the picture should show");
    }
    return List.copyOf(out);
  }

  private static void add(String prompt, int from, int to, List<Copy> out) {
    int a = from;
    int b = to;
    while (a < b && Character.isWhitespace(prompt.charAt(a))) {
      a++;
    }
    while (b > a && (Character.isWhitespace(prompt.charAt(b - 1)) || prompt.charAt(b - 1) == '.')) {
      b--;
    }
    if (a < b) {
      String text = prompt.substring(a, Math.min(b, a + Copy.MAX_LENGTH));
      out.add(new Copy(text, Languages.of(text), a, a + text.length()));
    }
  }
}

package dev.krafla.image.plan;

import dev.krafla.image.scene.Copy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a prompt asks for, as far as rules can tell. Every string of the prompt is in exactly one of
 * the parts.
 *
 * @param prompt without its quotations
 * @param title the text that leads
 * @param subtitle what stands by it
 * @param groups runs of short strings that belong together: menus, tabs, buttons
 * @param body everything else, in order
 */
record Brief(
    String prompt,
    List<Copy> strings,
    Optional<Copy> title,
    Optional<Copy> subtitle,
    List<List<Copy>> groups,
    List<Copy> body) {
  private static final String LEADING =
      "title headline heading header main prominently boldly largest slogan name 标题 主标语 主题 大字 醒目 标语";

  static Brief of(String prompt, List<Copy> strings) {
    var rest = new ArrayList<>(strings);
    List<List<Copy>> groups = groups(prompt, strings);
    groups.forEach(rest::removeAll);
    Optional<Copy> title = title(prompt, rest);
    title.ifPresent(rest::remove);
    Optional<Copy> subtitle =
        title.isPresent() && !rest.isEmpty() && rest.getFirst().text().length() <= 120
            ? Optional.of(rest.removeFirst())
            : Optional.empty();
    return new Brief(without(prompt, strings), strings, title, subtitle, groups, rest);
  }

  /** Two or more short strings with next to nothing between them. */
  private static List<List<Copy>> groups(String prompt, List<Copy> strings) {
    var groups = new ArrayList<List<Copy>>();
    var run = new ArrayList<Copy>();
    for (Copy copy : strings) {
      boolean isShort = copy.text().length() <= 22;
      boolean near =
          !run.isEmpty()
              && prompt.substring(run.getLast().to(), copy.from()).length() <= 9
              && copy.from() >= run.getLast().to();
      if (isShort && (run.isEmpty() || near)) {
        run.add(copy);
        continue;
      }
      flush(run, strings.size(), groups);
      if (isShort) {
        run.add(copy);
      }
    }
    flush(run, strings.size(), groups);
    return groups;
  }

  private static void flush(ArrayList<Copy> run, int all, List<List<Copy>> groups) {
    if (run.size() >= 3 && run.size() < all) {
      groups.add(List.copyOf(run));
    }
    run.clear();
  }

  private static Optional<Copy> title(String prompt, List<Copy> strings) {
    Copy best = null;
    double most = -1;
    for (int i = 0; i < strings.size(); i++) {
      Copy copy = strings.get(i);
      int from = Math.max(0, copy.from() - 90);
      String before = prompt.substring(from, Math.max(from, copy.from())).toLowerCase(Locale.ROOT);
      double score = i == 0 ? 3 : 1.0 / (i + 1);
      for (String word : LEADING.split(" ", -1)) {
        score += Words.count(before, word) > 0 ? 0.9 : 0;
      }
      if (copy.text().equals(copy.text().toUpperCase(Locale.ROOT))
          && copy.text().chars().anyMatch(Character::isUpperCase)) {
        score += 1.2;
      }
      score -= copy.text().length() / 70.0;
      if (score > most) {
        most = score;
        best = copy;
      }
    }
    return Optional.ofNullable(best);
  }

  private static String without(String prompt, List<Copy> strings) {
    var out = new StringBuilder(prompt.length());
    int at = 0;
    for (Copy copy : strings) {
      out.append(prompt, at, copy.from());
      at = copy.to();
    }
    return out.append(prompt, at, prompt.length()).toString();
  }

  /** Lower case, for looking for words. */
  String words() {
    return prompt.toLowerCase(Locale.ROOT);
  }

  /** Title, subtitle and body in order, for layouts that treat all alike. */
  List<Copy> running() {
    var all = new ArrayList<Copy>();
    title.ifPresent(all::add);
    subtitle.ifPresent(all::add);
    all.addAll(body);
    return all;
  }

  /** UTF-16 units of all strings. */
  int length() {
    return strings.stream().mapToInt(copy -> copy.text().length()).sum();
  }
}

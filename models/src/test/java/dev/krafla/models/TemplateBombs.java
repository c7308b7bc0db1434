package dev.krafla.models;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Templates that were written to hang, exhaust or crash whoever renders them. As a program, renders
 * all of them: to be run with little memory.
 */
final class TemplateBombs {
  /** The slowest may take: the step limit's time on a slow machine, not more. */
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private TemplateBombs() {}

  /** Each of them, by what it does. */
  static final Map<String, String> ALL =
      Map.ofEntries(
          Map.entry(
              "loops without end", "{% for a in range(1000000) %}" + nest(5) + "{% endfor %}"),
          Map.entry("doubles a string", doubling("''", "'x' * 1000", "ns.x ~ ns.x")),
          Map.entry("doubles a list", doubling("[]", "[1]", "ns.x + ns.x")),
          Map.entry("keeps many strings", keeping("'x' * 30000000")),
          Map.entry("keeps many wide strings", keeping("'\u4e2d' * 30000000")),
          Map.entry("keeps many lists", keeping("range(1000000)")),
          Map.entry("keeps the words of a long text", keeping("('x ' * 10000000).split()")),
          Map.entry("keeps the parts of a long text", keeping("('x,' * 10000000).split(',')")),
          Map.entry("keeps the lines of a long text", keeping("('\\n' * 30000000).splitlines()")),
          Map.entry("keeps characters", keeping("('x' * 1000000)|list")),
          Map.entry(
              "keeps padded text", keeping("'x'.ljust(30000000, 'yyyyyyyyyyyyyyyyyyyyyyyy')")),
          Map.entry("pads batches", keeping("[1]|batch(100000000, 0)|list")),
          Map.entry("prints a shared tree", shared(60) + "{{ ns.x }}"),
          Map.entry("writes a shared tree", shared(60) + "{{ ns.x|tojson }}"),
          Map.entry("writes a shared tree indented", shared(30) + "{{ ns.x|tojson(indent=32) }}"),
          Map.entry("joins a shared tree", shared(60) + "{{ [ns.x, ns.x]|join }}"),
          Map.entry(
              "formats a shared tree", shared(60) + "{{ '%s' % ns.x }}{{ '{}'.format(ns.x) }}"),
          Map.entry("compares shared trees", shared(60) + "{{ [ns.x] == [ns.x] }}"),
          Map.entry("orders shared trees", shared(60) + "{{ [[ns.x], [ns.x]]|sort }}"),
          Map.entry("looks a shared tree up", shared(60) + "{{ {ns.x: 1}.get(ns.x) }}"),
          Map.entry("groups by a shared tree", shared(60) + "{{ [{'a': ns.x}]|groupby('a') }}"),
          Map.entry("removes doubles of shared trees", shared(60) + "{{ [ns.x, ns.x]|unique }}"),
          Map.entry("prints a deep list", deep() + "{{ ns.x }}"),
          Map.entry("writes a deep list", deep() + "{{ ns.x|tojson }}"),
          Map.entry("compares deep lists", deep() + "{% set a = ns.x %}{{ [a] == [ns.x] }}"),
          Map.entry("compares two deep lists", twoDeep() + "{{ ns.x == ns.y }}"),
          Map.entry("orders deep lists", twoDeep() + "{{ ns.x < ns.y }}{{ [ns.x, ns.y]|sort }}"),
          Map.entry("uses a deep list as a key", deep() + "{{ {ns.x: 1} }}"),
          Map.entry(
              "compares a namespace with itself",
              "{% set n = namespace() %}{% set m ="
                  + " namespace() %}{% set n.a = m %}{% set m.a = n %}{{ n == m }}{{ {n: 1}[m] }}"),
          Map.entry("adds without end", "{{ 1" + " + 1".repeat(200_000) + " }}"),
          Map.entry("filters without end", "{{ 'x'" + "|trim".repeat(150_000) + " }}"),
          Map.entry("descends without end", "{{ messages" + ".x".repeat(300_000) + " }}"),
          Map.entry("calls without end", "{{ messages" + "()".repeat(300_000) + " }}"),
          Map.entry("asks without end", "{{ true" + " and true".repeat(100_000) + " }}"),
          Map.entry("tests without end", "{{ 1" + " is defined".repeat(90_000) + " }}"),
          Map.entry("is nested in brackets", "{{ " + "(".repeat(500_000)),
          Map.entry("is nested in lists", "{{ " + "[".repeat(500_000)),
          Map.entry("is nested in signs", "{{ " + "-".repeat(500_000) + "1 }}"),
          Map.entry("is nested in blocks", "{% if 1 %}".repeat(100_000)),
          Map.entry("is nested in targets", "{% set " + "(".repeat(500_000)),
          Map.entry(
              "has many branches", "{% if 0 %}" + "{% elif 0 %}".repeat(80_000) + "{% endif %}"),
          Map.entry("calls itself", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"),
          Map.entry(
              "calls itself through filters",
              "{% macro f(x) %}"
                  + "{% if 1 %}".repeat(50)
                  + "{{ [[[[[f(x)|trim]|first]|first]|first]|first]|first }}"
                  + "{% endif %}".repeat(50)
                  + "{% endmacro %}{{ f(1) }}"),
          Map.entry(
              "calls itself by caller",
              "{% macro f() %}{% call f() %}{{ caller() }}{% endcall %}"
                  + "{% endmacro %}{% call f() %}x{% endcall %}"),
          Map.entry(
              "counts beyond 64 bits", "{{ range(9223372036854775800, 9223372036854775807, 5) }}"),
          Map.entry(
              "counts down beyond 64 bits",
              "{{ range(-9223372036854775800, -9223372036854775807, -5) }}"),
          Map.entry("slices beyond 64 bits", "{{ [1, 2, 3][1::9223372036854775807] }}"),
          Map.entry("slices back beyond 64 bits", "{{ [1, 2, 3][::-9223372036854775807] }}"),
          Map.entry("splits a long text again and again", again("('x ' * 4000000).split()|length")),
          Map.entry("measures a long text again and again", again("ns.s|length")),
          Map.entry("indexes a long text again and again", again("ns.s[-1]")),
          Map.entry("compares long texts again and again", again("ns.s == ns.t")),
          Map.entry("searches long texts again and again", again("ns.s.find(ns.s ~ 'y')")),
          Map.entry(
              "counts in long texts again and again", again("ns.s.count('xxxxxxxxxxxxxxxy')")),
          Map.entry("looks long texts up again and again", again("{ns.s ~ i: 1}")),
          Map.entry("strips long texts again and again", again("(' ' * 30000000).strip()")),
          Map.entry("formats dates again and again", again("strftime_now('%A' * 1000000)")));

  private static String nest(int depth) {
    String inner = "{{ loop.index }}";
    for (int i = 0; i < depth; i++) {
      inner = "{% for b in range(1000) %}" + inner + "{% endfor %}";
    }
    return inner;
  }

  private static String doubling(String zero, String first, String more) {
    return "{% set ns = namespace(x=ZERO) %}{% set ns.x = FIRST %}{% for i in range(100) %}{% set ns.x ="
            .replace("ZERO", zero)
            .replace("FIRST", first)
        + " "
        + more
        + " %}{% endfor %}{{ ns.x|length }}";
  }

  private static String keeping(String value) {
    return "{% set ns = namespace(all=[]) %}{% for i in range(10000) %}{% set ns.all = ns.all + ["
        + value
        + "] %}{% endfor %}";
  }

  /** ns.x is a list of 2^depth leaves, in memory depth pairs. */
  private static String shared(int depth) {
    return "{% set ns = namespace(x=[1]) %}{% for i in range(DEPTH) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}"
        .replace("DEPTH", String.valueOf(depth));
  }

  private static String deep() {
    return "{% set ns = namespace(x=[1]) %}{% for i in range(500000) %}{% set ns.x = [ns.x] %}{% endfor %}";
  }

  private static String twoDeep() {
    return deep()
        + "{% set ns.y = [2] %}{% for i in range(500000) %}{% set ns.y = [ns.y] %}{% endfor %}";
  }

  private static String again(String value) {
    return "{% set ns = namespace(s='x' * 30000000, t='x' * 30000000) %}{% for i in range(1000000) %}"
        + "{% set y = VALUE %}{% endfor %}".replace("VALUE", value);
  }

  /** Renders one; gives false where it was refused, at compilation or later. */
  static boolean render(String source) {
    try {
      ChatTemplates.compile(source, "<s>", "</s>")
          .render(List.of(Map.of("role", "user", "content", "Hi")), List.of(), true, Map.of());
      return true;
    } catch (ChatTemplateException e) {
      FuzzedModels.checkMessage(e);
      return false;
    }
  }

  public static void main(String[] args) {
    List<String> failed = new ArrayList<>();
    ALL.forEach((what, source) -> {
      long start = System.nanoTime();
      String how;
      try {
        how = render(source) ? "rendered" : "refused";
      } catch (Throwable e) { // an Error is exactly what must not happen
        how = e.toString();
        failed.add(what);
      }
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      System.out.printf("%6d ms %s: %s%n", took.toMillis(), what, how);
      if (took.compareTo(LIMIT) > 0) {
        failed.add(what);
      }
    });
    if (!failed.isEmpty()) {
      throw new AssertionError(failed);
    }
  }
}

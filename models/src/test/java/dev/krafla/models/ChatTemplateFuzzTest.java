package dev.krafla.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.testing.Damage;
import dev.krafla.testing.Fuzz;
import dev.krafla.testing.SmallJvm;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Damaged and hostile chat templates end, in bounded time and memory, with a clear error. */
class ChatTemplateFuzzTest {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final List<String> PARTS =
      List.of(
          "{{",
          "}}",
          "{%",
          "%}",
          "{#",
          "#}",
          "{%-",
          "-%}",
          "(",
          ")",
          "[",
          "]",
          "{",
          "}",
          "|",
          "~",
          "+",
          "-",
          "*",
          "**",
          "//",
          "%",
          ".",
          ",",
          ":",
          "==",
          "'",
          "\"",
          "\\",
          " not ",
          " in ",
          " is ",
          " if ",
          " else ",
          "{% if messages %}",
          "{% else %}",
          "{% endif %}",
          "{% for m in messages %}",
          "{% endfor %}",
          "{% set x = [x, x] %}",
          "{% set ns = namespace(x=ns) %}",
          "{% macro f(x) %}",
          "{% endmacro %}",
          "{{ f(f) }}",
          "{% raw %}",
          "{% endraw %}",
          "loop.cycle()",
          "messages",
          "tools",
          "|tojson",
          "|join",
          "|sort",
          "|groupby('role')",
          "|map('upper')|list",
          "|batch(3)",
          "|round",
          "|int",
          "range(9)",
          "[::-1]",
          "[0]",
          "9223372036854775807",
          "1e999",
          "strftime_now('%')",
          "'%d' % ",
          "'{0}{99999999999}'.format(1)",
          "\u0661.\u0665",
          "\ud800");

  @Test
  void aDamagedTemplateRendersOrGivesAClearError() {
    List<Map.Entry<String, Object>> conversations =
        List.copyOf(GoldenTemplates.json("conversations").entrySet());
    List<String> sources = GoldenTemplates.NAMES.stream().map(GoldenTemplates::source).toList();
    Fuzz.check(
        6000,
        LIMIT,
        random -> {
          String good = sources.get(random.nextInt(sources.size()));
          String bad = Damage.text(good, PARTS, random);
          var conversation = conversations.get(random.nextInt(conversations.size())).getValue();
          try {
            ChatTemplate template =
                ChatTemplates.compile(bad, "<s>", "</s>", GoldenTemplates.CLOCK);
            GoldenTemplates.render(template, GoldenTemplates.object(conversation));
            return true;
          } catch (ChatTemplateException e) {
            FuzzedModels.checkMessage(e);
            return false;
          }
        });
  }

  @Test
  void hostileTemplatesEndInLittleMemoryOnASmallStack() {
    String output =
        SmallJvm.run(
            TemplateBombs.class, Duration.ofMinutes(5), "-Xmx300m", "-Xss512k", "-XX:+UseSerialGC");
    assertThat(output.lines()).hasSizeGreaterThanOrEqualTo(TemplateBombs.ALL.size());
  }
}

package dev.krafla.models.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputFormatTest {
  private static final Path TEMPLATES = Path.of("src/test/resources/golden/templates");

  /** The lines of a Llama 3 template that tell how it writes a call. */
  private static final String LLAMA_CALL =
      """
      {%- if tools is not none %}{{- "Environment: ipython\\n" }}{%- endif %}
      {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
      {{- '{"name": "' + tool_call.name + '", ' }}
      {{- '"parameters": ' }}{{- tool_call.arguments | tojson }}{{- "}" }}
      """;

  @ParameterizedTest
  @CsvSource({
    "apertus, llama, PLAIN",
    "deepseek-r1-distill, qwen2, DEEPSEEK",
    "deepseek-v3.1, deepseek2, DEEPSEEK",
    "glm-4.6, glm4moe, PLAIN",
    "gpt-oss, gpt-oss, PLAIN",
    "granite-3.3, granite, PLAIN",
    "granite-4.0, granite, HERMES",
    "hermes2-pro, llama, HERMES",
    "kimi-k2, deepseek2, PLAIN",
    "minimax-m2, minimax-m2, PLAIN",
    "mistral-nemo, llama, MISTRAL",
    "mistral-small-3.2, llama, MISTRAL",
    "phi-3.5, phi3, PLAIN",
    "qwen2.5, qwen2, HERMES",
    "qwen3, qwen3, HERMES",
    "qwen3-coder, qwen3moe, PLAIN",
    "qwen3.5, qwen35, PLAIN",
    "qwq, qwen2, HERMES",
    "seed-oss, seed_oss, PLAIN",
    "smollm2, llama, PLAIN",
    "smollm3, smollm3, PLAIN",
  })
  void knowsTheFormatOfRealTemplates(String name, String architecture, OutputFormat format)
      throws IOException {
    String template = Files.readString(TEMPLATES.resolve(name + ".jinja"));

    assertThat(OutputFormat.detect(architecture, template)).isEqualTo(format);
  }

  @Test
  void everyTemplateIsInTheList() throws Exception {
    Set<String> listed =
        Stream.of(
                getClass()
                    .getDeclaredMethod(
                        "knowsTheFormatOfRealTemplates",
                        String.class,
                        String.class,
                        OutputFormat.class)
                    .getAnnotation(CsvSource.class)
                    .value())
            .map(row -> row.split(",", -1)[0])
            .collect(Collectors.toCollection(TreeSet::new));
    try (Stream<Path> files = Files.list(TEMPLATES)) {
      assertThat(
              files
                  .map(f -> f.getFileName().toString())
                  .filter(f -> f.endsWith(".jinja"))
                  .map(f -> f.substring(0, f.length() - ".jinja".length())))
          .containsExactlyInAnyOrderElementsOf(listed);
    }
  }

  @Test
  void knowsLlamaByItsParameters() {
    assertThat(OutputFormat.detect("llama", LLAMA_CALL)).isEqualTo(OutputFormat.LLAMA3);
  }

  @Test
  void goesByTheArchitectureWhereTheTemplateKnowsNoTools() {
    String template = "{#- no tools -#}{% for m in messages %}{{ m.content }}{% endfor %}";

    assertThat(OutputFormat.detect("qwen2", template)).isEqualTo(OutputFormat.HERMES);
    assertThat(OutputFormat.detect("gemma3", template)).isEqualTo(OutputFormat.JSON);
    assertThat(OutputFormat.detect("llama", template)).isEqualTo(OutputFormat.PLAIN);
    assertThat(OutputFormat.detect("gemma3", template + "{{ tools }}"))
        .isEqualTo(OutputFormat.PLAIN);
  }
}

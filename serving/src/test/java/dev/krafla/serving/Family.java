package dev.krafla.serving;

import dev.krafla.models.ChatTemplate;
import dev.krafla.models.ChatTemplates;
import dev.krafla.models.ModelInfo.Pooling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Families of models: a chat template and the control tokens that matter to it. */
enum Family {
  QWEN3("qwen3", "qwen3.jinja", "<|im_start|>assistant\n", "<|im_end|>"),
  /** Its template opens the reasoning. */
  QWEN35("qwen35", "qwen3.5.jinja", "<|im_start|>assistant\n<think>\n", "<|im_end|>"),
  /** Its template writes calls in a form of its own. */
  QWEN3_CODER("qwen3moe", "qwen3-coder.jinja", "<|im_start|>assistant\n", "<|im_end|>"),
  LLAMA3(
      "llama",
      "llama3.jinja",
      "<|start_header_id|>assistant<|end_header_id|>\n\n",
      "<|eot_id|>",
      "<|python_tag|>"),
  MISTRAL_NEMO("llama", "mistral-nemo.jinja", "[/INST]", "</s>", "[TOOL_CALLS]"),
  MISTRAL_SMALL(
      "llama", "mistral-small-3.2.jinja", "[/INST]", "</s>", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]"),
  DEEPSEEK_R1(
      "qwen2",
      "deepseek-r1-distill.jinja",
      "<｜Assistant｜><think>\n</think>",
      "<｜end▁of▁sentence｜>",
      "<｜tool▁calls▁begin｜>",
      "<｜tool▁call▁begin｜>",
      "<｜tool▁sep｜>",
      "<｜tool▁call▁end｜>",
      "<｜tool▁calls▁end｜>"),
  DEEPSEEK_V31(
      "deepseek2", "deepseek-v3.1.jinja", "<｜Assistant｜><think></think>", "<｜end▁of▁sentence｜>"),
  GEMMA3("gemma3", "gemma3.jinja", "<start_of_turn>model\n", "<end_of_turn>"),
  /** Its template knows no tools. */
  SMOLLM2("llama", "smollm2.jinja", "<|im_start|>assistant\n", "<|im_end|>");

  private static final Path OWN = Path.of("src/test/resources/templates");
  private static final Path REAL = Path.of("../models/src/test/resources/golden/templates");
  private static final int CONTEXT = 16_384;

  private final String architecture;
  private final String template;

  @SuppressWarnings("ImmutableEnumChecker") // an unmodifiable list
  private final List<String> special;

  Family(String architecture, String template, String assistant, String end, String... markers) {
    this.architecture = architecture;
    this.template = template;
    this.special = Stream.concat(Stream.of(assistant, end, "<s>"), Stream.of(markers)).toList();
  }

  /** A worker over a scripted model of this family. */
  TestWorker start() {
    var lm = new ScriptedLm(CONTEXT, Pooling.NONE, architecture, new BytesTokenizer(special));
    return TestWorker.start(lm, template());
  }

  private ChatTemplate template() {
    Path own = OWN.resolve(template);
    try {
      String source = Files.readString(Files.exists(own) ? own : REAL.resolve(template));
      return ChatTemplates.compile(source, "<s>", special.get(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

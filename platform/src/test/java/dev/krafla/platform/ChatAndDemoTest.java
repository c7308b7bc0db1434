package dev.krafla.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatAndDemoTest {
  @TempDir private Path folder;
  private KraflaHome home;
  private String model;

  @BeforeEach
  void writeModel() throws IOException {
    home = new KraflaHome(folder.resolve("home"));
    model = TinyModel.write(folder, "tiny").toString();
  }

  private String answer(String... args) throws Exception {
    CommandRun chat = CommandRun.start(home, args);
    assertThat(chat.exitCode()).as(chat.err()).isZero();
    return chat.out();
  }

  @Test
  void chatAnswersTheQuestionOfItsArgumentsAndEnds() throws Exception {
    String first =
        answer("chat", model, "--temperature", "0", "--max-tokens", "12", "Hello", "there?");
    String again =
        answer("chat", model, "--temperature", "0", "--max-tokens", "12", "Hello there?");
    assertThat(first).isNotBlank().isEqualTo(again);
    assertThat(first.strip().length()).isLessThanOrEqualTo(12);
  }

  @Test
  void chatReadsItsQuestionFromStandardInput() throws Exception {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream("Hello there?\n".getBytes(StandardCharsets.UTF_8)));
    try {
      assertThat(answer("chat", model, "--temperature", "0", "--max-tokens", "12"))
          .isEqualTo(
              answer("chat", model, "--temperature", "0", "--max-tokens", "12", "Hello there?"));
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void chatTakesASentenceInPlaceOfAModelForTheQuestion() throws Exception {
    CommandRun chat = CommandRun.start(home, "chat", "Hello there?", "--url", "http://127.0.0.1:1");
    assertThat(chat.exitCode()).isEqualTo(1);
    assertThat(chat.err()).contains("cannot reach http://127.0.0.1:1");
  }

  @Test
  void chatAndDemoRefuseAModelThatDoesNotChat() throws Exception {
    Files.delete(Path.of(model, "tokenizer_config.json"));
    for (CommandRun run :
        new CommandRun[] {
          CommandRun.start(home, "chat", model, "Hello?"),
          CommandRun.start(home, "demo", "--model", model)
        }) {
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err()).contains("tiny has no chat template", "/v1/completions");
    }
  }

  @Test
  void chatTellsTheServersRefusal() throws Exception {
    CommandRun chat = CommandRun.start(home, "chat", model, "long ".repeat(100));
    assertThat(chat.exitCode()).isEqualTo(1);
    assertThat(chat.err()).contains("256").doesNotContain("fault in Krafla");
  }

  @Test
  void demoServesAsksAndSaysWhatToDoNext() throws Exception {
    CommandRun demo = CommandRun.start(home, "demo", "--model", model, "What is hot?");
    assertThat(demo.exitCode()).as(demo.err()).isZero();
    assertThat(demo.out())
        .contains("tiny", "http://127.0.0.1:", "What is hot?", "tokens/s", "./krafla chat")
        .doesNotContain("\u001b");
  }
}

package dev.krafla.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krafla.engine.kvstore.DiskStore;
import dev.krafla.engine.kvstore.KvTierStats;
import dev.krafla.kernels.KvType;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process that is killed with SIGKILL while it writes leaves behind. */
class KilledWriterTest {
  private static final int CONTEXT = 256;
  private static final int LIVES = 5;

  @TempDir Path folder;

  private static Request request(int i) {
    int[] prompt = new SplittableRandom(i).ints(40 + i % 150, 1, FakeLm.VOCAB).toArray();
    return Request.of(prompt, 4).withIgnoreEndTokens(true);
  }

  private static Engine start(Path folder) {
    EngineConfig config =
        EngineConfig.DEFAULTS
            .withKvType(KvType.F32)
            .withKvBytes(FakeLm.kvBytes(128))
            .withKvStores(DiskStore.open(folder, 100_000_000));
    var policy = new KvTiers.Policy(Runnable::run, (read, compute) -> true);
    return Engine.unstarted(new FakeLm(CONTEXT, 512), new FakeTokenizer(), config, policy);
  }

  private static Answers.Answer ask(Engine engine, Request request) {
    TokenStream stream = engine.submit(request);
    while (engine.step()) {
      // until it is answered
    }
    return Answers.readOne(stream);
  }

  /** The process to be killed: answers one prompt after another, and says so. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) {
      try (Engine engine = start(Path.of(args[0]))) {
        for (int i = Integer.parseInt(args[1]); ; i++) {
          ask(engine, request(i));
          System.out.println(i);
        }
      }
    }
  }

  @Test
  void everyEntryThatAKilledWriterLeavesIsWholeAndGivesTheRightText()
      throws IOException, InterruptedException {
    int answered = 0;
    for (int life = 0; life < LIVES; life++) {
      Process child =
          new ProcessBuilder(
                  List.of(
                      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                      "--add-modules=jdk.incubator.vector",
                      "--enable-native-access=ALL-UNNAMED",
                      "-cp",
                      System.getProperty("java.class.path"),
                      Child.class.getName(),
                      folder.toString(),
                      Integer.toString(answered)))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (BufferedReader lines = child.inputReader()) {
        for (int n = 0; n < 20 + 7 * life; n++) {
          answered = Integer.parseInt(lines.readLine()) + 1;
        }
      } finally {
        child.destroyForcibly().waitFor(); // SIGKILL, with entries in its queue
      }
    }
    try (Engine engine = start(folder)) {
      for (int i = 0; i < answered; i++) {
        assertThat(ask(engine, request(i)))
            .as("prompt %d", i)
            .isEqualTo(Answers.expected(request(i), 0, CONTEXT));
      }
      KvTierStats disk = engine.stats().tiers().getFirst();
      assertThat(disk.damaged()).isZero();
      assertThat(disk.hits()).isGreaterThan(answered);
      assertThat(engine.stats().repeatedPrompts()).isGreaterThan(answered / 2);
    }
  }
}

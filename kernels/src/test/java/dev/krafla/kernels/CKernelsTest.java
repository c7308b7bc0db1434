package dev.krafla.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The tests in src/test/c, in a process of their own: their memory ends at pages that may not be
 * touched, so that a kernel that reads or writes beyond it does not pass.
 */
class CKernelsTest {
  private static final int SKIPPED = 77; // of run.sh: the CPU cannot run these kernels

  static Stream<String> instructionSets() {
    return System.getProperty("os.arch").equals("aarch64")
        ? Stream.of("neon")
        : Stream.of("amx", "avx512", "avx2");
  }

  @ParameterizedTest
  @MethodSource("instructionSets")
  void kernelsPassTheirTestsWithoutTouchingForeignMemory(String isa, @TempDir Path work) {
    assumeTrue(CCompiler.find().isPresent(), "no C compiler");
    NativeLibrary library =
        switch (NativeLibrary.load()) {
          case NativeLibrary.Outcome.Loaded(NativeLibrary loaded) -> loaded;
          case NativeLibrary.Outcome.Absent(String reason) -> {
            assumeTrue(false, reason);
            throw new AssertionError(reason);
          }
        };
    assumeTrue(NativeMatmul.isIn(library, isa), "the C compiler does not know " + isa);
    CCompiler.Result result =
        CCompiler.run(
            List.of(
                "sh",
                Path.of("src/test/c/run.sh").toAbsolutePath().toString(),
                isa,
                library.file().toString(),
                work.toString()));
    assumeTrue(result.status() != SKIPPED, result.output());
    assertThat(result.status()).as(result.output()).isZero();
  }
}

package dev.krafla.kernels;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * AMX tiles for tests: the CPU's own where it has them, else those of src/test/c/amx, which a
 * signal handler emulates in this JVM from the first use on. The kernels are the library's either
 * way.
 */
final class TileEmulation {
  private static final int TILES = NativeLibrary.AMX_INT8 | NativeLibrary.AMX_BF16;

  private TileEmulation() {}

  private static final class Holder { // tries on first use, once
    static final Optional<String> OBSTACLE = begin();
  }

  /** Why the AMX kernels cannot be tested here; empty if they can. */
  static Optional<String> obstacle() {
    return Holder.OBSTACLE;
  }

  private static Optional<String> begin() {
    return switch (NativeLibrary.load()) {
      case NativeLibrary.Outcome.Absent(String reason) -> Optional.of(reason);
      case NativeLibrary.Outcome.Loaded(NativeLibrary library) -> begin(library);
    };
  }

  private static Optional<String> begin(NativeLibrary library) {
    if (!NativeMatmul.isIn(library, "amx")) {
      return Optional.of("the library was built without AMX");
    }
    if ((library.cpuFeatures() & TILES) == TILES) {
      return Optional.empty();
    }
    if ((library.cpuFeatures() & NativeLibrary.AVX512_VNNI) == 0 || !hasAvx512Bf16()) {
      return Optional.of("no AVX-512 with VNNI and BF16 to go with emulated tiles");
    }
    Optional<Path> compiler = CCompiler.find();
    if (compiler.isEmpty()) {
      return Optional.of("no C compiler for emulated tiles");
    }
    emulate(compiler.get());
    return Optional.empty();
  }

  @SuppressWarnings("restricted") // loading C is this class's purpose
  private static void emulate(Path compiler) {
    try {
      Path emulation = Files.createTempDirectory("krafla-tiles").resolve("libtiles.so");
      CCompiler.Result result =
          CCompiler.run(
              List.of(
                  compiler.toString(),
                  "-std=gnu11",
                  "-O2",
                  "-ffp-contract=off",
                  "-mavx2",
                  "-mfma",
                  "-fPIC",
                  "-shared",
                  Path.of("src/test/c/amx/tile_emulation.c").toAbsolutePath().toString(),
                  "-o",
                  emulation.toString()));
      if (result.status() != 0) {
        throw new IllegalStateException("emulated tiles do not compile: " + result.output());
      }
      var begin =
          SymbolLookup.libraryLookup(emulation, Arena.global()).findOrThrow("krafla_emulate_tiles");
      Files.delete(emulation);
      Files.delete(emulation.getParent());
      Linker.nativeLinker().downcallHandle(begin, FunctionDescriptor.ofVoid()).invokeExact();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Throwable t) {
      throw new IllegalStateException("emulated tiles do not start", t);
    }
  }

  private static boolean hasAvx512Bf16() {
    try {
      return Files.readString(Path.of("/proc/cpuinfo")).contains("avx512_bf16");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

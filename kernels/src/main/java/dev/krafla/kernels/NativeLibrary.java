package dev.krafla.kernels;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * The C library of the native tier: found on the class path, loaded once for the life of the JVM.
 * Its functions keep no state and may be called from any thread.
 */
public final class NativeLibrary {
  /** Bits of {@link #cpuFeatures()}; {@code enum krafla_cpu} in krafla.h. */
  public static final int AVX2 = 1;

  public static final int AVX512_VNNI = 2;
  public static final int AMX_INT8 = 4;
  public static final int AMX_BF16 = 8;
  public static final int NEON_DOTPROD = 16;

  private static final long HUGE_PAGE = 1L << 21;
  private static final String FILE_NAME = System.mapLibraryName("krafla"); // libkrafla.so, .dylib

  private final Path file;
  private final SymbolLookup symbols;
  private final MethodHandle map;
  private final MethodHandle unmap;
  private final int cpuFeatures;

  private NativeLibrary(Path file, SymbolLookup symbols) {
    this.file = file;
    this.symbols = symbols;
    this.map =
        function("krafla_map", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    this.unmap =
        function(
            "krafla_unmap", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    MethodHandle features =
        function("krafla_cpu_features", FunctionDescriptor.of(ValueLayout.JAVA_INT));
    try {
      this.cpuFeatures = (int) features.invokeExact();
    } catch (Throwable t) {
      throw new IllegalStateException("krafla_cpu_features failed", t);
    }
  }

  /** What loading came to. */
  public sealed interface Outcome {
    /** The library is there. */
    record Loaded(NativeLibrary library) implements Outcome {}

    /** It is not, and why. */
    record Absent(String reason) implements Outcome {}
  }

  private static final class Holder { // loads on first use, once
    static final Outcome OUTCOME = tryLoad();
  }

  /** The library, or why there is none on this machine. The first call does the loading. */
  public static Outcome load() {
    return Holder.OUTCOME;
  }

  /** Where it was loaded from. */
  public Path file() {
    return file;
  }

  /** What the CPU can do, as the constants of this class. */
  public int cpuFeatures() {
    return cpuFeatures;
  }

  /** Whether it has function {@code name}: a compiler may not know the newest instructions. */
  boolean exports(String name) {
    return symbols.find(name).isPresent();
  }

  /**
   * A plain downcall (never {@code critical}: that would hold off the garbage collector for the
   * whole call) of exported function {@code name}.
   */
  @SuppressWarnings("restricted") // calling C is this class's purpose
  public MethodHandle function(String name, FunctionDescriptor descriptor) {
    MemorySegment address =
        symbols
            .find(name)
            .orElseThrow(() ->
                new IllegalStateException(
                    "%s exports no function %s; it was built from other sources"
                        .formatted(file, name)));
    return Linker.nativeLinker().downcallHandle(address, descriptor);
  }

  /**
   * Zeroed memory that begins at a huge page's boundary, in huge pages where the system grants
   * them, unmapped when {@code arena} closes.
   *
   * @throws OutOfMemoryError if the system has not that much
   */
  @SuppressWarnings("restricted") // the segment's size is the mapping's
  MemorySegment map(Arena arena, long bytes) {
    long mapped = bytes + HUGE_PAGE; // room to begin at a boundary
    MemorySegment base;
    try {
      base = (MemorySegment) map.invokeExact(mapped);
    } catch (Throwable t) {
      throw new IllegalStateException("krafla_map failed", t);
    }
    if (base.equals(MemorySegment.NULL)) {
      throw new OutOfMemoryError("the system has no %d bytes of memory to give".formatted(bytes));
    }
    long skip = -base.address() & (HUGE_PAGE - 1);
    return base.reinterpret(mapped, arena, memory -> unmap(memory, mapped)).asSlice(skip, bytes);
  }

  private void unmap(MemorySegment memory, long bytes) {
    try {
      unmap.invokeExact(memory, bytes);
    } catch (Throwable t) {
      throw new IllegalStateException("krafla_unmap failed", t);
    }
  }

  @SuppressWarnings("restricted") // loading C is this class's purpose
  private static Outcome tryLoad() {
    String platform = platform();
    String resource = "/native/" + platform + "/" + FILE_NAME;
    URL url = NativeLibrary.class.getResource(resource);
    if (url == null) {
      return new Outcome.Absent(
          "no library for %s in this build; install a C compiler and build again"
              .formatted(platform));
    }
    try {
      Path file = onDisk(url);
      return new Outcome.Loaded(
          new NativeLibrary(file, SymbolLookup.libraryLookup(file, Arena.global())));
    } catch (IOException | UncheckedIOException e) {
      return new Outcome.Absent("the library could not be unpacked: " + e);
    } catch (IllegalArgumentException | IllegalStateException e) {
      return new Outcome.Absent("the library does not load: " + e.getMessage());
    } catch (IllegalCallerException e) {
      return new Outcome.Absent("native access is not enabled: " + e.getMessage());
    }
  }

  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    return (os.startsWith("mac") ? "macos" : os.replace(' ', '-'))
        + "-"
        + switch (arch) {
          case "amd64", "x86_64" -> "x86_64";
          default -> arch;
        };
  }

  /** A file with the library: itself where classes lie in a folder, unpacked from a jar. */
  private static Path onDisk(URL url) throws IOException {
    Optional<Path> plain = plainFile(url);
    if (plain.isPresent()) {
      return plain.get();
    }
    byte[] bytes;
    try (InputStream in = url.openStream()) {
      bytes = in.readAllBytes();
    }
    Path file = cacheFolder().resolve("native").resolve(sha256(bytes)).resolve(FILE_NAME);
    if (Files.isRegularFile(file) && MessageDigest.isEqual(Files.readAllBytes(file), bytes)) {
      return file;
    }
    Files.createDirectories(file.getParent());
    Path part = Files.createTempFile(file.getParent(), "libkrafla", ".part");
    Files.write(part, bytes);
    return Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Optional<Path> plainFile(URL url) throws IOException {
    try {
      URI uri = url.toURI();
      return "file".equals(uri.getScheme()) ? Optional.of(Path.of(uri)) : Optional.empty();
    } catch (URISyntaxException e) {
      throw new IOException("not a usable location: " + url, e);
    }
  }

  private static Path cacheFolder() {
    String home = System.getenv("KRAFLA_HOME");
    return home == null || home.isBlank()
        ? Path.of(System.getProperty("user.home"), ".krafla")
        : Path.of(home);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

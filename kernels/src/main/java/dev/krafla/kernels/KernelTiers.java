package dev.krafla.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which kernels this machine can run, fastest first. {@code KRAFLA_KERNELS} (environment) or {@code
 * krafla.kernels} (system property, stronger) names a tier to use instead of the best one.
 */
public final class KernelTiers {
  private static final String PROPERTY = "krafla.kernels";
  private static final String VARIABLE = "KRAFLA_KERNELS";

  private KernelTiers() {}

  /**
   * One tier and whether it can run here.
   *
   * @param name as {@link Kernels#tier()} and {@code KRAFLA_KERNELS} have it
   * @param available whether {@link #open} would succeed
   * @param reason why, or why not; one line for people
   */
  public record Tier(String name, boolean available, String reason) {}

  /**
   * All tiers for this architecture, fastest first. The last, {@code scalar}, is always available.
   */
  public static List<Tier> survey() {
    List<Tier> tiers = new ArrayList<>();
    if (System.getProperty("os.arch").equals("aarch64")) {
      tiers.add(nativeTier("neon", NativeLibrary.NEON_DOTPROD, "NEON's dot products (Armv8.2)"));
    } else {
      int amxInt8 = NativeLibrary.AVX512_VNNI | NativeLibrary.AMX_INT8;
      int amx = amxInt8 | NativeLibrary.AMX_BF16;
      tiers.add(nativeTier("amx", amx, "AMX with int8 and bfloat16, or this system permits none"));
      tiers.add(nativeTier("amx-int8", amxInt8, "AMX with int8, or this system permits none"));
      tiers.add(nativeTier("avx512", NativeLibrary.AVX512_VNNI, "AVX-512 F, BW, VL, DQ or VNNI"));
      tiers.add(nativeTier("avx2", NativeLibrary.AVX2, "AVX2, FMA or F16C"));
    }
    tiers.add(vector());
    tiers.add(new Tier("scalar", true, "plain Java, the reference; slow"));
    return List.copyOf(tiers);
  }

  /** The tier that {@link #best} takes: the forced one, else the first available. */
  public static Tier chosen() {
    Optional<String> forced = forced();
    if (forced.isPresent()) {
      return named(forced.get());
    }
    return survey().stream().filter(Tier::available).findFirst().orElseThrow();
  }

  /**
   * Opens the fastest tier with {@code threads} threads, the caller's included.
   *
   * @throws IllegalArgumentException if the forced tier is unknown or cannot run here
   */
  public static Kernels best(int threads) {
    return open(chosen().name(), threads);
  }

  /**
   * Opens the tier called {@code name}.
   *
   * @throws IllegalArgumentException if there is none of that name or it cannot run here
   */
  public static Kernels open(String name, int threads) {
    Tier tier = named(name);
    if (!tier.available()) {
      throw new IllegalArgumentException(
          "kernel tier %s cannot run here: %s".formatted(name, tier.reason()));
    }
    ComputePool pool = new SpinPool(threads);
    return switch (name) {
      case "native-amx" -> new NativeKernels(library(), "amx", pool);
      case "native-amx-int8" -> new NativeKernels(library(), "amx-int8", pool);
      case "native-avx512" -> new NativeKernels(library(), "avx512", pool);
      case "native-avx2" -> new NativeKernels(library(), "avx2", pool);
      case "native-neon" -> new NativeKernels(library(), "neon", pool);
      case "vector" -> new VectorKernels(pool);
      case "scalar" -> new ScalarKernels(pool);
      default -> throw new IllegalStateException("tier " + name + " is listed but not opened");
    };
  }

  static NativeLibrary library() {
    return switch (NativeLibrary.load()) {
      case NativeLibrary.Outcome.Loaded(NativeLibrary library) -> library;
      case NativeLibrary.Outcome.Absent(String reason) -> throw new IllegalStateException(reason);
    };
  }

  /** The tier called {@code name}, which may not be able to run here. */
  private static Tier named(String name) {
    List<Tier> tiers = survey();
    return tiers.stream()
        .filter(t -> t.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no kernel tier is called '%s'; this build has %s"
                    .formatted(
                        name, tiers.stream().map(Tier::name).collect(Collectors.joining(", ")))));
  }

  private static Optional<String> forced() {
    String property = System.getProperty(PROPERTY);
    String value = property != null ? property : System.getenv(VARIABLE);
    return Optional.ofNullable(value).map(String::strip).filter(v -> !v.isEmpty());
  }

  /** The module is an incubator: it is there only where the JVM was started with it. */
  private static Tier vector() {
    boolean present = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    return new Tier(
        "vector",
        present,
        present
            ? "Vector API, %d bits".formatted(VectorBlocks.F32.vectorBitSize())
            : "the JVM was started without --add-modules jdk.incubator.vector");
  }

  /** The C kernels of {@code isa}, which run where the CPU has all {@code features}. */
  private static Tier nativeTier(String isa, int features, String needs) {
    String name = "native-" + isa;
    return switch (NativeLibrary.load()) {
      case NativeLibrary.Outcome.Absent(String reason) -> new Tier(name, false, reason);
      case NativeLibrary.Outcome.Loaded(NativeLibrary library) -> {
        if ((library.cpuFeatures() & features) != features) {
          yield new Tier(name, false, "this CPU lacks " + needs);
        }
        yield NativeMatmul.isIn(library, isa)
            ? new Tier(name, true, "C kernels, " + library.file())
            : new Tier(
                name, false, "the C compiler did not know AMX; use gcc 11, clang 12 or newer");
      }
    };
  }
}

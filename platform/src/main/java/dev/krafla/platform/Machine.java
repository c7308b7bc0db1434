package dev.krafla.platform;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Facts about this computer, for people. */
final class Machine {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** What kernels could use, in the spelling of Linux: x86 first, then ARM. */
  private static final List<String> FEATURES =
      List.of(
          "avx2",
          "fma",
          "f16c",
          "avx_vnni",
          "avx512f",
          "avx512_vnni",
          "amx_int8",
          "amx_bf16",
          "asimd",
          "asimddp",
          "i8mm",
          "sve");

  private Machine() {}

  /** For example {@code AMD EPYC 7763, 16 threads: avx2 fma f16c}. */
  static String cpu() {
    return "%s, %d threads%s"
        .formatted(cpuName(), Runtime.getRuntime().availableProcessors(), features());
  }

  /** The processor's name as the operating system has it. */
  static String cpuName() {
    return cpuInfo("model name")
        .or(() -> Programs.firstLine(Path.of("/usr/sbin/sysctl"), "-n", "machdep.cpu.brand_string"))
        .orElse(System.getProperty("os.arch"));
  }

  private static String features() {
    Set<String> flags =
        Stream.of(cpuInfo("flags").or(() -> cpuInfo("Features")).orElse("").split("\\s+"))
            .collect(Collectors.toSet());
    String known = FEATURES.stream().filter(flags::contains).collect(Collectors.joining(" "));
    return known.isEmpty() ? "" : ": " + known;
  }

  private static Optional<String> cpuInfo(String field) {
    try (Stream<String> lines = Files.lines(CPU_INFO)) {
      return lines
          .filter(line -> line.startsWith(field))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException notLinux) {
      return Optional.empty();
    }
  }

  /** Bytes of memory that this process may use; a container's limit counts. */
  static long memoryBytes() {
    return bean().getTotalMemorySize();
  }

  /** Bytes of memory that can be had now without swapping. */
  static long availableBytes() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
      long available =
          lines
              .filter(line -> line.startsWith("MemAvailable:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
              .findFirst()
              .orElse(bean().getFreeMemorySize());
      return Math.min(available, memoryBytes());
    } catch (IOException notLinux) {
      return bean().getFreeMemorySize();
    }
  }

  /** Most bytes that this process has had resident so far, where the system tells (Linux). */
  static OptionalLong peakResidentBytes() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException notLinux) {
      return OptionalLong.empty();
    }
  }

  private static OperatingSystemMXBean bean() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  }
}

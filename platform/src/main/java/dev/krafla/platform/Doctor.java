package dev.krafla.platform;

import dev.krafla.kernels.KernelTiers;
import dev.krafla.screen.BrowserNotFoundException;
import dev.krafla.screen.browser.BrowserProgram;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Looks at the machine. Changes nothing but creating the home folder, to see that it can. */
final class Doctor {
  private static final long LITTLE_DISK = 2_000_000_000L;
  private static final long LITTLE_MEMORY = 1_500_000_000L;
  private static final Duration NETWORK_PATIENCE = Duration.ofSeconds(5);

  private final KraflaHome home;
  private final ModelStore models;
  private final Programs programs;
  private final Map<String, String> environment;

  Doctor(KraflaHome home, ModelStore models, Map<String, String> environment) {
    this.home = home;
    this.models = models;
    this.programs = new Programs(environment);
    this.environment = Map.copyOf(environment);
  }

  /** Everything, in the order to read it; asks the network only if {@code online}. */
  List<Finding> examine(boolean online) {
    var findings = new ArrayList<Finding>();
    findings.add(jdk());
    findings.add(maven());
    findings.add(compiler());
    findings.add(Finding.good("CPU", Machine.cpu()));
    findings.addAll(kernels());
    findings.add(memory());
    findings.add(disk());
    findings.add(python());
    findings.add(browser());
    findings.add(modelsHere());
    if (online) {
      findings.add(
          network(
              "Hugging Face", environment.getOrDefault("HF_ENDPOINT", "https://huggingface.co")));
      findings.add(
          network(
              "ModelScope",
              environment.getOrDefault("MODELSCOPE_ENDPOINT", "https://modelscope.cn")));
    }
    return findings;
  }

  private static Finding jdk() {
    return Finding.good(
        "JDK",
        "%s (%s) at %s"
            .formatted(
                System.getProperty("java.version"),
                System.getProperty("java.vendor"),
                System.getProperty("java.home")));
  }

  private Finding maven() {
    Optional<Path> program = programs.find("mvn");
    return program
        .flatMap(mvn -> Programs.firstLine(mvn, "--version").map(line -> line + " at " + mvn))
        .map(text -> Finding.good("Maven", text.replaceFirst("Apache Maven (\\S+).* at", "$1 at")))
        .orElseGet(() ->
            Finding.lacking(
                "Maven", "not found; only needed to build Krafla anew (apt install maven)"));
  }

  private Finding compiler() {
    return programs
        .find("cc", "gcc", "clang")
        .flatMap(cc -> Programs.firstLine(cc, "--version").map(line -> line + " at " + cc))
        .map(text -> Finding.good("C compiler", text))
        .orElseGet(() ->
            Finding.lacking(
                "C compiler",
                "not found; without one, models run on Java's own vectors, more slowly"
                    + " (apt install gcc libc6-dev; dnf install gcc; xcode-select --install)"));
  }

  private static List<Finding> kernels() {
    List<KernelTiers.Tier> tiers = KernelTiers.survey();
    String others =
        tiers.stream()
            .map(tier -> "%s: %s".formatted(tier.name(), tier.reason()))
            .collect(Collectors.joining("; "));
    try {
      KernelTiers.Tier chosen = KernelTiers.chosen();
      if (!chosen.available()) {
        return List.of(Finding.missing("Kernels", chosen.name() + ": " + chosen.reason()));
      }
      var found = new ArrayList<Finding>();
      found.add(
          chosen.name().equals("scalar")
              ? Finding.lacking("Kernels", "scalar, which is slow. " + others)
              : Finding.good("Kernels", chosen.name() + ", " + chosen.reason()));
      tiers.stream()
          .filter(tier -> !tier.name().equals(chosen.name()) && !chosen.name().equals("scalar"))
          .map(tier -> Finding.good("  " + tier.name(), reason(tier, chosen)))
          .forEach(found::add);
      return found;
    } catch (IllegalArgumentException e) {
      return List.of(Finding.missing("Kernels", String.valueOf(e.getMessage())));
    }
  }

  /** The launcher leaves the Vector API's module out where faster kernels run. */
  private static String reason(KernelTiers.Tier tier, KernelTiers.Tier chosen) {
    boolean leftOut = tier.name().equals("vector") && chosen.name().startsWith("native");
    return leftOut ? "Java's own vectors; not needed here" : tier.reason();
  }

  private static Finding memory() {
    String text =
        "%s, %s available"
            .formatted(
                ByteSize.text(Machine.memoryBytes()), ByteSize.text(Machine.availableBytes()));
    return Machine.availableBytes() < LITTLE_MEMORY
        ? Finding.lacking("Memory", text + "; only the smallest models will fit")
        : Finding.good("Memory", text);
  }

  private Finding disk() {
    try {
      Files.createDirectories(home.models());
      if (!Files.isWritable(home.models())) {
        return Finding.missing(
            "Home", "%s cannot be written to; set KRAFLA_HOME".formatted(home.models()));
      }
      long free = Files.getFileStore(home.models()).getUsableSpace();
      String text = "%s, %s free".formatted(home.folder(), ByteSize.text(free));
      return free < LITTLE_DISK
          ? Finding.lacking("Home", text + "; make room, or set KRAFLA_HOME to another disk")
          : Finding.good("Home", text);
    } catch (IOException e) {
      return Finding.missing(
          "Home", "%s cannot be used (%s); set KRAFLA_HOME".formatted(home.folder(), e));
    }
  }

  private static Finding python() {
    return MachinePython.pip()
        .map(pip ->
            Finding.good(
                "pip", "%s, for models that come as packages".formatted(String.join(" ", pip))))
        .orElseGet(() ->
            Finding.lacking(
                "pip",
                "neither pip nor uv was found; pypi: models, the demo's among them, need one"
                    + " (apt install python3-pip; dnf install python3-pip; brew install uv)"));
  }

  private Finding browser() {
    try {
      BrowserProgram browser = BrowserProgram.find(environment);
      return Finding.good(
          "Browser", "Chromium %s at %s".formatted(browser.version(), browser.path()));
    } catch (BrowserNotFoundException e) {
      return Finding.lacking("Browser", e.getMessage() + "; only agents need one");
    }
  }

  private Finding modelsHere() {
    List<String> here = models.all().stream().map(LocalModel::name).toList();
    return Finding.good(
        "Models",
        here.isEmpty() ? "none here yet; ./krafla demo fetches one" : String.join(", ", here));
  }

  private static Finding network(String name, String address) {
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(NETWORK_PATIENCE).build()) {
      int status =
          client
              .send(
                  HttpRequest.newBuilder(URI.create(address))
                      .timeout(NETWORK_PATIENCE)
                      .method("HEAD", HttpRequest.BodyPublishers.noBody())
                      .build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode();
      return Finding.good(name, "%s answers (%d)".formatted(address, status));
    } catch (IOException e) {
      return Finding.lacking(name, address + " cannot be reached; models that are here still work");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Finding.lacking(name, "interrupted");
    }
  }
}

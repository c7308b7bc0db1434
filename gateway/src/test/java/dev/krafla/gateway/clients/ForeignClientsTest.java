package dev.krafla.gateway.clients;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * The table of clients: client × endpoint × stream × tools × error × the provider's wire, each cell
 * a test. What a client needs is installed once under Krafla's home; where that cannot be done its
 * cells are skipped.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForeignClientsTest {
  private static final Path CLIENTS = Path.of("src/test/clients").toAbsolutePath();
  private static final long MINUTES_TO_INSTALL = 5;

  private ClientsGateway gateway;

  @BeforeAll
  void start() {
    gateway = new ClientsGateway();
  }

  @AfterAll
  void stop() {
    gateway.close();
  }

  @TestFactory
  Stream<DynamicTest> theOfficialPythonPackages() throws Exception {
    List<String> pins = Files.readAllLines(CLIENTS.resolve("requirements.txt"));
    Path venv = home().resolve("cache/venv-" + String.join("-", pins).replace("==", "-"));
    Path python = venv.resolve("bin/python");
    if (run(home(), List.of(python.toString(), "-c", "import openai, anthropic")).code() != 0) {
      Files.createDirectories(venv);
      Result made = run(venv, List.of("python3", "-m", "venv", "--clear", venv.toString()));
      assumeTrue(made.code() == 0, "needs python3 with its venv module: " + made.output());
      List<String> install =
          new ArrayList<>(List.of(python.toString(), "-m", "pip", "install", "--quiet"));
      install.addAll(pins);
      Result installed = run(venv, install);
      assumeTrue(installed.code() == 0, "needs the packages " + pins + ": " + installed.output());
    }
    return cells(CLIENTS, List.of(python.toString(), "official.py"));
  }

  @Tag("full")
  @TestFactory
  Stream<DynamicTest> theOfficialNodePackagesAndTheVercelAiSdk() throws Exception {
    Path folder = Files.createDirectories(home().resolve("cache/node-clients"));
    Files.copy(CLIENTS.resolve("package.json"), folder.resolve("package.json"), REPLACE_EXISTING);
    Files.copy(CLIENTS.resolve("clients.mjs"), folder.resolve("clients.mjs"), REPLACE_EXISTING);
    Result installed =
        run(folder, List.of("npm", "install", "--no-audit", "--no-fund", "--silent"));
    assumeTrue(installed.code() == 0, "needs npm and its packages: " + installed.output());
    return cells(folder, List.of("node", "clients.mjs"));
  }

  @Tag("full")
  @TestFactory
  Stream<DynamicTest> theOfficialJavaPackages() throws Exception {
    return java("official-java");
  }

  @Tag("full")
  @TestFactory
  Stream<DynamicTest> langChain4j() throws Exception {
    return java("langchain4j");
  }

  @Tag("full")
  @TestFactory
  Stream<DynamicTest> springAi() throws Exception {
    return java("spring-ai");
  }

  /** Projects of their own, since what they bring along does not agree with each other. */
  private Stream<DynamicTest> java(String project) throws Exception {
    Path folder = Files.createDirectories(home().resolve("cache/clients-" + project));
    try (Stream<Path> files = Files.list(CLIENTS.resolve(project))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()), REPLACE_EXISTING);
      }
    }
    String libraries = folder.resolve("lib").toString();
    Result fetched =
        run(
            folder,
            List.of(
                "mvn",
                "-B",
                "-q",
                "-ntp",
                "dependency:copy-dependencies",
                "-DoutputDirectory=" + libraries));
    assumeTrue(fetched.code() == 0, "needs packages from Maven Central: " + fetched.output());
    String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
    return cells(folder, List.of(java, "-cp", libraries + "/*", "Clients.java"));
  }

  /** Runs a client's script, whose lines are the cells: a name, a tab, {@code ok} or the fault. */
  private Stream<DynamicTest> cells(Path folder, List<String> script) throws Exception {
    List<String> command = new ArrayList<>(script);
    command.add(gateway.url());
    command.add(ClientsGateway.KEY);
    command.addAll(Arrays.asList(ClientsGateway.MODELS));
    Result result = run(folder, command);
    assertThat(result.code()).as(result.output()).isZero();
    List<String[]> cells =
        result.output().lines().map(l -> l.split("\t", 2)).filter(l -> l.length == 2).toList();
    assertThat(cells).as(result.output()).hasSizeGreaterThan(5);
    return cells.stream().map(c -> DynamicTest.dynamicTest(c[0], () -> check(c[1])));
  }

  /** A pair of wires that the gateway refuses by name is a hole in the table, and shown as one. */
  private static void check(String outcome) {
    assumeFalse(outcome.contains("no provider of it has that"), outcome);
    assertThat(outcome).isEqualTo("ok");
  }

  private record Result(int code, String output) {}

  private static Result run(Path folder, List<String> command)
      throws IOException, InterruptedException {
    Process process;
    try {
      process =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    } catch (IOException e) { // no such program
      return new Result(-1, String.valueOf(e.getMessage()));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(MINUTES_TO_INSTALL, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      return new Result(-1, "it did not end: " + output);
    }
    return new Result(process.exitValue(), output);
  }

  private static Path home() {
    String home = System.getenv("KRAFLA_HOME");
    return home == null ? Path.of(System.getProperty("user.home"), ".krafla") : Path.of(home);
  }
}

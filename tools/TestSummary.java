import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Closes a test run: reads the reports that Surefire has written since the run began, prints a line
 * per module, every skipped test with its reason, every failed one with its message and place, and
 * last, alone on its line, {@code N passed, N failed, N skipped}. Exits with 1 where anything
 * failed, where Maven itself did, or where no test ran.
 *
 * <pre>java tools/TestSummary.java ROOT SINCE_EPOCH_SECONDS MAVEN_STATUS [CHECKS]</pre>
 *
 * CHECKS is a file of {@code pass|fail|skip TAB name TAB reason}: checks outside of Surefire.
 */
final class TestSummary {
  private static final int MESSAGE_LINES = 6;

  private enum Outcome {
    PASSED,
    FAILED,
    SKIPPED
  }

  /**
   * One test.
   *
   * @param detail why it was skipped, or how it failed; empty where it passed
   * @param where the stack frame of our own code that failed; else empty
   */
  private record Case(
      String module, String name, Outcome outcome, double seconds, String detail, String where) {}

  public static void main(String[] args) throws IOException, XMLStreamException {
    Path root = Path.of(args[0]);
    long since = Long.parseLong(args[1]) * 1000;
    boolean mavenFailed = !args[2].equals("0");
    List<Case> cases = new ArrayList<>();
    for (Path report : reports(root, since)) {
      String module = root.relativize(report).getName(0).toString();
      try (InputStream in = Files.newInputStream(report)) {
        read(module, in, cases);
      }
    }
    if (args.length > 3 && Files.exists(Path.of(args[3]))) {
      checks(Path.of(args[3]), cases);
    }
    System.exit(print(cases, mavenFailed) ? 0 : 1);
  }

  /** Reports of this run, not those that an earlier one has left behind. */
  private static List<Path> reports(Path root, long since) throws IOException {
    List<Path> reports = new ArrayList<>();
    try (Stream<Path> modules = Files.list(root)) {
      for (Path module : modules.sorted().toList()) {
        Path folder = module.resolve("target/surefire-reports");
        if (Files.isDirectory(folder)) {
          try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
              if (file.getFileName().toString().matches("TEST-.*\\.xml")
                  && Files.getLastModifiedTime(file).toMillis() >= since) {
                reports.add(file);
              }
            }
          }
        }
      }
    }
    return reports;
  }

  private static void read(String module, InputStream in, List<Case> cases)
      throws XMLStreamException {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    XMLStreamReader xml = factory.createXMLStreamReader(in);
    Case test = null;
    while (xml.hasNext()) {
      int event = xml.next();
      if (event == XMLStreamConstants.START_ELEMENT) {
        switch (xml.getLocalName()) {
          case "testcase" -> {
            String type = xml.getAttributeValue(null, "classname");
            String method = xml.getAttributeValue(null, "name");
            String name = type.substring(type.lastIndexOf('.') + 1);
            if (method != null && !method.isEmpty() && !method.equals(type)) {
              name += "." + method;
            }
            String time = xml.getAttributeValue(null, "time");
            double seconds = time == null ? 0 : Double.parseDouble(time.replace(",", ""));
            test = new Case(module, name, Outcome.PASSED, seconds, "", "");
          }
          case "skipped" -> test = ended(test, Outcome.SKIPPED, xml);
          case "failure", "error" -> test = ended(test, Outcome.FAILED, xml);
          default -> {}
        }
      } else if (event == XMLStreamConstants.END_ELEMENT && xml.getLocalName().equals("testcase")) {
        cases.add(test);
      }
    }
  }

  private static Case ended(Case test, Outcome outcome, XMLStreamReader xml)
      throws XMLStreamException {
    String message = xml.getAttributeValue(null, "message");
    String stack = xml.getElementText();
    String detail = message == null || message.isBlank() ? firstLine(stack) : message.strip();
    String where =
        stack
            .lines()
            .map(String::strip)
            .filter(line -> line.startsWith("at dev.krafla."))
            .findFirst()
            .orElse("");
    return new Case(
        test.module(), test.name(), outcome, test.seconds(), cleared(detail), where);
  }

  private static String firstLine(String stack) {
    return stack.lines().map(String::strip).filter(l -> !l.isEmpty()).findFirst().orElse("");
  }

  /** Without what JUnit puts before the reason of every assumption. */
  private static String cleared(String detail) {
    return detail.replaceFirst(
        "^(org\\.opentest4j\\.TestAbortedException: )?(Assumption failed: )?", "");
  }

  private static void checks(Path file, List<Case> cases) throws IOException {
    for (String line : Files.readAllLines(file)) {
      String[] parts = line.split("\t", 3);
      Outcome outcome =
          switch (parts[0]) {
            case "pass" -> Outcome.PASSED;
            case "skip" -> Outcome.SKIPPED;
            default -> Outcome.FAILED;
          };
      cases.add(new Case("checks", parts[1], outcome, 0, parts.length > 2 ? parts[2] : "", ""));
    }
  }

  /** Whether all is well. */
  private static boolean print(List<Case> cases, boolean mavenFailed) {
    Map<String, List<Case>> modules = new TreeMap<>();
    cases.forEach(c -> modules.computeIfAbsent(c.module(), _ -> new ArrayList<>()).add(c));
    System.out.println();
    modules.forEach(
        (module, tests) ->
            System.out.printf(
                "%-10s %6d passed %4d failed %4d skipped %7.1f s%n",
                module,
                count(tests, Outcome.PASSED),
                count(tests, Outcome.FAILED),
                count(tests, Outcome.SKIPPED),
                tests.stream().mapToDouble(Case::seconds).sum()));
    listSkipped(cases);
    listFailed(cases);
    long failed = count(cases, Outcome.FAILED);
    if (mavenFailed && failed == 0) {
      System.out.printf("%nThe build failed, though no test did; see above.%n");
    }
    long passed = count(cases, Outcome.PASSED);
    if (passed + failed == 0) {
      System.out.printf("%nNo test ran.%n");
    }
    System.out.printf(
        "%n%d passed, %d failed, %d skipped%n", passed, failed, count(cases, Outcome.SKIPPED));
    return !mavenFailed && failed == 0 && passed > 0;
  }

  /** By reason; cases of one parameterised test count together. */
  private static void listSkipped(List<Case> cases) {
    Map<String, Map<String, Integer>> reasons = new LinkedHashMap<>();
    for (Case c : cases) {
      if (c.outcome() == Outcome.SKIPPED) {
        String reason = c.detail().lines().findFirst().orElse("without a reason");
        String test = c.module() + "  " + c.name().replaceFirst("[({\\[].*", "");
        reasons.computeIfAbsent(reason, _ -> new LinkedHashMap<>()).merge(test, 1, Integer::sum);
      }
    }
    reasons.forEach(
        (reason, tests) -> {
          System.out.printf("%nSkipped: %s%n", reason);
          tests.forEach(
              (test, n) -> System.out.printf("  %s%s%n", test, n > 1 ? " (" + n + " cases)" : ""));
        });
  }

  private static void listFailed(List<Case> cases) {
    for (Case c : cases) {
      if (c.outcome() == Outcome.FAILED) {
        System.out.printf("%nFailed:  %s  %s%n", c.module(), c.name());
        c.detail().lines().limit(MESSAGE_LINES).forEach(l -> System.out.printf("    %s%n", l));
        if (!c.where().isEmpty()) {
          System.out.printf("    %s%n", c.where());
        }
      }
    }
  }

  private static long count(List<Case> cases, Outcome outcome) {
    return cases.stream().filter(c -> c.outcome() == outcome).count();
  }
}

package dev.krafla.platform;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules between modules, as ARCHITECTURE.md has them, on the compiled classes of all. */
class DependencyRulesTest {
  private static final String ROOT = "dev.krafla.";

  /** What each module may use of the others. The platform may use all. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.of(
          "kernels", Set.of(),
          "models", Set.of("kernels"),
          "engine", Set.of("kernels", "models"),
          "wire", Set.of(),
          "store", Set.of(),
          "image", Set.of("wire"),
          "screen", Set.of("wire"),
          "serving", Set.of("kernels", "models", "engine", "wire"),
          "gateway", Set.of("wire", "store", "serving"));

  private static JavaClasses ours;

  @BeforeAll
  static void read() {
    ours =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar")) // what tests share
            .importPackages("dev.krafla");
  }

  static Stream<String> modules() {
    return Stream.concat(MAY_USE.keySet().stream(), Stream.of("platform")).sorted();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void everyModuleIsSeenHere(String module) {
    assertThat(ours.stream().filter(c -> c.getPackageName().startsWith(ROOT + module)))
        .isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void aModuleUsesOnlyWhatStandsBelowIt(String module) {
    String[] others =
        modules()
            .filter(m -> !m.equals(module))
            .filter(m -> !MAY_USE.getOrDefault(module, MAY_USE.keySet()).contains(m))
            .map(m -> ROOT + m + "..")
            .toArray(String[]::new);
    if (others.length == 0) { // the platform
      return;
    }
    noClasses()
        .that()
        .resideInAPackage(ROOT + module + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .check(ours);
  }

  @Test
  void kernelsUseTheJdkAlone() {
    classes()
        .that()
        .resideInAPackage("dev.krafla.kernels..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..", "jdk.incubator.vector..", "org.jspecify..", "dev.krafla.kernels..")
        .check(ours);
  }

  @Test
  void theVectorApiIsUsedInKernelsOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.krafla.kernels..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator.vector..")
        .check(ours);
  }

  @Test
  void theEngineAndWhatIsBelowKnowNoHttp() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.krafla.kernels..", "dev.krafla.models..", "dev.krafla.engine..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.helidon..", "java.net.http..", "io.prometheus..", "com.sun.net..")
        .check(ours);
  }

  /**
   * A module's root package is its vocabulary and its face: sub-packages use the one, and the other
   * uses them. Between modules, and between sub-packages, there is one direction.
   */
  @ParameterizedTest
  @ValueSource(strings = {"dev.krafla.(*)..", "dev.krafla.(*).(*).."})
  void modulesAndTheirSubPackagesHaveNoCycles(String slices) {
    slices().matching(slices).should().beFreeOfCycles().check(ours);
  }

  /** What is worth telling goes to System.Logger, which the platform directs. */
  @Test
  void onlyThePlatformPrintsAndConfiguresLogging() {
    JavaClasses below =
        ours.that(
            DescribedPredicate.describe(
                "below the platform", c -> !c.getPackageName().startsWith(ROOT + "platform")));
    List<ArchRule> rules =
        List.of(
            GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS,
            GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING);
    rules.forEach(rule -> rule.check(below));
  }
}

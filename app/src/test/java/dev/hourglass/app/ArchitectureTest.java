package dev.hourglass.app;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Holds the picture of ARCHITECTURE.md against the code.
class ArchitectureTest {
    private static final String ROOT = "dev.hourglass.";
    private static final Path CHECKOUT = Path.of("").toAbsolutePath().resolveSibling("");

    /// What each package of `core` may import of the others; what those may import is included.
    private static final Map<String, Set<String>> CORE = Map.ofEntries(
            Map.entry("unit", Set.of()),
            Map.entry("trace", Set.of("unit")),
            Map.entry("engine", Set.of("trace")),
            Map.entry("read", Set.of("engine", "store")),
            Map.entry("store", Set.of("trace")),
            Map.entry("query", Set.of("store")),
            Map.entry("export", Set.of("query")),
            Map.entry("model", Set.of("unit", "trace")),
            Map.entry("hardware", Set.of("unit")),
            Map.entry("analysis", Set.of("query", "model", "hardware")),
            Map.entry("report", Set.of("analysis")));

    private static JavaClasses classes;

    @BeforeAll
    static void load() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.hourglass");
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.hourglass.(**)").should().beFreeOfCycles().check(classes);
    }

    @Test
    void corePackagesImportOnlyWhatThePictureShows() {
        for (JavaClass type : classes) {
            corePackage(type)
                    .ifPresent(from -> type.getDirectDependenciesFromSelf()
                            .forEach(dependency -> corePackage(dependency.getTargetClass())
                                    .filter(to -> !to.equals(from))
                                    .ifPresent(to -> assertThat(reachable(from))
                                            .as(
                                                    "%s: core.%s may not import core.%s",
                                                    dependency.getDescription(), from, to)
                                            .contains(to))));
        }
    }

    @Test
    void everyPackageOfCoreIsInThePicture() {
        Set<String> present =
                classes.stream().flatMap(type -> corePackage(type).stream()).collect(Collectors.toSet());
        assertThat(CORE.keySet()).containsAll(present);
    }

    @Test
    void modulesDependDownwards() {
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + "core..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + "device..", ROOT + "app.."));
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + "device..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        ROOT + "app..", ROOT + "core.store..", ROOT + "core.query..", ROOT + "core.report.."));
    }

    @Test
    void nativeLibrariesAreLinkedOnlyInFfi() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "device.ffi..")
                .should()
                .callMethodWhere(target(owner(DescribedPredicate.describe(
                        "a linker or a symbol look-up",
                        type -> type.isEquivalentTo(Linker.class) || type.isEquivalentTo(SymbolLookup.class))))));
    }

    @Test
    void sqlIsSpokenOnlyByStoreQueryAndReaders() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "core.store..", ROOT + "core.query..", ROOT + "core.read..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "org.duckdb.."));
    }

    @Test
    void onlyTheCommandLineWritesToTheTerminal() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "app.cli..", ROOT + "app.image..", ROOT + "device.llama..")
                .should(readTheTerminalStreams()));
    }

    @Test
    void coreKnowsNoProcessAndNoNetwork() {
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + "core..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.ProcessBuilder")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net.http..", "com.sun.net.."));
    }

    /// A document that names a class which is no longer there has drifted.
    @Test
    void everyClassThatTheArchitectureDocumentNamesExists() throws IOException {
        Set<String> known = classes.stream().map(JavaClass::getSimpleName).collect(Collectors.toSet());
        String text = Files.readString(CHECKOUT.resolve("ARCHITECTURE.md"));
        List<String> named = Pattern.compile("`([A-Z][a-z]+(?:[A-Z][a-zA-Z]*)?)`")
                .matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .filter(name -> !name.endsWith("Test"))
                .distinct()
                .toList();
        assertThat(named).isNotEmpty();
        assertThat(known).containsAll(named);
    }

    @Test
    void everyPackageSaysWhatItOwns() throws IOException {
        List<String> without = new ArrayList<>();
        try (Stream<Path> files = Stream.of("core", "device", "app")
                .map(module -> CHECKOUT.resolve(module).resolve("src/main/java"))
                .flatMap(ArchitectureTest::walk)) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("module-info.java"))
                    .map(file -> file.resolveSibling("package-info.java"))
                    .distinct()
                    .filter(file -> !Files.exists(file))
                    .forEach(file -> without.add(CHECKOUT.relativize(file).toString()));
        }
        assertThat(without).isEmpty();
    }

    private static Stream<Path> walk(Path root) {
        try {
            return Files.walk(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(classes);
    }

    private static Optional<String> corePackage(JavaClass type) {
        String prefix = ROOT + "core.";
        String name = type.getPackageName();
        return name.startsWith(prefix)
                ? Optional.of(name.substring(prefix.length()).split("\\.")[0])
                : Optional.empty();
    }

    private static Set<String> reachable(String from) {
        Set<String> all = new HashSet<>(CORE.get(from));
        CORE.get(from).forEach(next -> all.addAll(reachable(next)));
        return all;
    }

    private static ArchCondition<JavaClass> readTheTerminalStreams() {
        return new ArchCondition<>("read System.out or System.err") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (JavaFieldAccess access : type.getFieldAccessesFromSelf()) {
                    boolean stream = access.getTargetOwner().isEquivalentTo(System.class)
                            && Set.of("out", "err").contains(access.getName());
                    if (stream) {
                        events.add(SimpleConditionEvent.satisfied(type, access.getDescription()));
                    }
                }
            }
        };
    }
}

package dev.hourglass.app;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static dev.hourglass.app.Product.CHECKOUT;
import static dev.hourglass.app.Product.CLASSES;
import static dev.hourglass.app.Product.ROOT;
import static dev.hourglass.app.Product.check;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds the picture of ARCHITECTURE.md against the code.
class ArchitectureTest {
    /// What each package may import of the others; what those may import is included.
    private static final Map<String, Set<String>> PICTURE = Map.ofEntries(
            Map.entry("core.unit", Set.of()),
            Map.entry("core.file", Set.of()),
            Map.entry("core.text", Set.of("core.file", "core.unit")),
            Map.entry("core.stat", Set.of("core.unit")),
            Map.entry("core.trace", Set.of("core.unit")),
            Map.entry("core.hardware", Set.of("core.unit")),
            Map.entry("core.engine", Set.of("core.trace")),
            Map.entry("core.store", Set.of("core.file", "core.trace")),
            Map.entry("core.query", Set.of("core.store")),
            Map.entry("core.export", Set.of("core.query", "core.text")),
            Map.entry("core.placement", Set.of("core.query")),
            Map.entry("core.read", Set.of("core.engine", "core.text")),
            Map.entry("core.read.chrome", Set.of("core.read")),
            Map.entry("core.read.nsys", Set.of("core.read")),
            Map.entry("core.read.text", Set.of("core.read")),
            Map.entry("core.read.cupti", Set.of("core.read")),
            Map.entry("core.read.probe", Set.of("core.read.cupti")),
            Map.entry("core.read.session", Set.of("core.read", "core.store")),
            Map.entry("core.ingest", Set.of("core.read", "core.query", "core.text", "core.stat")),
            Map.entry("core.document", Set.of("core.text", "core.stat")),
            Map.entry("core.model.gguf", Set.of("core.trace")),
            Map.entry("core.model", Set.of("core.unit")),
            Map.entry("core.model.keys", Set.of("core.model")),
            Map.entry("core.model.family", Set.of("core.model.keys")),
            Map.entry("core.model.checkpoint", Set.of("core.model.family", "core.model.gguf")),
            Map.entry("core.model.synthetic", Set.of("core.model", "core.model.gguf")),
            Map.entry("core.cost", Set.of("core.model", "core.hardware", "core.query")),
            Map.entry("core.analysis", Set.of("core.cost", "core.stat")),
            Map.entry("core.report", Set.of("core.analysis", "core.document")),
            Map.entry("core", Set.of("core.report", "core.ingest")),
            Map.entry("device.ffi.llama", Set.of()),
            Map.entry("device.ffi.nvml", Set.of()),
            Map.entry("device.ffi.perf", Set.of("device.ffi.posix")),
            Map.entry("device.ffi.posix", Set.of()),
            Map.entry("device.ffi.library", Set.of()),
            Map.entry("device.ffi.cuda", Set.of("device.ffi.library")),
            Map.entry("device.ffi.cupti", Set.of("device.ffi.library")),
            Map.entry("device.ffi.nvrtc", Set.of("device.ffi.cuda")),
            Map.entry("device.ffi.cublaslt", Set.of("device.ffi.cuda")),
            Map.entry("device.ffi.cudnn", Set.of("device.ffi.cuda")),
            Map.entry("device.gpu", Set.of("device.ffi.nvrtc", "device.ffi.cublaslt", "device.ffi.cudnn")),
            Map.entry("device.bench.gpu", Set.of("device.bench", "device.gpu", "core.hardware")),
            Map.entry("device.host", Set.of("device.ffi.posix", "core.trace")),
            Map.entry("device.ffi.code", Set.of("device.ffi.posix")),
            Map.entry("device.bench", Set.of("device.host", "core.stat")),
            Map.entry("device.bench.cpu", Set.of("device.bench", "device.ffi.code", "device.ffi.blas")),
            Map.entry("device.ffi.blas", Set.of()),
            Map.entry("device.bench.process", Set.of("device.bench.cpu", "device.bench.gpu")),
            Map.entry("device.collect", Set.of("device.host", "device.ffi.nvml", "device.ffi.perf")),
            Map.entry("device.doctor", Set.of("device.collect")),
            Map.entry(
                    "device.llama",
                    Set.of(
                            "device.ffi.llama",
                            "device.ffi.posix",
                            "device.ffi.cuda",
                            "device.ffi.cupti",
                            "core.engine",
                            "core.model.synthetic",
                            "core.read.cupti")),
            Map.entry("app.image", Set.of("core.text")),
            Map.entry(
                    "app.bench",
                    Set.of("device.bench.process", "core.hardware", "core.model", "core.document", "core.query")),
            Map.entry("app.live", Set.of("core")),
            Map.entry(
                    "app.record",
                    Set.of(
                            "core",
                            "core.export",
                            "core.model.checkpoint",
                            "core.read.probe",
                            "app.bench",
                            "device.collect",
                            "device.llama")),
            Map.entry("app.cli", Set.of("app.live", "app.record", "core.export", "core.placement", "device.doctor")));

    /// More files than this in one package are no longer one thing.
    private static final int MOST_FILES_IN_A_ROOM = 50;

    /// Packages with SQL in Java, each with what it needs that no `.sql` file can say. Files of no package here
    /// have none.
    private static final Map<String, String> SPEAK_SQL = Map.of(
            "core.store", "makes tables and rows from declarations",
            "core.query", "opens sessions, runs statements, makes views",
            "core.ingest", "lays sources on one clock while the database still grows",
            "core.read.nsys", "asks a database of another tool for the columns that it has",
            "core.read.session", "asks a session of another version for the columns that it has");

    /// How statements and their parts begin. What only people write is in lower case.
    private static final Pattern SQL = Pattern.compile(
            "\\s*(?:(?:SELECT|FROM|WHERE|VALUES|UPDATE|COPY|ATTACH|PRAGMA)\\s.*"
                    + "|WITH\\s+(?:RECURSIVE\\s+)?\\w+\\s+AS\\b.*"
                    + "|(?:INNER |LEFT |SEMI |ANTI |CROSS |ASOF )?JOIN\\s.*"
                    + "|(?:GROUP|ORDER)\\s+BY\\s.*|UNION\\s.*"
                    + "|INSERT\\s+(?:OR\\s+\\w+\\s+)?INTO\\b.*|DELETE\\s+FROM\\b.*"
                    + "|(?:CREATE|DROP|ALTER)\\s+(?:OR\\s+REPLACE\\s+)?(?:TEMP\\s+)?(?:TABLE|VIEW|MACRO|INDEX|SCHEMA)\\b.*)",
            Pattern.DOTALL);

    /// A number that something is compared with: beyond the counts of a few, it decides something that wants a
    /// name.
    private static final Pattern COMPARED = Pattern.compile("(?<![<>=-])[<>]=?\\s*-?(?<number>\\d+\\s*<<\\s*\\d+"
            + "|\\d[\\d_]*(?:\\.\\d+)?(?:e-?\\d+)?)[LDFdf]?(?!\\w)|(?<!\\w)(?<first>\\d+\\.\\d+)\\s*[<>](?![<>])");

    private static final double LARGEST_WITHOUT_A_NAME = 8;

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.hourglass.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void packagesImportOnlyWhatThePictureShows() {
        for (JavaClass type : CLASSES) {
            String from = room(type);
            type.getDirectDependenciesFromSelf().stream()
                    .filter(dependency -> isOurs(dependency.getTargetClass()))
                    .filter(dependency -> !room(dependency.getTargetClass()).equals(from))
                    .forEach(dependency -> assertThat(reachable(from))
                            .as(
                                    "%s: %s may not import %s",
                                    dependency.getDescription(), from, room(dependency.getTargetClass()))
                            .contains(room(dependency.getTargetClass())));
        }
    }

    @Test
    void everyPackageIsInThePictureAndInTheDocument() throws IOException {
        Set<String> present = CLASSES.stream().map(ArchitectureTest::room).collect(Collectors.toSet());
        assertThat(PICTURE.keySet()).containsExactlyInAnyOrderElementsOf(present);
        assertThat(Files.readString(CHECKOUT.resolve("ARCHITECTURE.md")))
                .contains(present.stream()
                        .map(name -> "`" + name.substring(name.indexOf('.') + 1) + "`")
                        .toList());
    }

    @Test
    void everyRoomFitsOnAPage() throws IOException {
        Map<Path, Long> rooms;
        try (Stream<Path> files = Product.sources()) {
            rooms = files.collect(Collectors.groupingBy(Path::getParent, Collectors.counting()));
        }
        assertThat(rooms).isNotEmpty();
        rooms.forEach((room, files) -> assertThat(files)
                .as("files in %s", CHECKOUT.relativize(room))
                .isLessThanOrEqualTo(MOST_FILES_IN_A_ROOM));
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
    void sqlStandsInFilesOrInThePackagesThatMakeIt() {
        Map<String, List<SourceText.Literal>> found = Product.codeFiles().stream()
                .flatMap(file -> SourceText.literals(file).stream())
                .filter(literal -> SQL.matcher(literal.text()).matches())
                .collect(Collectors.groupingBy(literal -> room(literal.file())));
        Map<String, List<SourceText.Literal>> elsewhere = new TreeMap<>(found);
        elsewhere.keySet().removeAll(SPEAK_SQL.keySet());
        assertThat(elsewhere).as("SQL in Java").isEmpty();
        assertThat(found.keySet()).as("packages that still need SQL in Java").containsAll(SPEAK_SQL.keySet());
    }

    @Test
    void aStatementIsRecognised() {
        String source = """
                // "SELECT 1"
                char quote = '"'; /* "SELECT 2" */ query("SELECT 3 FROM a" + \"""
                    WITH b AS (FROM c) FROM b\""" + " WHERE x = '\\"'" + "SELECT", "With this", "hourglass sql S \\"SELECT 4\\"");
                """;

        assertThat(SourceText.literals(Path.of("A.java"), source))
                .filteredOn(literal -> SQL.matcher(literal.text()).matches())
                .extracting(SourceText.Literal::toString)
                .containsExactly(
                        "A.java:2 SELECT 3 FROM a", "A.java:2 WITH b AS (FROM c) FROM b", "A.java:3 WHERE x = '\\\"'");
    }

    @Test
    void aNumberThatDecidesHasAName() throws IOException {
        Map<String, List<String>> nameless = new TreeMap<>();
        for (Path file : Product.codeFiles()) {
            List<String> numbers = nameless(Files.readString(file));
            if (!numbers.isEmpty()) {
                nameless.put(file.getFileName().toString(), numbers);
            }
        }
        assertThat(nameless).isEmpty();
    }

    @Test
    void aNumberThatDecidesIsRecognised() {
        assertThat(nameless("""
                if (a > 0.9 || b >= 1_000 && c < 1 << 16) // d > 17
                    e = 0.5 < f ? g -> 12 : h >> 9 << 10;
                for (int i = 0; i < 3 && i <= MOST && "j > 11" != k; i++) {}
                """)).containsExactly("> 0.9", ">= 1_000", "< 1 << 16", "0.5 <");
    }

    private static List<String> nameless(String source) {
        return COMPARED.matcher(SourceText.code(source))
                .results()
                .filter(match -> match.group("number") == null
                        || match.group("number").matches(".*[.e<].*")
                        || Double.parseDouble(match.group("number").replace("_", "")) > LARGEST_WITHOUT_A_NAME)
                .map(MatchResult::group)
                .toList();
    }

    @Test
    void onlyWhatAnotherModuleImportsIsExported() throws IOException {
        for (String module : List.of("core", "device", "app")) {
            Set<String> imported = CLASSES.stream()
                    .filter(type -> !module(type).equals(module))
                    .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                    .map(Dependency::getTargetClass)
                    .filter(type -> isOurs(type) && module(type).equals(module))
                    .map(JavaClass::getPackageName)
                    .collect(Collectors.toSet());
            String descriptor = Files.readString(CHECKOUT.resolve(module).resolve("src/main/java/module-info.java"));
            List<String> exported = Pattern.compile("(?m)^\\s*exports\\s+([\\w.]+)\\s*;")
                    .matcher(descriptor)
                    .results()
                    .map(match -> match.group(1))
                    .toList();
            assertThat(exported).as("exports of %s", module).containsExactlyInAnyOrderElementsOf(imported);
        }
    }

    /// An exception that names a file which is no longer there excuses the next one of that name.
    @Test
    void everyExceptionFromTheSizesNamesFilesThatAreThere() throws IOException {
        Set<String> known;
        try (Stream<Path> files = Stream.of("core", "device", "app")
                .map(module -> CHECKOUT.resolve(module).resolve("src"))
                .flatMap(Product::walk)) {
            known = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toSet());
        }
        List<String> named = Pattern.compile("files=\"([^\"]*)\\\\.java\\$\"")
                .matcher(Files.readString(CHECKOUT.resolve("build/size-exceptions.xml")))
                .results()
                .flatMap(match ->
                        Pattern.compile("[A-Z]\\w+").matcher(match.group(1)).results())
                .map(MatchResult::group)
                .toList();
        assertThat(named).isNotEmpty();
        assertThat(known).containsAll(named);
    }

    /// A document that names a class which is no longer there has drifted.
    @Test
    void everyClassThatTheArchitectureDocumentNamesExists() throws IOException {
        Set<String> known = CLASSES.stream().map(JavaClass::getSimpleName).collect(Collectors.toSet());
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
        try (Stream<Path> files = Product.sources()) {
            List<String> without = files.filter(file -> !file.endsWith("module-info.java"))
                    .map(file -> file.resolveSibling("package-info.java"))
                    .distinct()
                    .filter(file -> !Files.exists(file))
                    .map(file -> CHECKOUT.relativize(file).toString())
                    .toList();
            assertThat(without).isEmpty();
        }
    }

    private static boolean isOurs(JavaClass type) {
        return type.getPackageName().startsWith(ROOT);
    }

    /// The package without what all packages begin with; what a module's root holds belongs to its module.
    private static String room(JavaClass type) {
        return type.getPackageName().substring(ROOT.length());
    }

    /// The same of a source below a module's `src/main/java`.
    private static String room(Path source) {
        Path root = Path.of("src/main/java/dev/hourglass");
        for (Path above = source.getParent(); above != null; above = above.getParent()) {
            if (above.endsWith(root)) {
                return above.relativize(source.getParent()).toString().replace('/', '.');
            }
        }
        throw new IllegalArgumentException(source.toString());
    }

    private static String module(JavaClass type) {
        return room(type).replaceFirst("\\..*", "");
    }

    private static Set<String> reachable(String from) {
        Set<String> all = new HashSet<>(PICTURE.getOrDefault(from, Set.of()));
        PICTURE.getOrDefault(from, Set.of()).forEach(next -> all.addAll(reachable(next)));
        return all;
    }
}

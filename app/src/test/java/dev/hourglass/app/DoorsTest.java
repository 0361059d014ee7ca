package dev.hourglass.app;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static dev.hourglass.app.Product.ROOT;
import static dev.hourglass.app.Product.check;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.hourglass.core.store.TraceStore;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What is dangerous has one place: finds what goes around it.
class DoorsTest {
    @Test
    void databasesAreOpenedOnlyWhereSqlIsRun() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(
                        ROOT + "core.store", ROOT + "core.query", ROOT + "core.read.nsys", ROOT + "core.read.session")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.duckdb..", "org.sqlite.."));
    }

    /// A second way to open a database would have to be made safe a second time.
    @Test
    void databasesAreOpenedThroughOneDoorEach() {
        DescribedPredicate<JavaClass> opensDatabases = DescribedPredicate.describe(
                "a class that opens databases",
                type -> Set.of(
                                "java.sql.DriverManager",
                                "javax.sql.DataSource",
                                "org.duckdb.DuckDBDriver",
                                "org.duckdb.DuckDBDataSource",
                                "org.sqlite.JDBC",
                                "org.sqlite.SQLiteDataSource")
                        .contains(type.getName()));
        check(noClasses()
                .that()
                .doNotHaveFullyQualifiedName(ROOT + "core.store.DatabaseDoor")
                .and()
                .doNotHaveFullyQualifiedName(ROOT + "core.read.nsys.NsysDatabase")
                .should()
                .dependOnClassesThat(opensDatabases));
        check(noClasses()
                .that()
                .doNotHaveFullyQualifiedName(ROOT + "core.store.DatabaseDoor")
                .should()
                .callMethodWhere(target(owner(DescribedPredicate.describe(
                                "a connection of DuckDB",
                                type -> type.getName().equals("org.duckdb.DuckDBConnection"))))
                        .and(target(DescribedPredicate.describe(
                                "that makes another",
                                method -> Set.of("newConnection", "duplicate").contains(method.getName()))))));
        Map<String, List<String>> urls = Product.codeFiles().stream()
                .flatMap(file -> SourceText.literals(file).stream())
                .filter(literal ->
                        literal.text().contains("jdbc:") || literal.text().matches("(?is)\\W*ATTACH\\s.*"))
                .collect(Collectors.groupingBy(
                        literal -> String.valueOf(literal.file().getFileName()),
                        Collectors.mapping(SourceText.Literal::text, Collectors.toList())));
        assertThat(urls.keySet()).containsOnly("DatabaseDoor.java", "NsysDatabase.java");
    }

    /// Two that write into a session each in its own way lose each other's rows.
    @Test
    void sessionsThatStandAreChangedInOneWay() {
        check(noClasses()
                .that()
                .doNotHaveFullyQualifiedName(ROOT + "core.query.Change")
                .should()
                .callMethod(TraceStore.class, "append", Path.class));
    }

    @Test
    void onlyTheCommandLineWritesToTheTerminal() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "app.cli..", ROOT + "app.image..", ROOT + "device.llama..")
                .should(readTheTerminalStreams()));
    }

    /// Text that somebody else wrote must not reach a terminal as it is. Who opens a way there beside
    /// `cli.Output`, or sets another stream in the place of its streams, goes around it. The engine's process has
    /// no terminal, its errors go to a file; the rehearsal discards what is printed.
    @Test
    void theTerminalHasOneDoor() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "device.llama", ROOT + "device.ffi.llama")
                .and()
                .doNotHaveFullyQualifiedName(ROOT + "app.cli.Output")
                .and()
                .doNotHaveFullyQualifiedName(ROOT + "app.cli.Rehearsal")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(FileDescriptor.class)
                .orShould()
                .callMethod(System.class, "setOut", PrintStream.class)
                .orShould()
                .callMethod(System.class, "setErr", PrintStream.class)
                .orShould()
                .callMethod(Console.class, "writer")
                .orShould()
                .callMethod(org.jline.terminal.Terminal.class, "writer"));
    }

    /// The ways around it are for those who move the cursor, and for help.
    @Test
    void onlyWhoDrawsIsLetAroundTheDoor() {
        assertThat(callersOfTheDoor("drawing"))
                .containsExactlyInAnyOrder(
                        "Console", "ImportProgress", "GpuWatchCommand", "KernelsCommand", "RooflineCommand");
        assertThat(callersOfTheDoor("help")).containsExactly("Main");
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

    private static Set<String> callersOfTheDoor(String way) {
        return Product.CLASSES.get(ROOT + "app.cli.Output").getMethodCallsToSelf().stream()
                .filter(call -> call.getName().equals(way))
                .map(call -> call.getOriginOwner().getSimpleName())
                .collect(Collectors.toSet());
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

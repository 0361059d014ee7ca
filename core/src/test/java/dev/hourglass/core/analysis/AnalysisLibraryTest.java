package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.query.Derived;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.Table;
import dev.hourglass.core.trace.Tables;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Reads every file of the library: it declares what it answers, and answers what it declares.
final class AnalysisLibraryTest {
    @TempDir
    private static Path folder;

    private static Session session;
    private static Session whole;
    private static Session decodeRun;

    @BeforeAll
    static void importOne() throws IOException, URISyntaxException {
        Path trace = Path.of(Objects.requireNonNull(
                        AnalysisLibraryTest.class.getResource("/dev/hourglass/core/planted/sync_eager.json.gz"))
                .toURI());
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {})
                .into(List.of(trace), folder.resolve("session.duckdb"));
        session = Session.open(folder);
        decodeRun = PlantedRun.moe(Files.createDirectories(folder.resolve("decode")));
        Path copy = Files.createDirectories(folder.resolve("copy"));
        Files.copy(folder.resolve("session.duckdb"), copy.resolve("session.duckdb"));
        whole = Session.open(copy, Session.Dialect.TRACE);
    }

    @AfterAll
    static void close() {
        session.close();
        whole.close();
        decodeRun.close();
    }

    static List<String> ids() {
        assertThat(AnalysisLibrary.ids()).contains("bound/launch", "gpu/kernels", "decode/components");
        return AnalysisLibrary.ids();
    }

    @ParameterizedTest
    @MethodSource("ids")
    void declaresWhatItAnswers(String id) {
        Analysis analysis = AnalysisLibrary.find(id);
        assertThat(analysis.question()).matches("[A-Z].*\\?");
        assertThat(analysis.columns())
                .isNotEmpty()
                .allSatisfy(c -> assertThat(c.doc()).isNotBlank());
        Rows rows = session.query(AnalysisLibrary.bound(analysis));
        List<String> produced =
                rows.columns().stream().filter(c -> !c.equals("source_id")).toList();
        assertThat(produced)
                .containsExactlyElementsOf(analysis.columns().stream()
                        .map(Analysis.ColumnDoc::name)
                        .toList());
        if (analysis.finding().isPresent()) {
            assertThat(produced).contains("severity");
            assertThat(analysis.remedy()).isPresent();
            assertThat(analysis.gain()).isPresent();
        }
    }

    @ParameterizedTest
    @MethodSource("ids")
    void answersADecodeRunWithTheDeclaredColumns(String id) {
        Rows rows = AnalysisLibrary.run(decodeRun, id);
        assertThat(rows.columns().stream().filter(c -> !c.equals("source_id")).toList())
                .isEqualTo(AnalysisLibrary.find(id).columns().stream()
                        .map(Analysis.ColumnDoc::name)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("ids")
    void readsOnlyDocumentedTables(String id) {
        Set<String> known = Tables.all().stream().map(Table::name).collect(Collectors.toCollection(TreeSet::new));
        known.addAll(Views.names());
        known.addAll(Derived.names());
        assertThat(known).containsAll(AnalysisLibrary.find(id).needs());
    }

    @ParameterizedTest
    @MethodSource("ids")
    void meansTheSameWhereDivisionOfIntegersIsWhole(String id) {
        String sql = AnalysisLibrary.bound(AnalysisLibrary.find(id));
        assertThat(whole.query(sql).rows())
                .usingRecursiveComparison()
                .withEqualsForType(AnalysisLibraryTest::upToTheOrderOfSums, Double.class)
                .isEqualTo(session.query(sql).rows());
    }

    /// Threads add in any order, so a sum of fractions differs in its last digits between two runs of one query.
    private static boolean upToTheOrderOfSums(Double a, Double b) {
        return a.equals(b) || Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
    }

    @ParameterizedTest
    @MethodSource("ids")
    void saysWhatAnEmptySessionLacks(String id) throws IOException {
        Analysis analysis = AnalysisLibrary.find(id);
        Path empty = Files.createDirectories(folder.resolve("empty"));
        if (!Files.exists(empty.resolve("session.duckdb"))) {
            try (var store = TraceStore.create(empty.resolve("session.duckdb"), BlockSize.SMALL)) {
                Views.create(store);
            }
        }
        try (Session nothing = Session.open(empty)) {
            Outcome outcome = new AnalysisRunner(nothing).run(analysis);
            if (!analysis.needs().isEmpty()) {
                assertThat(outcome).isInstanceOf(Outcome.NotApplicable.class);
                assertThat(((Outcome.NotApplicable) outcome).howToRecord()).isNotBlank();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-", ".", "e", "1e", "--1", "1.2.3", "1e5e5"})
    void aParameterThatIsNoNumberIsTold(String number) {
        assertThatThrownBy(() -> AnalysisParser.parse("x", "-- What?\n-- @param limit " + number + " from which\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("analysis x: not `name number doc`");
    }
}

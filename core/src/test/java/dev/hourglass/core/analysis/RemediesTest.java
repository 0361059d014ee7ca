package dev.hourglass.core.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.query.Session;
import dev.hourglass.core.query.Views;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.TraceStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What a recording shows is on is not advised; what is advised is spelled as its engine spells it, and every spelling
/// is
/// a row of one table.
final class RemediesTest {
    private static final Path PAGE = Path.of("../docs/remedies.md");
    /// Flags, environment variables and switches of commands, as a text spells them.
    private static final Pattern SPELLED = Pattern.compile(
            "(?<![\\w-])--?[a-z][a-z0-9_.-]*[a-z0-9]|\\b[A-Z]{2,}_[A-Z_]+[A-Z]\\b|\\w+=(?:True|False)\\b");
    /// Hourglass' own, and instruction sets.
    private static final Set<String> OURS = Set.of("--from", "--to", "--model", "--device", "AVX512_BF16");

    @TempDir
    private Path folder;

    private Session session(String... statements) throws IOException {
        Path directory = Files.createTempDirectory(folder, "session");
        try (TraceStore store = TraceStore.create(directory.resolve("session.duckdb"), BlockSize.SMALL)) {
            Views.create(store);
            for (String statement : statements) {
                store.execute(statement);
            }
        }
        return Session.open(directory);
    }

    private Remedy fit(String written, String... statements) throws IOException {
        try (Session session = session(statements)) {
            return Remedies.of(session).fit(written);
        }
    }

    static Stream<String> written() {
        return AnalysisLibrary.ids().stream()
                .map(AnalysisLibrary::find)
                .flatMap(a -> Stream.concat(a.remedy().stream(), a.remedies().values().stream()))
                .distinct();
    }

    @ParameterizedTest
    @MethodSource("written")
    void noHeadSpellsWhatBelongsIntoTheTable(String remedy) {
        assertThat(SPELLED.matcher(remedy).results().map(m -> m.group()).filter(word -> !OURS.contains(word)))
                .isEmpty();
    }

    @Test
    void headsAndTableHaveTheSameAims() throws IOException {
        try (Session session = session()) {
            Set<String> flags = texts(session, "SELECT DISTINCT aim FROM remedy_flag");
            Set<String> settings = texts(session, "SELECT aim FROM shown_setting");
            Set<String> aims = written()
                    .flatMap(w -> RemedyText.parse(w).parts().stream())
                    .map(RemedyText.Part::aim)
                    .filter(aim -> !aim.isEmpty())
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(aims).isEqualTo(flags);
            assertThat(written()
                            .flatMap(w -> RemedyText.parse(w).parts().stream())
                            .filter(part -> part.when() != RemedyText.When.ADVISED)
                            .map(RemedyText.Part::setting))
                    .isSubsetOf(settings);
            assertThat(settings).as("batch stands where one was recorded").doesNotContain("batch");
        }
    }

    private static Set<String> texts(Session session, String sql) {
        return session.query(sql).rows().stream()
                .map(row -> String.valueOf(row.getFirst()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void whatNothingTellsIsUnknownAndNeverOff() throws IOException {
        try (Session session = session()) {
            assertThat(texts(session, "SELECT DISTINCT state FROM shown_setting"))
                    .containsExactly("unknown");
            assertThat(texts(session, "SELECT evidence FROM shown_setting"))
                    .allSatisfy(why -> assertThat(why).startsWith("Unknown, because "));
            assertThat(texts(session, "SELECT engine FROM recorded_engine")).isEmpty();
        }
    }

    @Test
    void withoutAnEngineTheSentenceStandsAloneAndAllSpellingsBesideIt() throws IOException {
        Remedy fit = fit("[graphs] Replay it. [power_limit] Raise it.");
        assertThat(fit.text()).isEqualTo("Replay it. Raise it (nvidia-smi -pl WATTS).");
        assertThat(fit.spellings())
                .contains(
                        "vLLM: drop --enforce-eager, ",
                        "SGLang: --cuda-graph-backend-decode full; ",
                        "llama.cpp: unset GGML_CUDA_DISABLE_GRAPHS")
                .doesNotContain("--disable-cuda-graph", "nvidia-smi");
    }

    @ParameterizedTest
    @CsvSource({
        "vllm, 0.13.0, vLLM: --async-scheduling",
        "vllm, 0.14.0, vLLM: on by default: drop --no-async-scheduling",
        "vllm, 0.33.0rc1, vLLM: on by default: drop --no-async-scheduling",
        "vllm, dev, vLLM: on by default: drop --no-async-scheduling",
        "sglang, 0.5.23, SGLang: on by default: drop --disable-overlap-schedule",
    })
    void theRecordedReleaseDecidesTheSpelling(String engine, String version, String spelled) throws IOException {
        Remedy fit = fit(
                "[async] Ahead. [] Then rest.",
                "INSERT INTO metadata (name, value) VALUES ('engine.name', '%s'), ('engine.version', '%s')"
                        .formatted(engine, version));
        assertThat(fit).isEqualTo(new Remedy("Ahead (" + spelled + "). Then rest.", ""));
    }

    @Test
    void whatIsOnIsSaidInsteadOfAdvised() throws IOException {
        String on = "INSERT INTO metadata (name, value) VALUES ('engine.vllm:0.async_scheduling', 'True')";
        String said = "Async scheduling is on: async_scheduling of the engine's configuration is true.";
        assertThat(fit("[async] Ahead. [gc] Freeze.", on).text())
                .isEqualTo(said + " Freeze (gc.freeze(), gc.set_threshold()).");
        assertThat(fit("[async] Ahead.", on).text())
                .isEqualTo(
                        said + " No setting that is known to help is left; what remains is work to be made smaller.");
        assertThat(fit("[if async] On. [gc if async] Both. [unless async] Off. [gc unless graphs] Still.", on)
                        .text())
                .isEqualTo("On. Both (gc.freeze(), gc.set_threshold()). Still (gc.freeze(), gc.set_threshold()).");
    }

    @Test
    void whatIsOffIsAdvised() throws IOException {
        assertThat(fit(
                                "[async] Ahead.",
                                "INSERT INTO metadata (name, value) VALUES ('engine.vllm:0.async_scheduling', 'False')")
                        .text())
                .isEqualTo("Ahead.");
    }

    @ParameterizedTest
    @CsvSource({"0.5.14, 0.5.9, 1", "0.5.14, 0.5.14.0, 0", "v1.2, 1.10rc1, -1", "1, 0.99, 1"})
    void releasesAreOrderedByTheirNumbers(String a, String b, int order) {
        assertThat(Integer.signum(Release.parse(a)
                        .orElseThrow()
                        .compareTo(Release.parse(b).orElseThrow())))
                .isEqualTo(order);
        assertThat(Release.parse("b4916")).isEmpty();
        assertThat(Release.parse("")).isEmpty();
    }

    @Test
    void theGuideHasEveryRow() throws IOException {
        String page = Files.readString(PAGE);
        int table = page.indexOf("\n### ");
        try (Session session = session()) {
            assertThat(page.substring(table + 1)).isEqualTo(RemedyPage.of(session));
        }
    }
}

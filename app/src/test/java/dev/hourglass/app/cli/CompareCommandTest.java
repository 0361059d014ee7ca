package dev.hourglass.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hourglass.core.analysis.RunSamples;
import dev.hourglass.core.report.SamplesJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Comparing from the command line: what is said first, conditions under which it fails, stored baselines.
@Isolated
class CompareCommandTest {
    private static final Path GOLDEN = Path.of("../core/src/test/resources/golden");
    private static final Path PLANTED = Path.of("../core/src/test/resources/dev/hourglass/core/planted");

    @TempDir
    private Path home;

    private String usualHome = "";

    @BeforeEach
    void keepBaselinesHere() throws IOException {
        assumeTrue(System.getenv("XDG_DATA_HOME") == null, "baselines would be kept in XDG_DATA_HOME");
        usualHome = System.getProperty("user.home", "");
        System.setProperty("user.home", home.toString());
        Files.createDirectories(Runs.baselines());
        keep("steady", "decode", around(40, 1_000, 10), Map.of("t_sync", 100.0, "t_gpu_kernel_launch", 0.0));
        keep("slow", "decode", around(40, 1_050, 10), Map.of("t_sync", 150.0, "t_gpu_kernel_launch", 20.0));
        keep("same", "decode", around(41, 1_000, 10), Map.of("t_sync", 100.0, "t_gpu_kernel_launch", 0.0));
        keep("wild", "decode", around(8, 1_000, 300), Map.of("t_sync", 100.0));
        keep("short", "decode", List.of(1_000.0, 1_200.0), Map.of("t_sync", 100.0));
        keep("single", "decode", List.of(1_100.0), Map.of("t_sync", 100.0));
        keep("coarse", "decode", around(40, 1_000, 10), Map.of("attention", 400.0));
        keep("prompt", "prefill", around(12, 9_000, 50), Map.of("t_sync", 100.0));
    }

    @AfterEach
    void restore() {
        System.setProperty("user.home", usualHome);
    }

    private static void keep(String name, String stage, List<Double> steps, Map<String, Double> parts)
            throws IOException {
        Map<String, List<Double>> all = new TreeMap<>();
        double known = parts.values().stream().mapToDouble(Double::doubleValue).sum();
        parts.forEach((part, us) -> all.put(part, steps.stream().map(t -> us).toList()));
        all.put("remainder", steps.stream().map(t -> t - known).toList());
        SamplesJson.write(new RunSamples(name, stage, steps, all, Map.of()), Runs.baseline(name));
    }

    /// Normal times, drawn from a seed that is their number.
    private static List<Double> around(int n, double mean, double deviation) {
        SplittableRandom random = new SplittableRandom(n);
        return DoubleStream.generate(() -> mean + deviation * random.nextGaussian())
                .limit(n)
                .boxed()
                .toList();
    }

    private static Said against(String candidate, String condition) {
        return Said.by("compare", "steady", candidate, "--fail-on", condition);
    }

    /// What is said in one line, whatever the width of the terminal.
    private static String headline(String base, String candidate) {
        Said said = Said.by("compare", base, candidate);
        assertThat(said.code()).as(said.err()).isZero();
        return said.out().replaceAll("\\s+", " ");
    }

    @Test
    void saysWhichIsFasterByHowMuchAndHowSure() {
        assertThat(headline("slow", "steady"))
                .containsPattern(
                        "steady is faster than slow: a decode step takes [\\d.]+ [mµ]s instead of 1\\.05 ms, 4\\.\\d+ % less\\.")
                .containsPattern(
                        "Sure: with 95 % confidence the mean of t_token is [34]\\.\\d+ % to [45]\\.\\d+ % less, over 40 and 40 steps\\.")
                .containsPattern("Most of it is “.*”, [\\d.]+ µs less\\.");
        assertThat(headline("steady", "slow"))
                .containsPattern(
                        "slow is slower than steady: a decode step takes 1\\.05 ms instead of [\\d.]+ [mµ]s, [45]\\.\\d+ % more\\.");
        assertThat(headline("steady", "same"))
                .contains("same is as fast as steady: a decode step takes")
                .containsPattern("With 95 % confidence the means differ by less than \\d\\.?\\d+ %");
    }

    @Test
    void saysWhatItCannotTell() {
        assertThat(headline("steady", "wild"))
                .contains("It is not sure whether wild is faster than steady")
                .containsPattern("between .* % less and .* % more; record more steps than these 40 and 8\\.");
        assertThat(headline("steady", "short")).contains("40 and 2 steps are too few; record at least 4");
        assertThat(headline("steady", "single")).contains("one step has no spread");
        assertThat(headline("steady", "prompt"))
                .contains("The steps are not of the same stage", "40 decode steps", "12 prefill steps");
    }

    @ParameterizedTest
    @CsvSource({
        // Relative to the base: the mean grew by about 5 %.
        "t_token.p50 > +3%, 1",
        "t_token.p50 > 3%, 1",
        "t_token.p50 > +30%, 0",
        "t_token.p50 < +3%, 0",
        "t_token.p50 < +30 %, 1",
        "t_token.mean >= +3.5%, 1",
        "t_token.mean <= +3.5%, 0",
        "t_token.p50 < -3%, 0",
        // Its change in time.
        "t_token.mean > +30us, 1",
        "t_token.mean > +30µs, 1",
        "t_token.mean > +0.03ms, 1",
        "t_token.mean > +3ms, 0",
        "t_sync.mean > +49us, 1",
        "t_sync.mean > +51us, 0",
        "t_sync.mean < +51us, 1",
        // The candidate's own value, in any unit; microseconds without one.
        "t_token.p99 > 1ms, 1",
        "t_token.p99 > 1000, 1",
        "t_token.p99 > 2ms, 0",
        "t_token.p99 > 0.002s, 0",
        "t_token.p99 < 2000000ns, 1",
        // What the base had none of grew by more than any percentage.
        "t_gpu_kernel_launch.mean > +1000%, 1",
        "t_gpu_kernel_launch.mean > +25us, 0",
    })
    void failsWhereTheConditionHolds(String condition, int code) {
        Said said = against("slow", condition);
        assertThat(said.code()).as(condition + ": " + said.err()).isEqualTo(code);
        assertThat(said.out()).contains("slow is slower than steady");
        if (code == 1) {
            assertThat(said.err())
                    .startsWith("hourglass: failed: " + condition + ": it is ")
                    .contains("before");
            assertThat(said.err().strip().lines()).hasSize(1);
        } else {
            assertThat(said.err()).isEmpty();
        }
    }

    @Test
    void saysWhatAConditionWasHeldAgainst() {
        assertThat(against("slow", "t_token.mean > +3%").err())
                .contains("1.05 ms, before")
                .containsPattern(
                        "\\+[45]\\.\\d %, 95 % interval of the difference \\d+\\.?\\d* µs to \\d+\\.?\\d* µs, WORSE");
        assertThat(against("wild", "t_token.mean > 1us").err()).contains("UNCLEAR");
    }

    @Test
    void failsIfOneOfSeveralConditionsHolds() {
        Said said = Said.by(
                "compare",
                "steady",
                "slow",
                "--fail-on",
                "t_token.p50 > +30%",
                "--fail-on",
                "t_token.p50 > +3%",
                "--format",
                "json");
        assertThat(said.code()).isEqualTo(1);
        assertThat(said.err()).contains("> +3%").doesNotContain("> +30%");
        assertThat(said.out()).startsWith("{").contains("\"attribution\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"t_token.p50", "t_token.p50 = 3%", "> 3%", "t_token.p50 > three", "t_token.p50 > 3 days", ""})
    void aConditionThatIsNoneIsRefused(String condition) {
        refused(against("slow", condition), "--fail-on", "not a condition", "for example");
    }

    @ParameterizedTest
    @CsvSource({
        "t_token.p95 > 1ms, t_token.p50",
        "t_tokn.p50 > +3%, t_token.p50",
        "sync.mean > +3%, t_sync.mean",
        "latency > +3%, t_token.mean",
    })
    void anUnknownMetricNamesTheNearest(String condition, String near) {
        refused(against("slow", condition), "--fail-on: no metric " + condition.split(" ", -1)[0], near);
    }

    /// A part that one of the runs did not time has no change; its value may still be held against a limit.
    @Test
    void aPartThatOneRunDidNotTimeIsNotTakenForNone() {
        refused(against("coarse", "attention.mean > +3%"), "attention.mean was not measured in steady");
        refused(against("coarse", "t_sync.mean > +3%"), "t_sync.mean was not measured in coarse");
        refused(against("coarse", "t_sync.mean > 1us"), "t_sync.mean was not measured in coarse");
        assertThat(against("coarse", "attention.mean > 500us").code()).isZero();
        assertThat(against("coarse", "attention.mean > 300us").code()).isEqualTo(1);
        Said json = Said.by("compare", "steady", "coarse", "--format", "json");
        assertThat(json.out().replaceAll("\\s+", ""))
                .contains(
                        "\"name\":\"attention.mean\",\"base\":null,\"candidate\":400,\"delta\":null,\"ci95\":[null,null],"
                                + "\"verdict\":\"UNCLEAR\"");
    }

    @Test
    void aBaselineIsKeptListedAndComparedWith() throws IOException {
        Path session = home.resolve("run");
        Said imported = Said.by("import", PLANTED.resolve("launch.json.gz").toString(), "-o", session.toString());
        assertThat(imported.code()).as(imported.err()).isZero();

        assertThat(Said.by("baseline", "save", session.toString(), "before").out())
                .contains("kept", "before");
        assertThat(Said.by("baseline", "list").out())
                .containsPattern("before +\\d+ decode steps, mean [\\d.]+ ms")
                .containsPattern("slow +40 decode steps, mean 1\\.05 ms");
        Said compared = Said.by("compare", "before", session.toString(), "--fail-on", "t_token.p50 > +3%");
        assertThat(compared.code()).as(compared.err()).isZero();
        assertThat(compared.out().replaceAll("\\s+", " "))
                .contains("run is as fast as before", "Every step took the same time in both.");
    }

    @Test
    void whatIsNoRunSaysWhichThereAre() throws IOException {
        refused(Said.by("compare", "stedy", "slow"), "no session, trace or baseline stedy", "slow", "steady");
        Files.writeString(Runs.baseline("broken"), "{\"name\": \"x\", \"t_token_us\": [");
        refused(Said.by("compare", "broken", "slow"), "broken.json", "is not a stored baseline", "baseline save");
        refused(Said.by("baseline", "save", "steady", "a/b"), "a baseline's name is letters");
        refused(Said.by("baseline"), "baseline save", "baseline list");
        refused(
                Said.by("compare", GOLDEN.resolve("nvml/nvml_gpm.csv").toString(), "slow"),
                "nvml_gpm.csv",
                "no steps to compare");
        refused(Said.by("compare", "steady", "slow", "--stage", "prefill"), "no steps of prefill", "decode");
    }

    private static void refused(Said said, String... parts) {
        assertThat(said.err().strip().lines()).as(said.err()).hasSize(1);
        assertThat(said.err()).startsWith("hourglass: ").contains(parts).doesNotContain("Exception");
        assertThat(said.code()).as(said.err()).isEqualTo(2);
        assertThat(said.out()).isEmpty();
    }
}

package dev.hourglass.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hourglass.core.analysis.RunFact;
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
                .contains("The steps are not of the same stage", "40 decode steps", "12 prefill steps")
                .contains("Not the same work (stage prefill instead of decode)");
    }

    /// A condition that these runs cannot decide is neither passed nor failed.
    @Test
    void whatCannotBeToldIsRefused() {
        for (String condition : List.of("t_token.p99 > +3%", "t_token.p99 > 2ms", "t_token.p99 < +3%")) {
            Said few = against("slow", condition);
            assertThat(few.code()).as(few.err()).isEqualTo(2);
            assertThat(few.err())
                    .startsWith(
                            "hourglass: cannot tell whether " + condition + ": t_token.p99 needs at least 100 steps");
        }
        Said wide = Said.by("compare", "wild", "steady", "--fail-on", "t_token.mean < +100%", "--tolerance", "0.1");
        assertThat(wide.code()).as(wide.err()).isEqualTo(2);
        assertThat(wide.err()).contains("no change as well as one that matters").contains("UNCLEAR");
        Said beyond = Said.by("compare", "wild", "steady", "--fail-on", "t_token.mean > +100%");
        assertThat(beyond.code()).as(beyond.err()).isZero();
    }

    @Test
    void theToleranceIsWhatWasAskedFor() {
        assertThat(Said.by("compare", "steady", "same", "--tolerance", "0.05%").out())
                .contains("It is not sure whether");
        assertThat(Said.by("compare", "steady", "same", "--tolerance", "5")
                        .out()
                        .replaceAll("\\s+", " "))
                .contains("same is as fast as steady", "the tolerance of 5.00 %");
        refused(Said.by("compare", "steady", "same", "--tolerance", "much"), "--tolerance is a percentage above 0");
        refused(Said.by("compare", "steady", "same", "--tolerance", "0"), "--tolerance is a percentage above 0");
    }

    /// Runs of one side joined by commas, or added to one baseline, tell how runs scatter.
    @Test
    void severalRunsASide() throws IOException {
        keep("a1", "decode", around(40, 980, 10), Map.of());
        keep("a2", "decode", around(41, 1_020, 10), Map.of());
        keep("b1", "decode", around(42, 1_030, 10), Map.of());
        keep("b2", "decode", around(43, 990, 10), Map.of());
        assertThat(headline("a1", "b1")).contains("b1 is slower than a1", "of this pair of runs");
        assertThat(headline("a1,a2", "b1,b2"))
                .contains("It is not sure whether b1, b2 is faster than a1, a2", "Over 2 and 2 runs");
        refused(Said.by("compare", "a1,,a2", "b1"), "between two commas stands a run");
        refused(Said.by("compare", "a1,prompt", "b1"), "runs of one side are of the same");

        Path session = home.resolve("run");
        Said.by("import", PLANTED.resolve("launch.json.gz").toString(), "-o", session.toString());
        Said.by("baseline", "save", session.toString(), "kept");
        assertThat(Said.by("baseline", "save", session.toString(), "kept", "--add")
                        .out())
                .contains("of 2 runs as kept");
        assertThat(SamplesJson.read(Runs.baseline("kept"))).hasSize(2);
        assertThat(Said.by("compare", "kept", session.toString()).out()).contains("run is as fast as kept");
        refused(Said.by("baseline", "save", "prompt", "kept", "--add"), "kept has steps of", "prompt of prefill");
    }

    /// Less time for a step is faster only where it does the same work.
    @Test
    void otherWorkIsSaidFirstAndNeverFaster() throws IOException {
        keepWork("four", 4, 1_000);
        keepWork("two", 2, 900);
        keepWork("eight", 8, 1_100);
        keepWork("unknown", Double.NaN, 900);
        assertThat(headline("four", "two"))
                .contains("Not the same work (tokens per step 2 instead of 4, batch 2 instead of 4)")
                .containsPattern("[\\d.,]+ k?tokens/s instead of [\\d.,]+ k?tokens/s, WORSE")
                .doesNotContain("two is faster", "faster than");
        assertThat(headline("four", "eight"))
                .containsPattern("k?tokens/s, BETTER")
                .doesNotContain("is slower");
        assertThat(headline("four", "unknown"))
                .contains("whether that is faster depends on the batch, which is not told")
                .doesNotContain("is faster than", "unknown is faster");
        Said said = Said.by("compare", "four", "eight", "--fail-on", "t_token.p50 > +3%");
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).contains("the runs did other work");
    }

    private static void keepWork(String name, double batch, double us) throws IOException {
        List<RunSamples.Step> steps = around(60, us, 10).stream()
                .map(t -> new RunSamples.Step(t, t, batch, batch))
                .toList();
        SamplesJson.write(
                new RunSamples(name, "decode", steps, Map.of(), Map.of(), Map.of(), List.of()), Runs.baseline(name));
    }

    /// What differs beside the times stands first, and what it disturbs is UNCLEAR.
    @ParameterizedTest
    @CsvSource({
        "DISTURBANCE, disturbance, none, severe, disturbed candidate",
        "RECORDING, Python stacks, not recorded, recorded, Not recorded alike",
        "WORK, model, tiny, large, Not the same work",
        "SETTING, threads, 1, 2, 'With threads 2 instead of 1: candidate is slower than base'",
        "MACHINE, GPU, H100, H200, 'With GPU H200 instead of H100: candidate is slower than base'",
    })
    void differencesStandFirst(RunFact.Kind kind, String what, String before, String after, String said)
            throws IOException {
        keepFact("base", 1_000, new RunFact(kind, what, before));
        keepFact("candidate", 1_100, new RunFact(kind, what, after));
        assertThat(headline("base", "candidate")).contains(said);
        boolean sure = kind == RunFact.Kind.SETTING || kind == RunFact.Kind.MACHINE;
        Said held = Said.by("compare", "base", "candidate", "--fail-on", "t_token.p50 > +3%");
        assertThat(held.code()).as(held.err()).isEqualTo(sure ? 1 : 2);
    }

    private static void keepFact(String name, double us, RunFact fact) throws IOException {
        List<RunSamples.Step> steps =
                around(60, us, 10).stream().map(RunSamples.Step::of).toList();
        SamplesJson.write(
                new RunSamples(name, "decode", steps, Map.of(), Map.of(), Map.of(), List.of(fact)),
                Runs.baseline(name));
    }

    /// 1000 µs a step in both; between steps 100 µs and 600.
    @Test
    void timeBetweenStepsIsPartOfIt() {
        Path cases = Path.of("../core/src/test/resources/cases/verdicts");
        Said said = Said.by(
                "compare",
                cases.resolve("s15_a.json.gz").toString(),
                cases.resolve("s15_b.json.gz").toString(),
                "--fail-on",
                "t_token.p50 > +3%");
        assertThat(said.code()).as(said.err()).isEqualTo(1);
        assertThat(said.out().replaceAll("\\s+", " "))
                .contains("s15_b is slower than s15_a: from token to token it takes 1.60 ms instead of 1.10 ms")
                .contains("Most of it is “Other code on the host”");
        assertThat(said.err()).contains("WORSE");
    }

    /// A baseline of a build before periods: its times are walls, unless it is of a decode run.
    @Test
    void aBaselineOfAnEarlierBuildIsComparedByWalls() throws IOException {
        Files.writeString(
                Runs.baseline("old"),
                "{\"name\":\"old\",\"stage\":\"decode\",\"t_token_us\":["
                        + "1000,1001,999,1000,1002,998],\"components_us\":{},\"kernels\":{\"k\":[1,5]}}");
        Path b = Path.of("../core/src/test/resources/cases/verdicts/s15_b.json.gz");
        assertThat(headline("old", b.toString()))
                .contains("time between steps known instead of not known")
                .doesNotContain("is slower");
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
        "t_token.p90 > 1ms, 1",
        "t_token.p90 > 1000, 1",
        "t_token.p90 > 2ms, 0",
        "t_token.p90 > 0.002s, 0",
        "t_token.p90 < 2000000ns, 1",
        // One token of one sequence in each step.
        "throughput.mean < -3%, 1",
        "throughput.mean < 900, 0",
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
        assertThat(against("slow", "throughput.mean < -3%").err()).contains("tokens/s, before", "WORSE");
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

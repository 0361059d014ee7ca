package dev.hourglass.core.read.chrome;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.kineto.AnswerSheet;
import dev.hourglass.core.kineto.KinetoGenerator;
import dev.hourglass.core.kineto.Quirk;
import dev.hourglass.core.query.Rows;
import dev.hourglass.core.query.Session;
import dev.hourglass.core.read.CollectedRows;
import dev.hourglass.core.read.FileSource;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Generated traces with all quirks and planted damage, held against their answer sheets: every slice,
/// time, sum, gap and link is there, and what is lost is counted exactly.
final class GeneratedTraceTest {
    private static final int EVENTS = 6_000;

    @TempDir
    Path directory;

    private record Recording(Path file, AnswerSheet sheet) {}

    private Recording generate(long seed, Set<Quirk> quirks, long cut) throws IOException {
        Path file = directory.resolve(seed + ".json");
        try (OutputStream out = Files.newOutputStream(file)) {
            return new Recording(file, KinetoGenerator.write(out, seed, EVENTS, quirks, cut));
        }
    }

    @ParameterizedTest
    @EnumSource(Quirk.class)
    void everyQuirkIsRead(Quirk quirk) throws IOException {
        check(generate(quirk.ordinal(), EnumSet.of(quirk), Long.MAX_VALUE), new ChromeTraceReader());
    }

    static Stream<Long> seeds() {
        return IntStream.range(100, 124).mapToObj(Long::valueOf);
    }

    /// Any mixture of quirks, whole or cut off anywhere, in one pass or in stretches.
    @ParameterizedTest
    @MethodSource("seeds")
    void anyMixtureIsRead(long seed) throws IOException {
        Random random = new Random(seed);
        EnumSet<Quirk> quirks = EnumSet.noneOf(Quirk.class);
        for (Quirk quirk : Quirk.values()) {
            if (random.nextInt(3) == 0) {
                quirks.add(quirk);
            }
        }
        long cut = random.nextBoolean() ? Long.MAX_VALUE : 20_000 + random.nextInt(1_500_000);
        Recording recording = generate(seed, quirks, cut);
        check(recording, new ChromeTraceReader());
        check(recording, new ChromeTraceReader(0, 1_000 + random.nextInt(200_000)));
        check(recording, new ChromeTraceReader(0, 50_000, random.nextInt(20_000)));
    }

    private static void check(Recording recording, ChromeTraceReader reader) throws IOException {
        AnswerSheet sheet = recording.sheet();
        CollectedRows rows = new CollectedRows();
        Path scratch = Files.createTempDirectory(recording.file().getParent(), "scratch");
        ImportContext context =
                new ImportContext(new ImportContext.Ids(), ImportContext.Options.DEFAULT, bytes -> {}, scratch);
        reader.read(FileSource.of(recording.file()), rows, context);
        assertThat(scratch).as("temporary files are gone").isEmptyDirectory();

        List<Map<String, Object>> slices = rows.of(TraceTables.SLICE);
        Map<String, Long> byCategory = new TreeMap<>();
        long ts = 0;
        long dur = 0;
        for (Map<String, Object> slice : slices) {
            byCategory.merge(String.valueOf(slice.get("category")), 1L, Long::sum);
            ts += (long) slice.get("ts");
            dur += (long) slice.get("dur");
        }
        assertThat(byCategory).isEqualTo(sheet.slices());
        assertThat(ts).as("sum of times").isEqualTo(sheet.tsSum());
        assertThat(dur).as("sum of durations").isEqualTo(sheet.durSum());
        assertThat(context.stats().events().getOrDefault("flow", 0L)).isEqualTo(sheet.flows());
        assertThat(rows.of(TraceTables.LAUNCH).stream()
                        .mapToLong(launch -> (long) launch.get("ops"))
                        .sum())
                .as("launch pairs")
                .isEqualTo(sheet.launchPairs());
        checkLosses(sheet, context);
    }

    private static void checkLosses(AnswerSheet sheet, ImportContext context) {
        Map<String, Long> counted = new TreeMap<>();
        context.stats().losses().stream()
                .filter(loss -> !loss.severity().word().equals("info"))
                .forEach(loss -> counted.merge(loss.kind(), loss.count(), Long::sum));
        assertThat(counted.remove("truncated")).isEqualTo(sheet.truncated() ? 1L : null);
        assertThat(counted).isEqualTo(sheet.lost());
    }

    /// The database gives the sums, gaps and idle time of the sheet, and the sum of differences between
    /// neighbours that people take for idle time.
    @Test
    void theDatabaseAnswersAsTheSheet() throws IOException {
        Recording recording = generate(5, EnumSet.of(Quirk.STREAM_OVERLAP, Quirk.SHUFFLED), Long.MAX_VALUE);
        AnswerSheet sheet = recording.sheet();
        SessionLayout layout = new SessionLayout(Files.createDirectory(directory.resolve("session")));
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {}).into(List.of(recording.file()), layout.database());
        try (Session session = Session.open(layout.directory())) {
            Rows use = session.query("SELECT busy_ns, idle_ns, gaps FROM device_idle");
            assertThat(new AnswerSheet.Use(
                            use.integer(0, "busy_ns").orElseThrow(),
                            use.integer(0, "idle_ns").orElseThrow(),
                            use.integer(0, "gaps").orElseThrow()))
                    .isEqualTo(sheet.use());
            Rows sums =
                    session.query("SELECT name, count(*) AS n, sum(dur)::BIGINT AS ns FROM gpu_slice GROUP BY name");
            Map<String, AnswerSheet.Sum> found = new TreeMap<>();
            for (int i = 0; i < sums.size(); i++) {
                found.put(
                        sums.text(i, "name", ""),
                        new AnswerSheet.Sum(
                                sums.integer(i, "n").orElseThrow(),
                                sums.integer(i, "ns").orElseThrow()));
            }
            assertThat(found).isEqualTo(sheet.deviceWork());
            Rows naive = session.query("""
                    SELECT sum(d)::BIGINT AS ns FROM (
                      SELECT ts - lag(ts) OVER w - lag(dur) OVER w AS d FROM gpu_slice WINDOW w AS (ORDER BY ts))
                    """);
            assertThat(naive.integer(0, "ns")).hasValue(sheet.naiveIdleNs());
        }
    }
}

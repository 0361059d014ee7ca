package dev.hourglass.app.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.hourglass.core.export.ExportFormat;
import dev.hourglass.core.export.Exporter;
import dev.hourglass.core.ingest.TraceImport;
import dev.hourglass.core.read.probe.LiveTail;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Figures of a recording that goes on. The oracle is the export of the same recording when it is over, which comes from
/// another reader by way of the database.
class LiveFiguresTest {
    private static final Path GOLDEN =
            Path.of("../core/src/test/resources/probe/golden").toAbsolutePath();
    private static final long CURSOR_AT = 24;

    @TempDir
    private Path directory;

    private Path segments;

    @BeforeEach
    void copySegments() throws IOException {
        segments = Files.createDirectory(directory.resolve("segments"));
        try (Stream<Path> files = Files.list(GOLDEN)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".seg")).toList()) {
                Files.copy(file, segments.resolve(file.getFileName()));
            }
        }
    }

    /// But for work on steps that nobody decided: while a recording goes on their decision may still come.
    private static Map<String, Double> engine(String text) {
        Map<String, Double> values = new TreeMap<>();
        text.lines().filter(line -> line.startsWith("hourglass_engine_")).filter(line -> !line.matches("hourglass_engine_forward_.*unknown.*")).forEach(line -> {
            int space = line.lastIndexOf(' ');
            values.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
        });
        return values;
    }

    private Map<String, Double> exported() throws IOException {
        SessionLayout session = new SessionLayout(Files.createDirectory(directory.resolve("session")));
        new TraceImport(TraceImport.Options.DEFAULT, bytes -> {}).into(List.of(segments), session.database());
        Path file = directory.resolve("session.prom");
        Exporter.export(session.directory(), ExportFormat.PROMETHEUS, file);
        return engine(Files.readString(file));
    }

    @Test
    void theyAreWhatTheExportTellsAfterwards() throws IOException {
        Map<String, Double> live = engine(new LiveFigures(segments).text());
        Map<String, Double> afterwards = exported();

        assertThat(live.keySet()).containsExactlyElementsOf(afterwards.keySet()).hasSizeGreaterThan(30);
        live.forEach((series, value) -> assertThat(value)
                .as(series)
                .isCloseTo(
                        afterwards.get(series),
                        offset(1e-9 * Math.max(1, Math.abs(value)))));
    }

    /// Whatever a reader sees of a file that grows, no record is lost or counted twice.
    @Test
    void askedWhileRecordsArriveTheyEndAtTheSame() throws IOException {
        Map<String, Double> whole = engine(new LiveFigures(segments).text());
        Map<Path, Long> ends = new TreeMap<>();
        try (Stream<Path> files = Files.list(segments)) {
            for (Path file : files.toList()) {
                ends.put(file, cursor(file, 256));
            }
        }
        LiveFigures growing = new LiveFigures(segments);
        for (int step = 1; step <= 40; step++) {
            for (Map.Entry<Path, Long> end : ends.entrySet()) {
                cursor(end.getKey(), 256 + (end.getValue() - 256) * step / 40 / 8 * 8);
            }
            growing.text();
        }
        for (Map.Entry<Path, Long> end : ends.entrySet()) {
            cursor(end.getKey(), end.getValue());
        }

        assertThat(engine(growing.text())).isEqualTo(whole);
    }

    /// Sets the cursor of a segment.
    ///
    /// @return what it was
    private static long cursor(Path file, long to) throws IOException {
        try (RandomAccessFile segment = new RandomAccessFile(file.toFile(), "rw")) {
            segment.seek(CURSOR_AT);
            long before = Long.reverseBytes(segment.readLong());
            segment.seek(CURSOR_AT);
            segment.writeLong(Long.reverseBytes(to));
            return before;
        }
    }

    /// The golden engine's steps run at known times; a sample in one of them is its phase's, one beside them nobody's.
    @Test
    void aSampleOfAGpuCountsForThePhaseInWhichItWasTaken() throws IOException {
        LiveFigures figures = new LiveFigures(segments);
        figures.text();
        long[] step = decodeStep();
        sample(figures, step[0] + (step[1] - step[0]) / 2, 300);
        sample(figures, step[0] - 900_000_000_000L, 100);

        assertThat(figures.text())
                .contains("hourglass_gpu_sample{device=\"gpu:0\",metric=\"power\",unit=\"W\"} 100\n")
                .contains("hourglass_phase_gpu_sample_sum{device=\"gpu:0\",metric=\"power\",unit=\"W\",phase=\"decode\"} 300\n")
                .contains(
                        "hourglass_phase_gpu_sample_count{device=\"gpu:0\",metric=\"power\",unit=\"W\",phase=\"decode\"} 1\n");
    }

    private long[] decodeStep() {
        long[] found = new long[2];
        new LiveTail(segments).poll(new Ignoring() {
            @Override
            public void step(LiveTail.Step step) {
                if (step.phase().equals("decode")) {
                    found[0] = step.ts();
                    found[1] = step.end();
                }
            }
        });
        return found;
    }

    private static class Ignoring implements LiveTail.Listener {
        @Override
        public void step(LiveTail.Step step) {}

        @Override
        public void forward(String phase, double seconds) {}

        @Override
        public void device(String phase, double seconds) {}

        @Override
        public void state(LiveTail.State state) {}

        @Override
        public void request(String event) {}
    }

    private static void sample(LiveFigures figures, long ts, double watts) {
        try (RowWriter rows = new RowWriter(TraceTables.HW_SAMPLE, figures)) {
            rows.set("ts", ts).set("device", "gpu:0").set("metric", "power").set("value", watts).set("unit", "W").end();
        }
    }

    @Test
    void aDirectoryThatIsNotThereTellsNothing() {
        assertThat(new LiveFigures(directory.resolve("nowhere")).text()).isEmpty();
    }

    @Test
    void filesThatAreNoSegmentsAreLeftOut() throws IOException {
        Files.writeString(segments.resolve("x-1-1-0.seg"), "no segment at all, but long enough to have a head of one....");
        Files.write(segments.resolve("y-1-1-0.seg"), new byte[0]);

        assertThat(engine(new LiveFigures(segments).text())).hasSizeGreaterThan(30);
    }
}

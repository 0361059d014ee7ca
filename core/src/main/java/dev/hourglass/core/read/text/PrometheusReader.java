package dev.hourglass.core.read.text;

import dev.hourglass.core.engine.EngineAdapter;
import dev.hourglass.core.engine.EngineMetric;
import dev.hourglass.core.read.Decimals;
import dev.hourglass.core.read.TextInput;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Head;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Severity;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.TraceReader;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import java.util.Set;

/// Snapshots of an engine's `/metrics` in the Prometheus text format or OpenMetrics, one or several
/// after each other.
///
/// The formats hardly ever carry times. A comment `# scraped_at 1795303224.5` (Unix seconds) before a
/// snapshot gives it one; a series that comes again, or `# EOF`, begins the next snapshot.
public final class PrometheusReader implements TraceReader {
    private static final String SCRAPED = "# scraped_at ";
    /// Series of a snapshot among which one that comes again is looked for.
    private static final int MOST_SERIES = 1_000_000;
    /// Characters of theirs.
    private static final long MOST_CHARACTERS = 64L << 20;
    /// Declared types that are kept, of names that are no longer than this.
    private static final int MOST_TYPES = 50_000;

    private static final int LONGEST_TYPED_NAME = 1_000;
    /// Unix times with fewer digits are seconds: milliseconds have had twelve since 1973.
    private static final int DIGITS_OF_MILLISECONDS = 12;
    /// Lines of a file by which the format is recognised.
    private static final int LINES_LOOKED_AT = 50;

    /// Found by `ServiceLoader`.
    public PrometheusReader() {}

    @Override
    public String format() {
        return "prometheus";
    }

    @Override
    public Match match(Head head) {
        List<String> lines = head.stripped().lines().limit(LINES_LOOKED_AT).toList();
        boolean ours = lines.stream()
                .anyMatch(line -> PrometheusForm.type(line).isPresent() || PrometheusForm.isOfEngine(line));
        return ours ? Match.YES : allSamples(head, lines) ? Match.MAYBE : Match.NO;
    }

    /// Whether there is nothing but samples and comments, and a name among them that no word of a language is.
    private static boolean allSamples(Head head, List<String> lines) {
        boolean cut = head.length() == Head.LENGTH && lines.size() < LINES_LOOKED_AT;
        List<String> samples = lines.subList(0, Math.max(0, lines.size() - (cut ? 1 : 0))).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
        return samples.stream().allMatch(PrometheusForm::isSample)
                && samples.stream().anyMatch(PrometheusForm::hasTellingName);
    }

    @Override
    public void read(Source source, BatchSink sink, ImportContext context) throws IOException {
        try (TextInput input = new TextInput(source, context);
                RowWriter row = new RowWriter(TraceTables.METRIC, sink)) {
            new Snapshots(input, row).read();
        }
    }

    /// One file in reading.
    private static final class Snapshots {
        private final TextInput input;
        private final RowWriter row;
        private final List<EngineAdapter> engines =
                ServiceLoader.load(EngineAdapter.class, EngineAdapter.class.getClassLoader()).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList();
        private final Map<String, String> types = new HashMap<>();
        private final Set<String> seen = new HashSet<>();
        private OptionalLong scraped = OptionalLong.empty();
        private long characters;
        private long snapshot;
        private long samples;
        private boolean timed;

        Snapshots(TextInput input, RowWriter row) {
            this.input = input;
            this.row = row;
        }

        void read() throws IOException {
            for (String line = input.next(); line != null; line = input.next()) {
                if (line.startsWith("#")) {
                    comment(line);
                } else if (!line.isBlank()) {
                    sample(line);
                }
            }
            input.context().stats().read("metric", samples);
            input.context().clock(timed ? SourceClock.unix(1_000_000) : SourceClock.none());
        }

        private void comment(String line) {
            Optional<PrometheusForm.Declared> type = PrometheusForm.type(line);
            if (type.isPresent()) {
                declare(type.get());
            } else if (line.startsWith(SCRAPED)) {
                next();
                scraped = counted(Decimals.scaled(line.substring(SCRAPED.length()), 9));
            } else if (line.startsWith("# EOF")) {
                next();
                scraped = OptionalLong.empty();
            }
        }

        private void declare(PrometheusForm.Declared type) {
            if (types.size() < MOST_TYPES && type.metric().length() <= LONGEST_TYPED_NAME) {
                types.put(type.metric(), type.type());
            } else {
                input.note("type_left_out", Severity.NOTICE);
            }
        }

        private void next() {
            characters = 0;
            snapshot += seen.isEmpty() ? 0 : 1;
            seen.clear();
        }

        private void sample(String line) {
            Optional<PrometheusLine> parsed = PrometheusLine.parse(line);
            if (parsed.isEmpty()) {
                input.lost();
                return;
            }
            input.noteUnended();
            String labels = parsed.get().labelsJson();
            if (isAgain(parsed.get().name() + labels)) {
                next();
                scraped = OptionalLong.empty();
                seen.add(parsed.get().name() + labels);
            }
            write(parsed.get(), labels);
        }

        private boolean isAgain(String series) {
            if (seen.size() < MOST_SERIES && characters < MOST_CHARACTERS) {
                characters += series.length();
                return !seen.add(series);
            }
            if (seen.contains(series)) {
                return true;
            }
            input.note("series_not_compared", Severity.NOTICE);
            return false;
        }

        private void write(PrometheusLine sample, String labels) {
            OptionalLong ts = time(sample.time());
            timed |= ts.isPresent();
            ts.ifPresent(at -> row.set("ts", at));
            row.set("snapshot", snapshot).set("name", input.name(sample.name())).set("labels", labels);
            row.set("type", type(sample.name()));
            engine(sample.name());
            OptionalDouble value = Decimals.real(sample.value());
            value.ifPresentOrElse(v -> row.set("value", v), () -> input.note("non_finite_value", Severity.NOTICE));
            row.set("source_id", input.context().sourceId()).end();
            samples++;
        }

        /// Milliseconds in the text format, seconds in OpenMetrics, where they have a point.
        private OptionalLong time(String printed) {
            if (printed.isEmpty()) {
                return scraped;
            }
            return counted(Decimals.scaled(
                    printed, printed.contains(".") || printed.length() < DIGITS_OF_MILLISECONDS ? 9 : 6));
        }

        private OptionalLong counted(OptionalLong time) {
            if (time.isEmpty()) {
                input.note("bad_time", Severity.DATA_LOSS);
            }
            return time;
        }

        /// A moment is a gauge, whatever began to count then.
        private String type(String name) {
            String fallback = PrometheusForm.isMoment(name) ? "gauge" : "untyped";
            return PrometheusForm.family(name, types)
                    .filter(family ->
                            !PrometheusForm.isMoment(name) || family.metric().equals(name))
                    .map(PrometheusForm.Declared::type)
                    .orElse(fallback);
        }

        private void engine(String name) {
            for (EngineAdapter engine : engines) {
                if (engine.owns(name)) {
                    row.set("engine", engine.engine());
                    engine.metric(name)
                            .or(() -> ofFamily(engine, name))
                            .map(EngineMetric::word)
                            .ifPresent(word -> row.set("meaning", word));
                }
            }
        }

        /// What a series is a part of; the moment at which something began to count is none of it.
        private Optional<EngineMetric> ofFamily(EngineAdapter engine, String name) {
            if (PrometheusForm.isMoment(name)) {
                return Optional.empty();
            }
            return PrometheusForm.family(name, types)
                    .flatMap(family -> engine.metric(family.metric()))
                    .or(() -> engine.metric(PrometheusForm.counter(name)))
                    .or(() -> PrometheusForm.distribution(name)
                            .flatMap(engine::metric)
                            .filter(EngineMetric::isDistribution));
        }
    }
}

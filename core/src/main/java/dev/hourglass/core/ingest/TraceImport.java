package dev.hourglass.core.ingest;

import dev.hourglass.core.query.Change;
import dev.hourglass.core.query.Derived;
import dev.hourglass.core.query.EngineTimeline;
import dev.hourglass.core.store.BlockSize;
import dev.hourglass.core.store.SessionLayout;
import dev.hourglass.core.store.TraceStore;
import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.EngineTables;
import dev.hourglass.core.trace.ImportContext;
import dev.hourglass.core.trace.ImportStats;
import dev.hourglass.core.trace.Moments;
import dev.hourglass.core.trace.RowWriter;
import dev.hourglass.core.trace.Source;
import dev.hourglass.core.trace.SourceClock;
import dev.hourglass.core.trace.Tables;
import dev.hourglass.core.trace.TraceFormatException;
import dev.hourglass.core.trace.TraceTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Reads inputs of any known format into a session's database, on one clock.
public final class TraceImport {
    /// What the user asked for.
    ///
    /// @param stagePattern names of annotations that are stages; empty for the known forms
    /// @param offsets nanoseconds to add to the times of a source, by its file name
    /// @param rawArgs whether all arguments are kept as JSON too
    /// @param zone in which logs tell the time of day that say no zone; empty where nobody said
    public record Options(
            Optional<Pattern> stagePattern, Map<String, Long> offsets, boolean rawArgs, Optional<ZoneId> zone) {
        /// No wishes.
        public static final Options DEFAULT = new Options(Optional.empty(), Map.of(), false);

        public Options {
            offsets = Map.copyOf(offsets);
        }

        /// Without a zone.
        public Options(Optional<Pattern> stagePattern, Map<String, Long> offsets, boolean rawArgs) {
            this(stagePattern, offsets, rawArgs, Optional.empty());
        }
    }

    /// One input as it was read.
    ///
    /// @param hash digest of the file, see the column `source.hash`; empty for a directory
    /// @param rank of a distributed run; empty where the source does not say
    /// @param alignment what its place on the clock rests on, or why it has none; empty where its own
    ///     statement says all
    public record ReadSource(
            long id,
            String name,
            String format,
            Path path,
            long size,
            String hash,
            OptionalLong rank,
            SourceClock clock,
            String alignment,
            ImportStats stats) {
        /// The same source on a clock that was found for it.
        ReadSource placed(SourceClock found, String because) {
            return new ReadSource(id, name, format, path, size, hash, rank, found, because, stats);
        }
    }

    /// Something that was lost or repaired.
    ///
    /// @param source the input
    public record Loss(String source, ImportStats.Loss what) {}

    /// What an import amounts to.
    ///
    /// @param sources in the order of reading
    /// @param events records read, by kind
    /// @param spanNs from the first to the last moment of the timeline, or of what was sampled; empty for neither
    /// @param losses what was lost or repaired
    public record Summary(List<ReadSource> sources, Map<String, Long> events, OptionalLong spanNs, List<Loss> losses) {
        public Summary {
            sources = List.copyOf(sources);
            losses = List.copyOf(losses);
        }
    }

    private static final String SAMPLED_SPAN = Tables.all().stream()
            .filter(table -> table.has("ts"))
            .map(table -> "SELECT min(ts) AS first, max(ts) AS last FROM " + table.name())
            .collect(Collectors.joining(" UNION ALL ", "SELECT max(last) - min(first) FROM (", ")"));

    /// Format of what a probe inside an engine writes: it tells of steps and requests, and lays nothing on the
    /// timeline.
    private static final String ENGINE_PROBE = "hourglass-probe";

    /// Inputs that an error names.
    private static final int NAMED = 8;

    private final Options options;
    private final LongConsumer progress;
    private final ImportContext.Ids ids = new ImportContext.Ids();
    private final InputPlan plan = new InputPlan();
    /// What is still to be done for each source once the database is whole.
    private final List<Consumer<TraceStore>> unsettled = new ArrayList<>();

    /// @param progress told how many bytes of content were read since the last call
    public TraceImport(Options options, LongConsumer progress) {
        this.options = options;
        this.progress = progress;
    }

    /// Reads inputs into a new database. Of recordings of several runs in a directory one run is read.
    ///
    /// @throws TraceFormatException if an input that was named is of no known format or not readable as its own
    /// @throws IOException if an input cannot be read
    public Summary into(List<Path> inputs, Path database) throws IOException {
        return into(inputs, database, Map.of());
    }

    /// @param apart files that are not read, with the reason; empty for those that turn out to be of other runs
    private Summary into(List<Path> inputs, Path database, Map<Path, String> apart) throws IOException {
        List<InputPlan.Planned> planned = plan.without(apart, planned(inputs));
        NewDatabase opening = new NewDatabase(database, BlockSize.of(InputPlan.content(planned)));
        try {
            Summary summary = read(planned, opening, opening::complete, scratch(database));
            TraceStore store = opening.complete();
            Map<Path, String> others =
                    apart.isEmpty() ? Runs.others(summary.sources(), InputPlan.free(planned), store) : Map.of();
            if (!others.isEmpty()) {
                opening.abandon();
                Files.delete(database);
                return new TraceImport(options, progress).into(inputs, database, others);
            }
            Derived.postpone(store);
            store.close();
            return summary;
        } catch (IOException | RuntimeException e) {
            opening.abandon();
            throw e;
        }
    }

    /// Adds inputs to a session.
    ///
    /// @param waiting called once if somebody else changes the session at the moment
    /// @param then is given what was added before it is to be seen
    public Summary addTo(List<Path> inputs, SessionLayout session, Runnable waiting, Then then) throws IOException {
        List<InputPlan.Planned> planned = planned(inputs);
        return Change.of(session, waiting, store -> {
            continueIds(store);
            Summary summary = read(plan.onlyNew(planned, store), store, () -> store, scratch(session.database()));
            Derived.postpone(store);
            then.added(summary);
            return summary;
        });
    }

    /// What else belongs to an addition.
    public interface Then {
        void added(Summary summary) throws IOException;
    }

    private List<InputPlan.Planned> planned(List<Path> inputs) throws IOException {
        List<InputPlan.Planned> planned = plan.of(inputs);
        for (String name : options.offsets().keySet()) {
            if (planned.stream().noneMatch(p -> isCalled(name, p.source()))) {
                throw TraceFormatException.ofWhole(
                        name,
                        "there is an offset for it, but no input is called so; inputs: "
                                + planned.stream()
                                        .limit(NAMED)
                                        .map(p -> p.source().name())
                                        .collect(Collectors.joining(", "))
                                + (planned.size() > NAMED ? ", …" : ""));
            }
        }
        return planned;
    }

    private static boolean isCalled(String name, Source source) {
        return name.equals(source.name())
                || name.equals(String.valueOf(source.path().getFileName()));
    }

    /// Temporary files lie beside the database: there is room for what belongs to it.
    private static Path scratch(Path database) {
        Path directory = database.toAbsolutePath().getParent();
        return directory == null ? Path.of(".") : directory;
    }

    private void continueIds(TraceStore store) {
        ids.startAfter(ImportContext.Id.SOURCE, store.largest(TraceTables.SOURCE, "id"));
        ids.startAfter(ImportContext.Id.SLICE, store.largest(TraceTables.SLICE, "id"));
        ids.startAfter(ImportContext.Id.TRACK, store.largest(TraceTables.TRACK, "id"));
        ids.startAfter(ImportContext.Id.THREAD, store.largest(TraceTables.THREAD, "utid"));
        ids.startAfter(ImportContext.Id.PROCESS, store.largest(TraceTables.PROCESS, "upid"));
        ids.startAfter(ImportContext.Id.COUNTER, store.largest(TraceTables.COUNTER, "id"));
        ids.startAfter(ImportContext.Id.FLOW, store.largest(TraceTables.FLOW, "id"));
        ids.startAfter(ImportContext.Id.STAGE, store.largest(EngineTables.STAGE, "id"));
    }

    /// @param sink takes the rows
    /// @param whole the database with its views
    private Summary read(List<InputPlan.Planned> planned, BatchSink sink, Supplier<TraceStore> whole, Path scratch)
            throws IOException {
        List<ReadSource> read = new ArrayList<>();
        for (InputPlan.Planned input : planned) {
            try {
                read.add(readOne(input, sink, scratch));
            } catch (TraceFormatException e) {
                plan.unreadable(input.source().path().toString(), input.named(), e);
            }
        }
        TraceStore store = whole.get();
        unsettled.forEach(one -> one.accept(store));
        List<ReadSource> sources = Alignment.align(read, store);
        List<Loss> losses = new ArrayList<>();
        Map<String, Long> events = new TreeMap<>();
        for (ReadSource source : sources) {
            source.stats().events().forEach((kind, count) -> events.merge(kind, count, Long::sum));
            source.stats().losses().forEach(loss -> losses.add(new Loss(source.name(), loss)));
        }
        losses.addAll(plan.skipped());
        write(sources, store);
        losses.addAll(MergedRanks.part(store));
        count(losses, store);
        sources.stream()
                .filter(source -> source.format().equals(ENGINE_PROBE))
                .forEach(source -> EngineTimeline.lay(store, source.id()));
        return new Summary(sources, events, span(store), losses);
    }

    private static OptionalLong span(TraceStore store) {
        return Stream.of("SELECT max(ts + greatest(dur, 0)) - min(ts) FROM slice", SAMPLED_SPAN)
                .flatMap(query -> store.texts(query).stream())
                .mapToLong(Long::parseLong)
                .findFirst();
    }

    private static void write(List<ReadSource> sources, BatchSink store) {
        try (RowWriter rows = new RowWriter(TraceTables.SOURCE, store);
                RowWriter facts = new RowWriter(Tables.METADATA, store)) {
            for (ReadSource source : sources) {
                row(source, rows);
                if (!source.alignment().isEmpty()) {
                    facts.set("name", "source." + source.id() + ".alignment")
                            .set("value", source.alignment())
                            .end();
                }
            }
        }
    }

    private static void count(List<Loss> losses, BatchSink store) {
        try (RowWriter rows = new RowWriter(Tables.IMPORT_STAT, store)) {
            for (Loss loss : losses) {
                rows.set("source", loss.source())
                        .set("kind", loss.what().kind())
                        .set("severity", loss.what().severity().word())
                        .set("count", loss.what().count())
                        .set("place", loss.what().place())
                        .end();
            }
        }
    }

    private ReadSource readOne(InputPlan.Planned input, BatchSink store, Path scratch) throws IOException {
        Source source = input.source();
        OptionalLong declared = options.offsets().entrySet().stream()
                .filter(offset -> isCalled(offset.getKey(), source))
                .mapToLong(Map.Entry::getValue)
                .findFirst();
        ImportContext context = new ImportContext(
                ids,
                new ImportContext.Options(options.stagePattern(), options.rawArgs(), declared, options.zone()),
                progress,
                scratch);
        BatchSink possible = new PossibleTimes(store, context.stats());
        DeviceTimes sink = new DeviceTimes(
                declared.isEmpty() ? possible : new ShiftedSink(possible, declared.getAsLong()), context.stats());
        Digest.Pending hash = Digest.begin(source.path());
        input.reader().read(source, sink, context);
        unsettled.add(whole -> sink.settle(whole, context.sourceId(), declared.orElse(0)));
        SourceClock clock = declared.isEmpty()
                ? context.clock()
                : new SourceClock(
                        context.clock().base(),
                        Moments.plus(context.clock().offsetNs(), declared.getAsLong()),
                        SourceClock.Method.DECLARED,
                        OptionalLong.empty());
        return new ReadSource(
                context.sourceId(),
                source.name(),
                input.reader().format(),
                source.path().toAbsolutePath().normalize(),
                source.size(),
                hash.await(),
                context.rank(),
                clock,
                "",
                context.stats());
    }

    private static void row(ReadSource read, RowWriter rows) {
        rows.set("id", read.id())
                .set("name", String.valueOf(read.path().getFileName()))
                .set("format", read.format())
                .set("path", read.path().toString())
                .set("size_bytes", read.size())
                .set("time_base", read.clock().base().word())
                .set("offset_ns", read.clock().offsetNs())
                .set("align_method", read.clock().method().word())
                .set("events", read.stats().total());
        read.clock().residualNs().ifPresent(ns -> rows.set("residual_ns", ns));
        read.rank().ifPresent(rank -> rows.set("rank", rank));
        if (!read.hash().isEmpty()) {
            rows.set("hash", read.hash());
        }
        rows.end();
    }
}

package dev.hourglass.core.trace;

import java.nio.file.Path;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/// What a reader shares with the import around it: identifiers, counts, the user's wishes.
///
/// The counts and identifiers may be used from several threads.
public final class ImportContext {
    /// Kinds of identifier, each unique in the session.
    public enum Id {
        SOURCE,
        SLICE,
        TRACK,
        THREAD,
        PROCESS,
        COUNTER,
        FLOW,
        STAGE,
        BENCH
    }

    /// Where identifiers of a session go on.
    public static final class Ids {
        private final Map<Id, AtomicLong> next = new EnumMap<>(Id.class);

        /// Identifiers from 1.
        public Ids() {
            for (Id id : Id.values()) {
                next.put(id, new AtomicLong(1));
            }
        }

        /// Goes on after the largest one in use.
        public void startAfter(Id id, long largest) {
            counter(id).set(largest + 1);
        }

        private AtomicLong counter(Id id) {
            return Objects.requireNonNull(next.get(id));
        }
    }

    /// What the user asked for.
    ///
    /// @param stagePattern names of annotations that are stages; empty for the known forms
    /// @param rawArgs whether all arguments are kept as JSON too
    /// @param offsetNs declared offset of this source, added to its times by the import, not by the reader
    /// @param zone of times of day that say none; empty where nobody said
    public record Options(
            Optional<Pattern> stagePattern, boolean rawArgs, OptionalLong offsetNs, Optional<ZoneId> zone) {
        /// No wishes.
        public static final Options DEFAULT = new Options(Optional.empty(), false, OptionalLong.empty());

        /// Without a zone.
        public Options(Optional<Pattern> stagePattern, boolean rawArgs, OptionalLong offsetNs) {
            this(stagePattern, rawArgs, offsetNs, Optional.empty());
        }
    }

    private final long sourceId;
    private final Ids ids;
    private final Options options;
    private final ImportStats stats = new ImportStats();
    private final LongConsumer progress;
    private final Path scratch;
    private SourceClock clock = SourceClock.none();
    private OptionalLong rank = OptionalLong.empty();

    /// @param ids shared by all sources of the session
    /// @param progress told how many bytes of the content were read since the last call
    public ImportContext(Ids ids, Options options, LongConsumer progress) {
        this(ids, options, progress, Path.of(System.getProperty("java.io.tmpdir", ".")));
    }

    /// @param scratch directory for temporary files, which may grow to two thirds of the input
    public ImportContext(Ids ids, Options options, LongConsumer progress, Path scratch) {
        this.scratch = scratch;
        this.ids = ids;
        this.options = options;
        this.progress = progress;
        this.sourceId = take(Id.SOURCE, 1);
    }

    /// A context of its own, for a single source.
    public static ImportContext standalone() {
        return new ImportContext(new Ids(), Options.DEFAULT, bytes -> {});
    }

    /// The value of `source_id` in every row.
    public long sourceId() {
        return sourceId;
    }

    /// The first of `count` consecutive fresh identifiers.
    public long take(Id id, long count) {
        return ids.counter(id).getAndAdd(count);
    }

    /// Directory for temporary files of the reader.
    public Path scratch() {
        return scratch;
    }

    public ImportStats stats() {
        return stats;
    }

    public Options options() {
        return options;
    }

    /// Tells that more bytes of the content were read.
    public void progress(long bytes) {
        progress.accept(bytes);
    }

    /// States how the source's times were laid on the trace clock. The reader has already added
    /// `clock.offsetNs()` to every time it handed over.
    public void clock(SourceClock stated) {
        this.clock = stated;
    }

    public SourceClock clock() {
        return clock;
    }

    /// States which rank of a distributed run the source is of.
    public void rank(long stated) {
        this.rank = OptionalLong.of(stated);
    }

    public OptionalLong rank() {
        return rank;
    }
}

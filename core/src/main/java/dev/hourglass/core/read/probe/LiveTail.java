package dev.hourglass.core.read.probe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What an engine does now, from the segments that its probe is writing: each call reads what was committed since the
/// one before. Keeps a place per file and some thousand steps, however long the engine runs. Not thread-safe.
///
/// A file that is no segment, or one of a newer version, or that cannot be read, is left out: the reader of the whole
/// recording says why.
public final class LiveTail {
    private static final int HEAD = 64;
    private static final int VERSION_AT = 8;
    private static final int CURSOR_AT = 24;
    private static final int TYPE_AT = 4;
    private static final int PORTION = 1 << 18;
    /// Bytes of a record that are looked at; the probe writes no larger ones.
    private static final int LONGEST = 8 << 20;
    /// Steps of which the phase is known while workers still work on them.
    private static final int MOST_STEPS = 8_192;

    private static final int MOST_FILES = 4_096;
    private static final double NS_PER_S = 1e9;
    private static final long ABSENT = -1;
    private static final String UNKNOWN = "unknown";

    /// Told what happened, in the order of each file.
    public interface Listener {
        /// An engine made a decision and got its result.
        void step(Step step);

        /// A worker worked on a step.
        ///
        /// @param phase of the step; `unknown` where the engine's decision did not come for some thousand steps
        /// @param seconds of the call on the host
        void forward(String phase, double seconds);

        /// A worker's GPU worked on a step.
        void device(String phase, double seconds);

        /// What an engine holds after a decision.
        void state(State state);

        /// A moment in the life of a request: `received`, `queued`, `finished`, `preempted` and others.
        void request(String event);
    }

    /// @param phase prefill, decode, mixed, recompute or dummy
    /// @param ts start of the decision on the trace clock, in ns
    /// @param end when its result was taken in, in ns
    /// @param scheduleNs time of the decision; -1 where not told, as the other numbers
    public record Step(String phase, long ts, long end, long scheduleNs, long requests, long tokens) {
        Step until(long moment) {
            return new Step(phase, ts, moment, scheduleNs, requests, tokens);
        }
    }

    /// @param running requests
    /// @param kvUsage share of the blocks of the KV cache in use; NaN where not told
    public record State(long running, long waiting, double kvUsage) {}

    /// Where a file was read to.
    private static final class Tail {
        private final Writer writer;
        private long at = RecordLayout.SEGMENT_HEADER;
        private boolean unreadable;

        Tail(Writer writer) {
            this.writer = writer;
        }
    }

    /// What is pending of a process, in whichever of its files.
    ///
    /// @param decided decisions that have no result yet, by their step
    /// @param executed key of the steps that a worker was given, by their number
    private record Writer(Map<Long, Step> decided, Map<Long, Long> executed) {
        static Writer fresh() {
            return new Writer(bounded(MOST_STEPS), bounded(MOST_STEPS));
        }
    }

    /// What a worker did for a step.
    ///
    /// @param onDevice else on the host
    private record Work(long key, boolean onDevice, double seconds) {
        void tell(Listener listener, String phase) {
            if (onDevice) {
                listener.device(phase, seconds);
            } else {
                listener.forward(phase, seconds);
            }
        }
    }

    private final Path directory;
    private final RecordLayout layout = RecordLayout.present();
    private final Texts words = new Texts(layout);
    private final Map<Path, Tail> tails = new HashMap<>();
    private final Map<String, Writer> writers = new HashMap<>();
    private final Map<Long, String> phases = bounded(MOST_STEPS);
    private final Deque<Work> pending = new ArrayDeque<>();

    /// @param directory that takes segments; need not be there yet
    public LiveTail(Path directory) {
        this.directory = directory;
    }

    private static <V> Map<Long, V> bounded(int most) {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, V> eldest) {
                return size() > most;
            }
        };
    }

    /// Whether any process has been hooked.
    public boolean isProbed() {
        return !tails.isEmpty();
    }

    /// Reads what is new.
    public void poll(Listener listener) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.seg")) {
            for (Path file : files) {
                if (tails.size() < MOST_FILES || tails.containsKey(file)) {
                    poll(file, tails.computeIfAbsent(file, this::begin), listener);
                }
            }
        } catch (NoSuchFileException notYet) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        deliver(listener);
    }

    /// What workers did, of steps whose phase is known by now; the engine's files may be read before theirs.
    private void deliver(Listener listener) {
        Iterator<Work> all = pending.iterator();
        while (all.hasNext()) {
            Work work = all.next();
            String phase = phases.get(work.key);
            if (phase != null || pending.size() > MOST_STEPS) {
                work.tell(listener, phase == null ? UNKNOWN : phase);
                all.remove();
            }
        }
    }

    /// All files of a process begin with its role, number and start.
    private Tail begin(Path file) {
        String name = String.valueOf(file.getFileName());
        String process = name.substring(0, Math.max(0, name.lastIndexOf('-')));
        return new Tail(writers.computeIfAbsent(process, p -> Writer.fresh()));
    }

    private void poll(Path file, Tail tail, Listener listener) throws IOException {
        if (tail.unreadable) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Optional<ByteBuffer> head = read(channel, 0, HEAD);
            if (head.isEmpty() || !isOurs(head.get())) {
                tail.unreadable = head.isPresent();
                return;
            }
            long cursor = Math.min(head.get().getLong(CURSOR_AT), channel.size());
            while (tail.at < cursor && !tail.unreadable && portion(channel, cursor, tail, listener)) {
                // goes on
            }
        }
    }

    private boolean isOurs(ByteBuffer head) {
        byte[] begin = new byte[RecordLayout.MAGIC.length()];
        head.get(0, begin);
        return Segment.begins(begin) && Integer.toUnsignedLong(head.getInt(VERSION_AT)) <= layout.version();
    }

    /// @return whether it came further
    private boolean portion(FileChannel channel, long cursor, Tail tail, Listener listener) throws IOException {
        ByteBuffer bytes = read(channel, tail.at, (int) Math.min(PORTION, cursor - tail.at))
                .orElseGet(() -> ByteBuffer.allocate(0));
        int from = 0;
        while (bytes.limit() - from >= RecordLayout.RECORD_HEADER) {
            int length = bytes.getInt(from);
            if (length < RecordLayout.RECORD_HEADER || length % Long.BYTES != 0 || length > LONGEST) {
                tail.unreadable = length != 0;
                break;
            }
            if (length > bytes.limit() - from) {
                from += length > PORTION && tail.at + length <= cursor ? length : 0;
                break;
            }
            take(bytes.slice(from, length).order(ByteOrder.LITTLE_ENDIAN), tail, listener);
            from += length;
        }
        tail.at += from;
        return from > 0;
    }

    private static Optional<ByteBuffer> read(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes, at + bytes.position()) >= 0) {
            // goes on
        }
        return bytes.hasRemaining() ? Optional.empty() : Optional.of(bytes.flip());
    }

    private void take(ByteBuffer bytes, Tail tail, Listener listener) {
        RecordLayout.RecordType type = layout.types().get(Short.toUnsignedInt(bytes.getShort(TYPE_AT)));
        if (type == null || !ProbeRecord.isWhole(type, bytes)) {
            return;
        }
        ProbeRecord record = ProbeRecord.of(type, bytes, words);
        switch (type.name()) {
            case "step" -> decided(record, tail.writer, listener);
            case "step_done" -> done(record, tail.writer, listener);
            case "exec" -> executed(record, tail.writer);
            case "device_step" -> worked(record.values(), tail.writer);
            case "device_steps" -> record.forEachRow(row -> worked(row, tail.writer));
            case "request" -> record.values().word("event").ifPresent(listener::request);
            default -> {}
        }
    }

    private void decided(ProbeRecord record, Writer writer, Listener listener) {
        Values step = record.values();
        String phase = step.word("phase").orElse(UNKNOWN);
        writer.decided.put(
                step.number("step", -1),
                new Step(
                        phase,
                        record.ts(),
                        record.ts(),
                        step.number("schedule_ns", ABSENT),
                        step.number("requests", ABSENT),
                        step.number("tokens", ABSENT)));
        phases.put(key(step), phase);
        OptionalLong used = step.number("blocks_used");
        long total = step.number("blocks_total", 0);
        double usage = used.isPresent() && total > 0 ? (double) used.getAsLong() / total : Double.NaN;
        listener.state(new State(step.number("running", 0), step.number("waiting", 0), usage));
    }

    /// Of the step's number and check, which engine core and worker share.
    private static long key(Values step) {
        return step.number("step", ABSENT) << Integer.SIZE | step.number("check", 0);
    }

    private static void done(ProbeRecord record, Writer writer, Listener listener) {
        Step began = writer.decided.remove(record.values().number("step", -1));
        if (began != null) {
            listener.step(began.until(record.ts()));
        }
    }

    private void executed(ProbeRecord record, Writer writer) {
        Values exec = record.values();
        long key = key(exec);
        writer.executed.put(exec.number("step", ABSENT), key);
        exec.number("execute_ns").ifPresent(ns -> pending.addLast(new Work(key, false, ns / NS_PER_S)));
    }

    /// Of a step that the worker was not seen to be given nobody knows the phase.
    private void worked(Values device, Writer writer) {
        Long key = writer.executed.get(device.number("step", ABSENT));
        if (key != null) {
            device.number("total_ns").ifPresent(ns -> pending.addLast(new Work(key, true, ns / NS_PER_S)));
        }
    }
}

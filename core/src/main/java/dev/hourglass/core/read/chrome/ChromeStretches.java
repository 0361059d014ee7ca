package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.Thrown;
import dev.hourglass.core.trace.ImportContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Parses the event list of a file in stretches of fixed size on several threads.
///
/// Where a stretch's first event begins is a guess. Stretches are taken over in the order of the
/// file, and one whose guess differs from the place where the events before it ended is parsed again
/// from there: the result is that of a single pass.
final class ChromeStretches {
    /// Bytes that are read before a stretch, to see whether an event ends there.
    private static final int BEFORE = 4096;
    private static final int AHEAD = 6;

    /// @param whole whether what was parsed ends between two elements of the list
    private record Parsed(long begin, long end, Segment segment, ChromeParser.Stop stop, boolean whole) {}

    private final ChromeImport owner;
    private final FileChannel channel;
    private final long first;
    private final int stretch;
    private final long size;
    private final ImportContext context;
    private final ChromeAssembler assembler;
    private final AtomicLong next = new AtomicLong();
    private final TreeMap<Long, Parsed> waiting = new TreeMap<>();
    private final Object lock = new Object();
    private long committed;
    private long expected;
    private boolean done;
    private boolean ended;
    private boolean whole;
    private @Nullable Throwable failure;

    ChromeStretches(
            ChromeImport owner,
            FileChannel channel,
            long first,
            int stretch,
            ImportContext context,
            ChromeAssembler assembler)
            throws IOException {
        this.owner = owner;
        this.channel = channel;
        this.first = first;
        this.stretch = stretch;
        this.size = channel.size();
        this.context = context;
        this.assembler = assembler;
        this.expected = first;
    }

    /// Parses everything and returns where it ended.
    long run() throws IOException {
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8);
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            workers.add(Thread.ofPlatform().name("parse-" + i).start(this::work));
        }
        for (Thread worker : workers) {
            join(worker);
        }
        if (failure instanceof UncheckedIOException io) {
            throw new IOException(io.getCause());
        }
        Thrown.rethrow(failure);
        return expected;
    }

    /// Whether the list ended with its bracket.
    boolean ended() {
        return ended;
    }

    /// Whether the content ended behind an element of the list, with nothing but a comma and white space behind it.
    boolean endedBetweenElements() {
        return whole && !ended;
    }

    private void join(Thread worker) {
        boolean interrupted = false;
        while (true) {
            try {
                worker.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
                fail(new IllegalStateException("interrupted", e));
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void fail(Throwable e) {
        synchronized (lock) {
            failure = failure == null ? e : failure;
            done = true;
            lock.notifyAll();
        }
    }

    private void work() {
        ChromeParser parser = owner.parser();
        byte[] buffer = new byte[BEFORE + stretch + (64 << 10) + JsonCursor.PADDING];
        try {
            while (true) {
                long index = next.getAndIncrement();
                long begin = first + index * stretch;
                if (begin >= size || !mayBegin(index)) {
                    return;
                }
                Parsed parsed = parse(parser, buffer, begin, index == 0 ? first : -1, begin + stretch);
                if (parser.buffer.length > buffer.length && parser.buffer.length <= 4 * stretch) {
                    buffer = parser.buffer;
                }
                deliver(index, parsed, parser);
            }
        } catch (IOException e) {
            fail(new UncheckedIOException(e));
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private boolean mayBegin(long index) {
        synchronized (lock) {
            while (!done && index > committed + AHEAD) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return !done;
        }
    }

    private void deliver(long index, Parsed parsed, ChromeParser parser) throws IOException {
        synchronized (lock) {
            waiting.put(index, parsed);
            while (!done) {
                Parsed ready = waiting.remove(committed);
                if (ready == null) {
                    return;
                }
                commit(ready, parser);
                committed++;
                done |= first + committed * stretch >= size;
                lock.notifyAll();
            }
        }
    }

    private void commit(Parsed ready, ChromeParser parser) throws IOException {
        long stop = first + (committed + 1) * stretch;
        if (expected >= stop) {
            return;
        }
        Parsed right = ready;
        if (ready.begin() != expected) {
            right = parse(parser, new byte[BEFORE + stretch + JsonCursor.PADDING], expected, expected, stop);
        }
        assembler.add(right.segment());
        context.progress(right.end() - expected);
        expected = right.end();
        whole = right.whole();
        if (right.stop() == ChromeParser.Stop.END_OF_LIST) {
            ended = true;
            done = true;
        } else if (right.stop() == ChromeParser.Stop.NEED_MORE) {
            done = true;
        }
    }

    /// Parses the events that begin in `[begin, stop)`.
    ///
    /// @param known where the first one begins, or -1 where that is to be guessed
    private Parsed parse(ChromeParser parser, byte[] given, long begin, long known, long stop) throws IOException {
        byte[] buffer = given;
        long origin = known >= 0 ? known : Math.max(first, begin - BEFORE);
        int filled = read(buffer, 0, origin);
        int position = 0;
        if (known < 0) {
            position = ChromeSplitter.nextEvent(buffer, (int) (begin - origin), filled);
            if (position < 0 || origin + position >= stop) {
                return new Parsed(-1, -1, new Segment(), ChromeParser.Stop.AT_STOP, false);
            }
        }
        long from = origin + position;
        Segment segment = new Segment();
        parser.reset(buffer, position, filled);
        parser.elsewhere();
        while (true) {
            int limit = (int) Math.min(Integer.MAX_VALUE, stop - origin);
            parser.nothingFollows(origin + filled >= size);
            ChromeParser.Stop why = parser.events(segment, origin, limit);
            if (why != ChromeParser.Stop.NEED_MORE || origin + filled >= size) {
                return new Parsed(from, origin + parser.position, segment, why, parser.isBetweenElements());
            }
            int kept = filled - parser.position;
            boolean full = kept + JsonCursor.PADDING >= Window.LARGEST;
            if (full && known < 0) {
                return new Parsed(-1, -1, new Segment(), ChromeParser.Stop.AT_STOP, false);
            }
            if (full) {
                long at = origin + parser.position;
                long behind = behind(at);
                parser.passed(at, behind < size);
                parser.position = filled;
                origin = behind - filled;
                kept = 0;
            }
            byte[] target = kept + stretch / 4 > buffer.length
                    ? Arrays.copyOf(
                            buffer,
                            Math.clamp(buffer.length * 2L, buffer.length, Math.max(buffer.length, Window.LARGEST)))
                    : buffer;
            System.arraycopy(buffer, parser.position, target, 0, kept);
            origin += parser.position;
            buffer = target;
            filled = kept + read(buffer, kept, origin + kept);
            parser.reset(buffer, 0, filled);
        }
    }

    /// Where the value ends that begins at a place.
    private long behind(long at) throws IOException {
        Passage passage = new Passage();
        byte[] buffer = new byte[(64 << 10) + JsonCursor.PADDING];
        long next = at;
        while (!passage.isOver() && next < size) {
            next += passage.go(buffer, 0, read(buffer, 0, next));
        }
        return next;
    }

    private int read(byte[] buffer, int offset, long at) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(buffer, offset, buffer.length - JsonCursor.PADDING - offset);
        while (target.hasRemaining()) {
            int n = channel.read(target, at + target.position() - offset);
            if (n < 0) {
                break;
            }
        }
        return target.position() - offset;
    }
}

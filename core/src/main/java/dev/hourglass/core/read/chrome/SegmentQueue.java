package dev.hourglass.core.read.chrome;

import dev.hourglass.core.read.Beside;
import dev.hourglass.core.read.Thrown;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Hands segments over to a thread that takes them one by one, in their order, while the next ones are
/// parsed. What that thread fails with is thrown to the one that parses.
final class SegmentQueue implements AutoCloseable {
    /// Segments that wait: enough to even out, little memory.
    private static final int SEGMENTS_WAITING = 2;

    /// Waits so long before it looks whether the other side still works.
    private static final int PATIENCE_MS = 100;

    private final Consumer<Segment> taker;
    private final BlockingQueue<Optional<Segment>> queue = new ArrayBlockingQueue<>(SEGMENTS_WAITING);
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    SegmentQueue(Consumer<Segment> taker) {
        this.taker = taker;
        this.thread = Thread.ofPlatform().daemon().name("assemble").start(this::take);
    }

    /// Hands a segment over; waits while others wait.
    void add(Segment segment) throws IOException {
        put(Optional.of(segment));
    }

    /// Waits until everything was taken.
    void finish() throws IOException {
        put(Optional.empty());
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw interrupted();
        }
        check();
    }

    /// Stops the thread, whatever still waits, and waits for its end: it may stand in the middle of a
    /// segment.
    @Override
    public void close() {
        if (failure == null) {
            failure = new IllegalStateException("closed");
        }
        Beside.await(thread);
    }

    private void put(Optional<Segment> segment) throws IOException {
        try {
            do {
                check();
            } while (!queue.offer(segment, PATIENCE_MS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static IOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException();
    }

    private void check() {
        Thrown.rethrow(failure);
    }

    private void take() {
        try {
            while (failure == null) {
                Optional<Segment> next = queue.poll(PATIENCE_MS, TimeUnit.MILLISECONDS);
                if (next == null) {
                    continue;
                }
                if (next.isEmpty()) {
                    return;
                }
                taker.accept(next.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }
}

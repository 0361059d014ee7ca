package dev.hourglass.app.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Waits beside a recording for a trace that was ordered.
final class TraceFetch implements AutoCloseable {
    private final Optional<Thread> waiting;
    private final Optional<TorchOrders> here;
    private volatile int traces;

    private TraceFetch(Optional<TorchTraceOrder> order, Path records) {
        this.here = order.flatMap(_ -> TorchOrders.serving());
        this.waiting = order.map(
                wanted -> Thread.ofPlatform().daemon().name("torch-trace").start(() -> fetch(wanted, records)));
    }

    /// Orders, and waits; nothing where nothing is ordered.
    static TraceFetch of(Optional<TorchTraceOrder> order, Path records) {
        return new TraceFetch(order, records);
    }

    private void fetch(TorchTraceOrder order, Path records) {
        try {
            Files.createDirectories(records);
            traces = order.fetch(here, records);
        } catch (IOException e) {
            traces = 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void end(Thread waiting) {
        waiting.interrupt();
        try {
            waiting.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Whether what was ordered is there, or will not come.
    boolean isOver() {
        return waiting.isPresent() && !waiting.get().isAlive();
    }

    /// How many traces came.
    int traces() {
        return traces;
    }

    @Override
    public void close() {
        waiting.ifPresent(TraceFetch::end);
        here.ifPresent(TorchOrders::close);
    }
}

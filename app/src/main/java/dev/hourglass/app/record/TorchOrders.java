package dev.hourglass.app.record;

import dev.hourglass.device.host.Datagrams;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Serves the processes in which PyTorch takes orders for traces (`KINETO_USE_DAEMON=1`): they ask every few
/// seconds, and get what was ordered for them or for a process above them.
///
/// One process of a machine can serve. PyTorch expects it to stay: where it goes away, processes that asked it end
/// some 20 s late.
final class TorchOrders implements AutoCloseable {
    /// The name under which PyTorch asks.
    static final String NAME = "dynolog";

    private static final Duration TURN = Duration.ofMillis(200);
    /// Orders of processes that never ask.
    private static final int MOST_ORDERS = 1024;

    private static final byte[] YES = {1, 0, 0, 0};

    /// What is to be recorded, and who has been told.
    private record Waiting(TorchTraceOrder order, Set<Long> told) {}

    private final Datagrams place;
    private final Map<Long, Waiting> orders = new ConcurrentHashMap<>();
    private final Thread server;
    private volatile boolean closed;

    private TorchOrders(Datagrams place) {
        this.place = place;
        this.server = Thread.ofPlatform().daemon().name("torch-orders").start(this::serve);
    }

    /// Begins to serve; empty where another process does.
    static Optional<TorchOrders> serving() {
        return Datagrams.under(NAME).map(TorchOrders::new);
    }

    /// Hands an order to whoever serves on this machine.
    ///
    /// @return whether somebody does
    static boolean orderElsewhere(TorchTraceOrder order) {
        try (Datagrams own = Datagrams.under(
                        "hourglass-" + ProcessHandle.current().pid() + "-" + System.nanoTime())
                .orElseThrow(() -> new IllegalStateException("no socket can be made"))) {
            return own.send(KinetoMessage.order(order).bytes(), Datagrams.address(NAME));
        }
    }

    /// Orders a trace of a process, and of those below it.
    void order(TorchTraceOrder order) {
        if (orders.size() < MOST_ORDERS) {
            orders.compute(
                    order.pid(),
                    (pid, waiting) -> waiting != null && waiting.order.equals(order)
                            ? waiting
                            : new Waiting(order, new HashSet<>()));
        }
    }

    private void serve() {
        while (!closed) {
            place.receive(TURN)
                    .ifPresent(datagram -> KinetoMessage.of(datagram.bytes())
                            .flatMap(this::answer)
                            .ifPresent(answer -> place.send(answer.bytes(), datagram.from())));
        }
    }

    private Optional<KinetoMessage> answer(KinetoMessage message) {
        return switch (message.type()) {
            case KinetoMessage.CONTEXT -> Optional.of(new KinetoMessage(KinetoMessage.CONTEXT, YES));
            case KinetoMessage.REQUEST ->
                Optional.of(KinetoMessage.text(
                        KinetoMessage.REQUEST, message.asksForTraces() ? configuration(message.pids()) : ""));
            case KinetoMessage.ORDER -> {
                message.ordered().ifPresent(this::order);
                yield Optional.empty();
            }
            default -> Optional.empty();
        };
    }

    /// What is ordered for a process, once; empty for nothing.
    ///
    /// @param pids the process, then those above it
    private String configuration(List<Long> pids) {
        for (long pid : pids) {
            Waiting waiting = orders.get(pid);
            if (waiting != null && waiting.told.add(pids.getFirst())) {
                return waiting.order.configuration();
            }
        }
        return "";
    }

    @Override
    public void close() {
        closed = true;
        try {
            server.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        place.close();
    }
}

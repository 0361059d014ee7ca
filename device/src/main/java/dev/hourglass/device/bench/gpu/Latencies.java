package dev.hourglass.device.bench.gpu;

import dev.hourglass.device.bench.Check;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import dev.hourglass.device.ffi.cuda.CudaDriver;
import dev.hourglass.device.ffi.cuda.Grid;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// What it costs to bring work to the device, however little work it is.
final class Latencies {
    private static final int LAUNCHES = 500;
    private static final int NODES = 100;
    private static final int ROUNDS = 50;
    private static final int WARP = 32;
    private static final Check NO_RESULT = new Check.Unchecked("nothing is computed");

    private final Lab lab;
    private final CudaDriver.Stream stream;

    Latencies(Lab lab) {
        this.lab = lab;
        this.stream = lab.gpu().stream();
    }

    List<Timed> all() {
        return List.of(launch(), node(), graphLaunch(), roundTrip(), synchronise());
    }

    private Runnable nothing(Held held) {
        return lab.code().launch("nothing", Grid.of(1, WARP), held.arena());
    }

    /// The host's call, while the device has work enough.
    private Timed launch() {
        Held held = new Held(lab.gpu());
        return host(
                "kernel_launch",
                held,
                LAUNCHES,
                nothing(held),
                "the host's clock around 500 launches of an empty kernel");
    }

    /// From kernel to kernel of a graph, on the device.
    private Timed node() {
        Held held = new Held(lab.gpu());
        GraphTimer.Series series = lab.timer().series(Collections.nCopies(NODES, nothing(held)));
        return new GpuTimed(work("graph_node", series.words()), lab.timer(), series, () -> NO_RESULT, held);
    }

    /// The host's call for a graph of 100 empty kernels.
    private Timed graphLaunch() {
        Held held = new Held(lab.gpu());
        Runnable kernel = nothing(held);
        CudaDriver.Graph graph =
                held.own(stream.capture(() -> Collections.nCopies(NODES, kernel).forEach(Runnable::run)));
        return host(
                "graph_launch_100",
                held,
                1,
                () -> stream.launch(graph),
                "the host's clock around the launch of a graph of 100 empty kernels");
    }

    /// An empty kernel, from the call until the host knows that it is done.
    private Timed roundTrip() {
        Held held = new Held(lab.gpu());
        Runnable kernel = nothing(held);
        Runnable both = () -> {
            kernel.run();
            stream.await();
        };
        return host(
                "launch_and_wait", held, ROUNDS, both, "the host's clock around an empty kernel and the wait for it");
    }

    /// The wait for a stream that has nothing to do.
    private Timed synchronise() {
        Held held = new Held(lab.gpu());
        return host(
                "synchronize_idle", held, LAUNCHES, stream::await, "the host's clock around waits for an idle stream");
    }

    private Timed host(String op, Held held, int times, Runnable once, String timer) {
        return new HostTimed(work(op, timer), times, once, stream::await, () -> NO_RESULT, held);
    }

    private Work work(String op, String timer) {
        return new Work(
                op,
                Map.of(),
                "none",
                lab.gpu().label(),
                Work.Cache.HOT,
                "driver",
                "nothing",
                "CUDA driver API " + lab.gpu().driver().version(),
                0,
                0,
                0,
                timer);
    }
}

package dev.hourglass.app.record;

import dev.hourglass.core.trace.BatchSink;
import dev.hourglass.core.trace.Collector;
import dev.hourglass.device.collect.Contention;
import dev.hourglass.device.collect.CoreCollector;
import dev.hourglass.device.collect.GpuSampling;
import dev.hourglass.device.collect.Paced;
import dev.hourglass.device.collect.PerfCounters;
import dev.hourglass.device.collect.ProcessCollector;
import dev.hourglass.device.collect.ThreadCollector;
import dev.hourglass.device.llama.EngineListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the recorder does while the engine goes through its phases: tells how far it is, watches the
/// machine during the measured one, and probes barriers in the last.
final class RunWatch implements EngineListener, AutoCloseable {
    private static final int REHEARSALS = 5;

    private final RunProgress progress;
    private final BatchSink sink;
    private final Path samples;
    private final Runnable settled;
    private final BarrierWatch barriers;
    private @Nullable Ready engine;
    private @Nullable MachineWatch watch;
    private @Nullable GpuSampling gpus;
    private long measuredFrom;
    private long measuredTo;
    private Phase phase = Phase.NONE;

    private enum Phase {
        NONE,
        LOADING,
        FILLING,
        WARMING_UP,
        MEASURING
    }

    /// @param sink takes rows when nothing is measured
    /// @param samples file that takes those of the machine until then
    /// @param settled called once, when the engine has told all that it knows before it measures
    RunWatch(RunProgress progress, BatchSink sink, Path samples, Runnable settled) {
        this.progress = progress;
        this.sink = sink;
        this.samples = samples;
        this.settled = settled;
        this.barriers = new BarrierWatch(sink);
    }

    @Override
    public void loading(int percent) {
        enter(Phase.LOADING, "Loading the model into llama.cpp");
        progress.step(percent, 100);
    }

    @Override
    public void ready(Ready ready) {
        engine = ready;
    }

    @Override
    public void filling(int done, int total) {
        enter(Phase.FILLING, "Caching " + total + " tokens of context");
        progress.step(done, total);
    }

    @Override
    public void warmingUp(int done, int total) {
        if (phase != Phase.WARMING_UP) {
            settled.run();
            rehearse();
        }
        enter(Phase.WARMING_UP, "Warming up");
        progress.step(done, total);
    }

    @Override
    public void measuringStarts() {
        if (engine == null) {
            return;
        }
        long pid = engine.pid();
        List<Paced> groups = new ArrayList<>(List.of(MachineWatch.usual(collectors(pid))));
        groups.addAll(gpus(pid).collectors());
        watch = new MachineWatch(groups, samples, batch -> {});
        watch.start();
        measuredFrom = System.nanoTime();
    }

    /// Opened once: that takes long where nobody else uses the driver.
    private GpuSampling gpus(long pid) {
        GpuSampling opened = gpus == null ? GpuSampling.open(GpuSampling.Wishes.usual(), () -> Set.of(pid)) : gpus;
        gpus = opened;
        return opened;
    }

    private static List<Collector> collectors(long pid) {
        PerfCounters counters = new PerfCounters(pid);
        counters.start();
        return List.of(new CoreCollector(), new ThreadCollector(pid), new ProcessCollector(pid), counters);
    }

    /// Loads and compiles what samples the machine while nothing is measured yet.
    private void rehearse() {
        if (engine == null) {
            return;
        }
        List<Collector> collectors = collectors(engine.pid());
        for (int i = 0; i < REHEARSALS; i++) {
            collectors.forEach(collector -> collector.sample(_ -> {}));
        }
        collectors.forEach(Collector::close);
        gpus(engine.pid()).write(sink);
    }

    @Override
    public void measuring(int done, int total) {
        enter(Phase.MEASURING, "Measuring, each profiled token beside an unprofiled one");
        progress.step(done, total);
    }

    @Override
    public void measuringEnded() {
        measuredTo = System.nanoTime();
        stopWatch();
    }

    @Override
    public void barrierProbe(BarrierProbe place) {
        progress.phase("Timing the engine's thread barrier over " + place.steps() + " steps");
        barriers.attach(place);
    }

    @Override
    public void barrierStep(int step, long ts, long dur) {
        barriers.step(step, ts, dur);
    }

    @Override
    public void barrierStepsEnded() {
        barriers.detach();
    }

    /// Hands on what was sampled.
    ///
    /// @return facts on whether other work disturbed the measured phase; none where nothing was measured
    Map<String, String> finish() throws IOException {
        stopWatch();
        if (engine == null || watch == null) {
            return Map.of();
        }
        Contention contention = new Contention(measuredFrom, measuredTo);
        watch.read(batch -> {
            contention.accept(batch);
            sink.accept(batch);
        });
        if (measuredTo == 0) {
            return Map.of();
        }
        Contention.Verdict verdict = contention.judge(
                engine.threadIds().stream().map(Integer::longValue).toList());
        return Map.of("contention.level", verdict.level().key(), "contention.reason", verdict.reason());
    }

    @Override
    public void close() {
        stopWatch();
        if (watch != null) {
            watch.close();
        }
        if (gpus != null) {
            gpus.close();
        }
        barriers.close();
    }

    private void stopWatch() {
        if (watch == null) {
            return;
        }
        try {
            watch.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void enter(Phase next, String title) {
        if (phase != next) {
            phase = next;
            progress.phase(title);
        }
    }
}

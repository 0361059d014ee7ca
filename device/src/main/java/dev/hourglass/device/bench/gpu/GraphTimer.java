package dev.hourglass.device.bench.gpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hourglass.device.bench.Sample;
import dev.hourglass.device.ffi.cuda.CudaDriver;
import dev.hourglass.device.ffi.cuda.Grid;
import dev.hourglass.device.gpu.Code;
import dev.hourglass.device.gpu.Gpu;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalDouble;

/// Times launches by events around a graph of many of them.
///
/// The stream is held by a kernel until all is queued, so that nothing of the host is timed. The clock of the first
/// multiprocessor is read on the device before and after.
final class GraphTimer implements AutoCloseable {
    /// Events tell half a microsecond apart; of a millisecond that is nothing.
    private static final double SPAN_NS = 1e6;
    private static final int MOST_LAUNCHES = 2048;
    private static final double MHZ_PER_CYCLE_A_NS = 1e3;

    private final Gpu gpu;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment gate;
    private final Gpu.Buffer readings;
    private final Runnable hold;
    private final Runnable before;
    private final Runnable after;
    private final CudaDriver.Event start;
    private final CudaDriver.Event end;

    GraphTimer(Gpu gpu, Code code) {
        this.gpu = gpu;
        gate = gpu.driver().allocatePinned(JAVA_INT.byteSize());
        readings = gpu.buffer(4 * JAVA_LONG.byteSize());
        int all = gpu.multiprocessors();
        hold = code.launch("hold", Grid.of(1, 1), arena, gate.address());
        before = code.launch("clocks", Grid.of(all, 1), arena, readings.address());
        after = code.launch("clocks", Grid.of(all, 1), arena, readings.address() + 2 * JAVA_LONG.byteSize());
        start = gpu.driver().event();
        end = gpu.driver().event();
    }

    /// What is timed together.
    ///
    /// @param graph of the launches
    /// @param launches how many
    record Series(CudaDriver.Graph graph, int launches) implements AutoCloseable {
        /// How its time is taken, for a row.
        String words() {
            return launches == 1 ? "events around one launch" : "events around a graph of " + launches + " launches";
        }

        @Override
        public void close() {
            graph.close();
        }
    }

    /// Puts so many launches into a graph that together they last a millisecond, each of the rotation equally often.
    ///
    /// @param rotation the same work over different memory; one after another
    Series series(List<? extends Runnable> rotation) {
        rotation.forEach(Runnable::run);
        double each = nanoseconds(() -> rotation.forEach(Runnable::run)) / rotation.size();
        int rounds = (int) Math.ceil(SPAN_NS / each / rotation.size());
        int turns = Math.clamp(rounds, 1, Math.max(1, MOST_LAUNCHES / rotation.size()));
        CudaDriver.Graph graph = gpu.stream().capture(() -> {
            for (int i = 0; i < turns; i++) {
                rotation.forEach(Runnable::run);
            }
        });
        Series series = new Series(graph, turns * rotation.size());
        sample(series);
        return series;
    }

    /// Nanoseconds of what `work` gives to the stream, by events; for what cannot be repeated.
    double nanoseconds(Runnable work) {
        gate.set(JAVA_INT, 0, 0);
        hold.run();
        gpu.stream().record(start);
        work.run();
        gpu.stream().record(end);
        gate.set(JAVA_INT, 0, 1);
        return end.nanosecondsSince(start);
    }

    Sample sample(Series series) {
        gate.set(JAVA_INT, 0, 0);
        hold.run();
        before.run();
        gpu.stream().record(start);
        gpu.stream().launch(series.graph());
        gpu.stream().record(end);
        after.run();
        gate.set(JAVA_INT, 0, 1);
        gpu.stream().await();
        double clock = clockMhz();
        return new Sample(
                end.nanosecondsSince(start) / series.launches(),
                clock > 0 ? OptionalDouble.of(clock) : OptionalDouble.empty(),
                false);
    }

    private double clockMhz() {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment read = readings.read(0, readings.bytes(), scratch);
            long cycles = read.getAtIndex(JAVA_LONG, 2) - read.getAtIndex(JAVA_LONG, 0);
            long ns = read.getAtIndex(JAVA_LONG, 3) - read.getAtIndex(JAVA_LONG, 1);
            return ns > 0 ? cycles * MHZ_PER_CYCLE_A_NS / ns : 0;
        }
    }

    @Override
    public void close() {
        start.close();
        end.close();
        readings.close();
        gpu.driver().freePinned(gate);
        arena.close();
    }
}

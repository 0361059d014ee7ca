package dev.hourglass.device.bench.cpu;

import dev.hourglass.device.bench.Backend.Offer;
import dev.hourglass.device.bench.ImpossibleShapeException;
import dev.hourglass.device.bench.Timed;
import dev.hourglass.device.bench.Work;
import dev.hourglass.device.ffi.blas.OpenBlas;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The operators of the processor, in plain Java.
final class CpuOperators implements AutoCloseable {
    /// Share of the free memory that one operator may take.
    private static final double SHARE = 0.5;

    private final Processor processor;
    private final Team team;
    private final Flush flush;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private record Entry(Offer offer, Function<Axes, CpuOperator> make) {}

    CpuOperators(Processor processor, Team team) {
        this.processor = processor;
        this.team = team;
        this.flush = new Flush(team, processor.lastLevel());
        OperatorList.all().forEach((offer, make) -> entries.put(offer.op(), new Entry(offer, make)));
        OpenBlas.find()
                .ifPresent(library -> entries.put(
                        OperatorList.LIBRARY_GEMM.op(),
                        new Entry(
                                OperatorList.LIBRARY_GEMM,
                                axes -> new LibraryGemm(library, processor.threads(), axes))));
    }

    List<Offer> offers() {
        return entries.values().stream().map(Entry::offer).toList();
    }

    Timed prepare(String op, Map<String, Long> told, String dtype, Work.Cache cache) {
        Entry entry = entries.get(op);
        if (entry == null) {
            throw new ImpossibleShapeException("the processor has no operator " + op);
        }
        if (!entry.offer.dtypes().contains(dtype)) {
            throw new ImpossibleShapeException(op + " on the processor computes in "
                    + String.join(", ", entry.offer.dtypes()) + ", not in " + dtype);
        }
        Map<String, Long> axes = new LinkedHashMap<>(entry.offer.axes());
        told.forEach((name, value) -> {
            if (!axes.containsKey(name)) {
                throw new ImpossibleShapeException(
                        op + " has the axes " + String.join(", ", axes.keySet()) + ", not " + name);
            }
            if (value < 1) {
                throw new ImpossibleShapeException(name + " is a whole number above 0, not " + value);
            }
            axes.put(name, value);
        });
        return new OperatorTimed(new OperatorTimed.Named(op, axes, dtype), cache, make(entry, axes), team, flush);
    }

    private CpuOperator make(Entry entry, Map<String, Long> axes) {
        try {
            return entry.make.apply(new Axes(axes, most()));
        } catch (OutOfMemoryError e) {
            throw new ImpossibleShapeException(entry.offer.op() + " " + axes + " does not fit into the "
                    + (most() >> 20) + " MiB that it may take");
        }
    }

    private long most() {
        Runtime runtime = Runtime.getRuntime();
        long heap = runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
        return (long)
                (SHARE * Math.min(heap, processor.memory().availableBytes().orElse(heap)));
    }

    @Override
    public void close() {
        flush.close();
    }
}

package dev.hourglass.device.ffi.nvml;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;

/// Two samples of one GPU's GPM, of which the older one is taken anew each time: each answer is over the time
/// since the
/// one before. Not thread-safe.
public final class GpmWindow implements AutoCloseable {
    /// The library wants samples that lie farther apart than this.
    public static final long SHORTEST_NS = 100_000_000L;

    private final NvmlDevice device;
    private final NvmlCalls calls;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment request = arena.allocate(NvmlLayouts.GPM_GET);
    private MemorySegment older;
    private MemorySegment newer;

    private GpmWindow(NvmlDevice device, MemorySegment older, MemorySegment newer) {
        this.device = device;
        this.calls = device.calls();
        this.older = older;
        this.newer = newer;
        request.set(JAVA_INT, 0, NvmlLayouts.GPM_VERSION);
    }

    /// Opens it, without a sample yet.
    public static Reading<GpmWindow> open(NvmlDevice device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment first = arena.allocate(ADDRESS);
            MemorySegment second = arena.allocate(ADDRESS);
            int code = device.calls().call(NvmlFunction.GPM_ALLOC, first);
            if (code == NvmlCalls.SUCCESS) {
                code = device.calls().call(NvmlFunction.GPM_ALLOC, second);
                if (code == NvmlCalls.SUCCESS) {
                    return new Reading.Value<>(new GpmWindow(device, first.get(ADDRESS, 0), second.get(ADDRESS, 0)));
                }
                int ignored = device.calls().call(NvmlFunction.GPM_FREE, first.get(ADDRESS, 0));
            }
            return Nvml.none(device.calls(), NvmlFunction.GPM_ALLOC, code);
        }
    }

    /// Takes a sample, from which the next window counts; the one before becomes the beginning of the present one.
    ///
    /// @return why not; a value that says nothing where it was taken
    public Reading<Boolean> sample() {
        MemorySegment taken = older;
        int code = calls.call(NvmlFunction.GPM_SAMPLE, device.handle(), taken);
        if (code == NvmlCalls.SUCCESS) {
            older = newer;
            newer = taken;
        }
        return Nvml.reading(calls, NvmlFunction.GPM_SAMPLE, code, () -> true);
    }

    /// What happened between the last two samples, which lie more than [#SHORTEST_NS] apart. A metric that the GPU
    /// does
    /// not have is left out.
    public Reading<Map<GpmMetric, Double>> metrics() {
        GpmMetric[] wanted = GpmMetric.values();
        request.set(JAVA_INT, 4, wanted.length);
        request.set(ADDRESS, 8, older);
        request.set(ADDRESS, 16, newer);
        for (int i = 0; i < wanted.length; i++) {
            request.set(JAVA_INT, at(i), wanted[i].id());
        }
        return Nvml.reading(calls, NvmlFunction.GPM_METRICS, calls.call(NvmlFunction.GPM_METRICS, request), () -> {
            Map<GpmMetric, Double> found = new EnumMap<>(GpmMetric.class);
            for (int i = 0; i < wanted.length; i++) {
                double value = request.get(JAVA_DOUBLE, at(i) + 8);
                if (request.get(JAVA_INT, at(i) + 4) == NvmlCalls.SUCCESS && Double.isFinite(value)) {
                    found.put(wanted[i], value);
                }
            }
            return found;
        });
    }

    private static long at(int metric) {
        return NvmlLayouts.offset(NvmlLayouts.GPM_GET, "metrics") + metric * NvmlLayouts.GPM_METRIC.byteSize();
    }

    @Override
    public void close() {
        int unusedFirst = calls.call(NvmlFunction.GPM_FREE, older);
        int unusedSecond = calls.call(NvmlFunction.GPM_FREE, newer);
        arena.close();
    }
}

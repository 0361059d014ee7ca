package dev.hourglass.device.bench.gpu;

import dev.hourglass.device.bench.ImpossibleShapeException;
import dev.hourglass.device.ffi.cuda.CudaException;
import dev.hourglass.device.ffi.cudnn.Computation;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/// Picks the fastest of the library's plans, as [Products] does with products.
final class NetworkPlans {
    private static final int TRIALS = 3;
    private static final int MOST_WAYS = 8;

    private NetworkPlans() {}

    /// A plan that runs over each set of memory.
    ///
    /// @param rotation a call for each set
    /// @param words which it is, for a row
    record Chosen(List<Runnable> rotation, String words) {}

    /// Given a plan's workspace's address, the memory of each call.
    interface Sets extends Function<Long, List<MemorySegment>> {}

    static Chosen best(Lab lab, Held held, Computation computation, List<MemorySegment> plans, Sets sets) {
        List<Chosen> ways = new ArrayList<>();
        List<Double> times = new ArrayList<>();
        for (MemorySegment plan : plans.subList(0, Math.min(MOST_WAYS, plans.size()))) {
            long workspace = held.buffer(computation.workspace(plan)).address();
            List<Runnable> rotation = sets.apply(workspace).stream()
                    .<Runnable>map(memory -> () -> computation.run(plan, memory))
                    .toList();
            ways.add(new Chosen(rotation, "plan " + (ways.size() + 1)));
            times.add(trial(lab, rotation.getFirst()));
        }
        double least = times.stream().min(Comparator.naturalOrder()).orElse(Double.POSITIVE_INFINITY);
        if (Double.isInfinite(least)) {
            throw new ImpossibleShapeException("cuDNN has no kernel for this shape on this device");
        }
        Chosen chosen = ways.get(times.indexOf(least));
        return new Chosen(chosen.rotation, chosen.words + " of " + ways.size());
    }

    /// Best of some runs, in nanoseconds; infinite where it fails.
    private static double trial(Lab lab, Runnable run) {
        try {
            run.run();
            double best = Double.POSITIVE_INFINITY;
            for (int i = 0; i < TRIALS; i++) {
                best = Math.min(best, lab.timer().nanoseconds(run));
            }
            return best;
        } catch (CudaException e) {
            return Double.POSITIVE_INFINITY;
        }
    }
}

package dev.hourglass.core.placement;

import java.util.OptionalDouble;

/// What using an expert takes, in microseconds.
///
/// @param cpuUs computing one on the CPU; empty where not known
/// @param gpuUs computing one on the GPU
/// @param copyUs copying one into the GPU's memory
/// @param restUs what else a token takes
public record ExpertCosts(OptionalDouble cpuUs, OptionalDouble gpuUs, OptionalDouble copyUs, OptionalDouble restUs) {
    /// What one token takes where copies and both processors wait for each other, and where they do not.
    ///
    /// @param serialUs one after the other
    /// @param overlappedUs in each layer beside each other: experts on the CPU beside those on the GPU; copies
    ///      beside what is
    ///     there already, and then what was copied last
    public record Time(double serialUs, double overlappedUs) {}

    /// Whether what a policy needs is known.
    boolean tell(CachePolicy policy) {
        return gpuUs.isPresent() && restUs.isPresent() && (policy.fixed() ? cpuUs : copyUs).isPresent();
    }

    /// Adds up what layers take.
    ///
    /// @param missing how many of the experts of each layer and token are not there
    /// @param used experts of each
    Time time(CachePolicy policy, int[] missing, int used, int tokens) {
        double gpu = gpuUs.getAsDouble();
        double miss = (policy.fixed() ? cpuUs : copyUs).getAsDouble();
        double serial = 0;
        double overlapped = 0;
        for (int misses : missing) {
            int there = used - misses;
            if (policy.fixed()) {
                serial += there * gpu + misses * miss;
                overlapped += Math.max(there * gpu, misses * miss);
            } else {
                serial += used * gpu + misses * miss;
                overlapped += misses == 0 ? used * gpu : Math.max(used * gpu, misses * miss + gpu);
            }
        }
        double rest = restUs.getAsDouble();
        return new Time(serial / tokens + rest, overlapped / tokens + rest);
    }
}

package dev.hourglass.device.llama;

import java.nio.file.Path;
import java.util.List;

/// Hears how a run goes on. Called on the thread that called [EngineProcess#run]. Every method may
/// be left out.
public interface EngineListener {

    /// The engine's process, once its model is loaded.
    ///
    /// @param pid process id
    /// @param threadIds operating-system ids of the compute threads; the first one drives the others
    /// @param version of the engine's library, for example `v0.5.0`
    /// @param library the shared library that computes, chosen for this CPU
    record Ready(long pid, List<Integer> threadIds, String version, Path library) {
        public Ready {
            threadIds = List.copyOf(threadIds);
        }
    }

    /// Where thread barriers can be probed.
    ///
    /// @param threadIds the compute threads, which do not change any more
    /// @param library file that holds the symbol
    /// @param symbol the exported function in which a thread waits for the others
    /// @param steps how many steps will run
    record BarrierProbe(List<Integer> threadIds, Path library, String symbol, int steps) {
        public BarrierProbe {
            threadIds = List.copyOf(threadIds);
        }
    }

    /// The model is being loaded.
    ///
    /// @param percent of the weights that are loaded
    default void loading(int percent) {}

    default void ready(Ready ready) {}

    /// The context is being cached, in tokens.
    default void filling(int done, int total) {}

    /// Steps before the measured ones.
    default void warmingUp(int done, int total) {}

    /// The first measured step follows: the phase that collectors should cover begins.
    default void measuringStarts() {}

    /// Profiled steps.
    default void measuring(int done, int total) {}

    /// The last measured step is over.
    default void measuringEnded() {}

    /// The engine stands still until this returns. Attach the probe here.
    default void barrierProbe(BarrierProbe probe) {}

    /// One probed step is over.
    ///
    /// @param ts start on the trace clock
    /// @param dur in nanoseconds
    default void barrierStep(int step, long ts, long dur) {}

    /// The probed steps are over; the engine stands still until this returns. Detach here.
    default void barrierStepsEnded() {}
}

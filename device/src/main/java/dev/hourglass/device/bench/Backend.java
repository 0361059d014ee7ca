package dev.hourglass.device.bench;

import java.util.List;
import java.util.Map;

/// Who can run operators on one device.
public interface Backend extends AutoCloseable {
    /// The device that it runs on, as rows name it: `cpu`, `gpu:0`.
    String device();

    /// The operators that it has, with the number formats of each.
    List<Offer> offers();

    /// What limits the device, ready to be timed: each is turned into a rate by its `flops` or `bytes`.
    ///
    /// What the best of one `op` and `dtype` reaches is a ceiling, named by both (`fma_fp32`) or, where it computes
    /// nothing, by the first (`dram_read`, `l2_read`). An `op` that begins with `sweep_` shows how a rate grows
    /// with an axis, and is none.
    ///
    /// @param quick only the sizes that the ceilings need, no sweep
    List<Timed> ceilings(boolean quick);

    /// What cannot be measured, by the name of the ceiling, with the reason.
    default Map<String, String> notMeasured() {
        return Map.of();
    }

    /// What the device can do by its design at most, where it is known: by the name of the ceiling.
    default Map<String, Peak> peaks() {
        return Map.of();
    }

    /// Its caches by the beginning of their ceilings' names (`l2`), nearest first, with the bytes that all of one
    /// level
    /// hold.
    default Map<String, Long> levels() {
        return Map.of();
    }

    /// What must be the same for ceilings to hold: driver, libraries, kernel, limits of the clock; one line.
    default String validFor() {
        return "";
    }

    /// A limit by design.
    ///
    /// @param value FLOP or bytes per second
    /// @param source the data sheet, or width and clock
    record Peak(double value, String source) {}

    /// Prepares one operator.
    ///
    /// @param op one of the offers
    /// @param axes its sizes; those that are missing take the offer's own
    /// @throws ImpossibleShapeException where the device cannot run it, with the reason
    Timed prepare(String op, Map<String, Long> axes, String dtype, Work.Cache cache);

    /// Frees the device.
    @Override
    void close();

    /// An operator that is to be had.
    ///
    /// @param op its name
    /// @param what it is, in a few words
    /// @param dtypes number formats
    /// @param axes its sizes with what they are unless told
    record Offer(String op, String what, List<String> dtypes, Map<String, Long> axes) {}
}

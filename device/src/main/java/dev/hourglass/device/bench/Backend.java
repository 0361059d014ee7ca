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
    /// @param quick only the sizes that the ceilings need, no sweep
    List<Timed> ceilings(boolean quick);

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

package dev.hourglass.core.model;

import java.util.List;

/// How tensor parallelism divides a matrix: along which side, in which indivisible units.
///
/// @param side which features are divided
/// @param shares stretches of features, each in units of its own; empty for the whole side in units
/// @param units heads or features; with fewer units than devices, each device holds a copy of one
public record Split(Side side, List<Share> shares, long units) {
    public static final Split NONE = new Split(Side.NONE, List.of(), 1);

    public Split {
        shares = List.copyOf(shares);
    }

    /// The side of a matrix that is divided.
    public enum Side {
        /// Every device holds the whole matrix.
        NONE,
        OUTPUTS,
        INPUTS
    }

    /// A stretch of features in `units` equal parts.
    public record Share(long features, long units) {}

    public static Split outputs(long units) {
        return new Split(Side.OUTPUTS, List.of(), units);
    }

    /// Stretches that are divided in units of their own.
    public static Split outputs(List<Share> shares) {
        return new Split(Side.OUTPUTS, shares, 1);
    }

    public static Split inputs(long units) {
        return new Split(Side.INPUTS, List.of(), units);
    }

    /// A device's part of a side of `features`.
    ///
    /// @throws ModelException if its units cannot be divided
    public long divided(String what, long features, long devices) {
        List<Share> all = shares.isEmpty() ? List.of(new Share(features, units)) : shares;
        return all.stream()
                .mapToLong(s ->
                        Math.ceilDiv(Math.multiplyExact(s.features(), partOrCopy(what, s.units(), devices)), s.units()))
                .sum();
    }

    /// A device's part of units that no two devices share.
    ///
    /// @throws ModelException if they cannot be divided evenly
    public static long part(String what, long units, long devices) {
        if (units % devices != 0) {
            throw new ModelException(what + ": " + units + " does not divide evenly over " + devices + " devices");
        }
        return units / devices;
    }

    /// A device's part of units of which devices may hold copies.
    public static long partOrCopy(String what, long units, long devices) {
        return devices % units == 0 ? 1 : part(what, units, devices);
    }
}

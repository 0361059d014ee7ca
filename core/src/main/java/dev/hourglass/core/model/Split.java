package dev.hourglass.core.model;

/// How tensor parallelism divides a matrix: along which side, in how many indivisible units.
///
/// @param side which features are divided
/// @param units heads or features; with fewer units than devices, each device holds a copy of one
public record Split(Side side, long units) {
    static final Split NONE = new Split(Side.NONE, 1);

    /// The side of a matrix that is divided.
    public enum Side {
        /// Every device holds the whole matrix.
        NONE,
        OUTPUTS,
        INPUTS
    }

    static Split outputs(long units) {
        return new Split(Side.OUTPUTS, units);
    }

    static Split inputs(long units) {
        return new Split(Side.INPUTS, units);
    }

    /// A device's part of units that no two devices share.
    ///
    /// @throws ModelException if they cannot be divided evenly
    static long part(String what, long units, long devices) {
        if (units % devices != 0) {
            throw new ModelException(what + ": " + units + " does not divide evenly over " + devices + " devices");
        }
        return units / devices;
    }

    /// A device's part of units of which devices may hold copies.
    static long partOrCopy(String what, long units, long devices) {
        return devices % units == 0 ? 1 : part(what, units, devices);
    }
}

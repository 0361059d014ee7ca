package dev.hourglass.core.unit;

import org.jspecify.annotations.Nullable;

/// A number with its unit and its spread, as it is handed to a person.
///
/// @param value the number, in `unit`; never NaN or infinite
/// @param unit what it counts
/// @param spread how far it varies, or null where it is exact (a count, an arithmetic result)
public record Quantity(double value, Unit unit, @Nullable Spread spread) {

    /// How a number varies.
    public sealed interface Spread {
        /// Standard deviation over `n` samples, in the quantity's unit.
        record StdDev(double value, long n) implements Spread {}

        /// Confidence interval of the number at `level` (0.95 for 95 %), in the quantity's unit.
        record Interval(double low, double high, double level) implements Spread {}
    }

    public Quantity {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("a quantity is finite, not " + value + " " + unit.symbol());
        }
    }

    /// An exact number: a count, a size, a result of arithmetic.
    public static Quantity exact(double value, Unit unit) {
        return new Quantity(value, unit, null);
    }

    /// A mean with the standard deviation of its `n` samples.
    public static Quantity mean(double value, Unit unit, double stddev, long n) {
        return new Quantity(value, unit, new Spread.StdDev(stddev, n));
    }

    @Override
    public String toString() {
        return Format.quantity(this);
    }
}

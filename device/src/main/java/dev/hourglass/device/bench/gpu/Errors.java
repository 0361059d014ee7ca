package dev.hourglass.device.bench.gpu;

import dev.hourglass.device.bench.Check;

/// The relative error of many numbers, by the Frobenius norm.
final class Errors {
    private double difference;
    private double size;

    /// @param got of the device; NaN where it was never written
    /// @param expected in double precision
    void add(double got, double expected) {
        difference += (got - expected) * (got - expected);
        size += expected * expected;
    }

    Check check(double allowed) {
        double error = size == 0 ? Math.sqrt(difference) : Math.sqrt(difference / size);
        return Check.of(error, allowed);
    }
}

package dev.hourglass.core.document;

import java.util.ArrayList;
import java.util.List;

/// A linear scale from values to places, with round ticks.
///
/// @param low value at `from`
/// @param high value at `to`
record Axis(double low, double high, double from, double to) {

    /// An axis that holds all values, from zero.
    static Axis fromZero(double max, double from, double to) {
        double high = max > 0 ? max : 1;
        return new Axis(0, high, from, to);
    }

    /// An axis that holds all values with a little room on both sides, not from zero.
    static Axis around(double min, double max, double from, double to) {
        double room = max > min ? (max - min) * 0.06 : Math.max(Math.abs(max) * 0.05, 1e-9);
        return new Axis(min - room, max + room, from, to);
    }

    double at(double value) {
        return from + (value - low) / (high - low) * (to - from);
    }

    /// Round values within the axis, about `count` of them.
    List<Double> ticks(int count) {
        double raw = (high - low) / Math.max(1, count);
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double step = power * (raw / power > 5 ? 10 : raw / power > 2 ? 5 : raw / power > 1 ? 2 : 1);
        List<Double> out = new ArrayList<>();
        for (double tick = Math.ceil(low / step - 1e-9) * step; tick <= high + step * 1e-9; tick += step) {
            out.add(Math.rint(tick / step) * step);
        }
        return out;
    }
}

package dev.hourglass.device.bench.gpu;

import dev.hourglass.device.bench.ImpossibleShapeException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// The sizes of one operator.
record Axes(Map<String, Long> sizes) {
    /// @param names each followed by what it is unless told
    static Map<String, Long> of(Object... names) {
        Map<String, Long> sizes = new LinkedHashMap<>();
        for (int i = 0; i < names.length; i += 2) {
            sizes.put((String) names[i], ((Number) names[i + 1]).longValue());
        }
        return sizes;
    }

    long at(String name) {
        return Objects.requireNonNull(sizes.get(name), name);
    }

    int small(String name) {
        return Math.toIntExact(at(name));
    }

    /// @throws ImpossibleShapeException if a size is no multiple of what the kernel moves at once
    void requireMultiple(String name, int of) {
        if (at(name) % of != 0) {
            throw new ImpossibleShapeException(name + "=" + at(name) + " is no multiple of " + of);
        }
    }

    void requireAtMost(String name, long most) {
        if (at(name) > most) {
            throw new ImpossibleShapeException(name + "=" + at(name) + " is more than " + most);
        }
    }
}

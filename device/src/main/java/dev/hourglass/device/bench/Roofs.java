package dev.hourglass.device.bench;

import dev.hourglass.core.unit.Unit;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Measured ceilings as the roof over an operator.
///
/// @param ceilings of one device
/// @param levels its caches by the beginning of their ceilings' names, nearest first, with what they hold in all
public record Roofs(List<Ceiling> ceilings, Map<String, Long> levels) {
    private static final String MEMORY = "dram";

    public Roofs {
        ceilings = List.copyOf(ceilings);
        levels = Collections.unmodifiableMap(new LinkedHashMap<>(levels));
    }

    /// No ceiling is known.
    public static Roofs unknown() {
        return new Roofs(List.of(), Map.of());
    }

    /// The highest rate of arithmetic in a format, operations per second.
    public OptionalDouble compute(String dtype) {
        return ceilings.stream()
                .filter(c -> c.unit() == Unit.FLOP_PER_SECOND && c.dtype().equals(dtype))
                .mapToDouble(Ceiling::value)
                .max();
    }

    /// The highest bandwidth of memory, bytes per second.
    public OptionalDouble memory() {
        return bandwidth(c -> c.name().startsWith(MEMORY));
    }

    /// That of the nearest cache that holds so much; of memory where none does.
    private OptionalDouble holding(long bytes) {
        return levels.entrySet().stream()
                .filter(level -> bytes <= level.getValue())
                .map(level -> bandwidth(c -> c.name().startsWith(level.getKey() + "_")))
                .filter(OptionalDouble::isPresent)
                .findFirst()
                .orElseGet(this::memory);
    }

    private OptionalDouble bandwidth(Predicate<Ceiling> which) {
        return ceilings.stream()
                .filter(c -> c.unit() == Unit.BYTES_PER_SECOND)
                .filter(which)
                .mapToDouble(c -> Math.max(c.value(), c.busValue().orElse(0)))
                .max();
    }

    /// The roof over an operator: the least time that one call takes, and what decides it.
    ///
    /// Inputs in memory come at the speed of memory, those in a cache at that of the nearest one that holds them
    /// all.
    public Optional<Over> over(Work work) {
        OptionalDouble bytes = work.cache() == Work.Cache.COLD ? memory() : holding(work.memoryBytes());
        OptionalDouble flops = compute(work.dtype());
        double memoryNs = work.bytes() > 0 && bytes.isPresent() ? work.bytes() / bytes.getAsDouble() * 1e9 : 0;
        double computeNs = work.flops() > 0 && flops.isPresent() ? work.flops() / flops.getAsDouble() * 1e9 : 0;
        boolean known = (work.bytes() == 0 || bytes.isPresent()) && (work.flops() == 0 || flops.isPresent());
        return known && Math.max(memoryNs, computeNs) > 0
                ? Optional.of(new Over(Math.max(memoryNs, computeNs), memoryNs >= computeNs ? "memory" : "compute"))
                : Optional.empty();
    }

    /// A roof.
    ///
    /// @param leastNs of one call
    /// @param bound memory or compute
    public record Over(double leastNs, String bound) {}

    /// FLOP per byte from which arithmetic limits, by format.
    public List<Ridge> ridges() {
        OptionalDouble bytes = memory();
        if (bytes.isEmpty()) {
            return List.of();
        }
        return dtypes().map(dtype -> new Ridge(dtype, compute(dtype).orElseThrow() / bytes.getAsDouble()))
                .sorted(Comparator.comparingDouble(Ridge::flopPerByte))
                .toList();
    }

    private Stream<String> dtypes() {
        return ceilings.stream()
                .filter(c -> c.unit() == Unit.FLOP_PER_SECOND)
                .map(Ceiling::dtype)
                .distinct();
    }

    /// Where the two roofs of a format meet.
    public record Ridge(String dtype, double flopPerByte) {}
}

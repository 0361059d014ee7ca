package dev.hourglass.core.model;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// FLOPs of a step, with their parts.
///
/// @param total FLOPs
/// @param byGroup FLOPs by [Group#label(Group.Part)]; groups without work are absent
public record FlopCount(long total, Map<String, Long> byGroup) {

    /// Adds up the FLOPs of sections in a step.
    ///
    /// @throws ModelException if the count exceeds 63 bits
    public static FlopCount of(List<Section> sections, Work work, Convention convention) {
        Map<String, Long> byGroup = new TreeMap<>();
        long total = 0;
        try {
            for (Section section : sections) {
                for (Operator operator : section.operators()) {
                    long flops = Flops.of(section, operator, work, convention);
                    total = Math.addExact(total, flops);
                    if (flops > 0) {
                        byGroup.merge(operator.group().label(operator.part()), flops, Math::addExact);
                    }
                }
            }
        } catch (ArithmeticException e) {
            throw new ModelException("more than 9.2e18 FLOP in one step (" + convention.label()
                    + " convention); ask for fewer tokens or sequences");
        }
        return new FlopCount(total, byGroup);
    }
}

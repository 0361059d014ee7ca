package dev.hourglass.core.model;

/// What one operator costs in a step.
///
/// @param section where it stands
/// @param work the step, as this device sees it
/// @param traffic bytes it must move
/// @param outputBytes bytes of what it gives out
/// @param compute in which format its products run: `bf16`, `fp8`
public record OperatorCost(
        Section section, Operator operator, Work work, Traffic traffic, double outputBytes, String compute) {

    /// @throws ArithmeticException if the count exceeds 63 bits
    public long flops(Convention convention) {
        return Flops.of(section, operator, work, convention);
    }
}

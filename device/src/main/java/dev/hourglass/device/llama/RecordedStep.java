package dev.hourglass.device.llama;

/// One profiled decode step as it was noted, times on the trace clock.
///
/// ```
/// entered | began | ends[0] | ends[1] | … | ends[n-1] | left
///  engine's own   piece 0   piece 1  …     piece n-1    engine's own
/// ```
///
/// @param plan names the pieces
/// @param entered when the engine was called
/// @param began when the first piece began
/// @param ends when each piece ended
/// @param left when the engine came back
/// @param experts per capture the router's choice
/// @param factors per capture the weights of the choice
@SuppressWarnings("ArrayRecordComponent")
record RecordedStep(
        StepPlan plan, long entered, long began, long[] ends, long left, int[][] experts, float[][] factors) {}

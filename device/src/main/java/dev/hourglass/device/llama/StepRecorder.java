package dev.hourglass.device.llama;

import dev.hourglass.device.ffi.llama.NodeObserver;
import dev.hourglass.device.ffi.llama.Tensors;
import java.util.Arrays;
import java.util.function.LongSupplier;

/// Notes when each piece of a decode step ends, and what the router chose.
///
/// Its two callbacks run between the pieces of the computation, so they only compare, count and
/// store: names are looked up after the step, in [StepPlan].
///
/// A step is recorded in one of three ways: [Mode#IGNORED] (prefill) notes nothing; in
/// [Mode#WATCHED] the engine runs as if nobody asked, only the order of nodes is noted; in
/// [Mode#PROFILED] the engine stops where the plan says so.
final class StepRecorder implements NodeObserver {
    enum Mode {
        IGNORED,
        WATCHED,
        PROFILED
    }

    private static final int MAX_NODES = 1 << 17;

    private final LongSupplier clock;
    private final Tensors tensors;
    private final long[] nodes = new long[MAX_NODES];
    private StepPlan plan = StepPlan.NONE;
    private Mode mode = Mode.IGNORED;
    private int asked;
    private long began;
    private long[] ends = new long[0];
    private int[] stops = new int[0];
    private int stopped;
    private int[][] experts = new int[0][];
    private float[][] factors = new float[0][];

    /// @param clock nanoseconds on the trace clock
    StepRecorder(LongSupplier clock, Tensors tensors) {
        this.clock = clock;
        this.tensors = tensors;
    }

    /// Prepares for the next step.
    void next(Mode how) {
        this.mode = how;
        this.asked = 0;
        this.stopped = 0;
        if (how == Mode.PROFILED) {
            ends = new long[plan.pieces().size()];
            stops = new int[plan.pieces().size()];
            experts = new int[plan.captures()][plan.slots()];
            factors = new float[plan.captures()][plan.slots()];
        }
    }

    @Override
    public boolean wanted(long node) {
        if (mode == Mode.IGNORED) {
            return false;
        }
        int index = asked;
        if (index >= MAX_NODES) {
            return false;
        }
        if (index == 0) {
            began = clock.getAsLong();
        }
        nodes[index] = node;
        asked = index + 1;
        return mode == Mode.PROFILED && plan.stopsAt(index);
    }

    @Override
    public void computed(long node) {
        if (stopped == ends.length) {
            return;
        }
        int index = asked - 1;
        ends[stopped] = clock.getAsLong();
        stops[stopped] = index;
        stopped++;
        int capture = plan.captureAt(index);
        if (capture >= 0) {
            tensors.experts(plan.ids(capture), experts[capture]);
            tensors.factors(plan.weights(capture), factors[capture]);
        }
    }

    /// How many nodes the engine asked about in the step just run.
    int asked() {
        return asked;
    }

    /// Asks an observer about every node of the step just run, as the engine does in a step.
    void retrace(NodeObserver observer) {
        plan.retrace(observer);
    }

    /// Whether the graph of the step just run is the one that the plan was made for.
    boolean planFits() {
        return plan.fits(nodes, asked, tensors);
    }

    /// Makes a plan from the graph of the step just run.
    ///
    /// @return whether the step, if it was profiled, is good under the new plan too
    boolean learn(StepPlan.Maker maker) {
        StepPlan learnt = maker.plan(
                Arrays.stream(nodes, 0, asked).mapToObj(tensors::node).toList(), tensors);
        boolean same = plan.stopsLike(learnt);
        plan = learnt;
        return same;
    }

    /// What was noted of the profiled step just run.
    ///
    /// @param entered when the engine was called
    /// @param left when it came back
    RecordedStep recorded(long entered, long left) {
        return new RecordedStep(plan, entered, began, Arrays.copyOf(ends, stopped), left, experts, factors);
    }

    /// Whether the engine stopped everywhere where it should.
    boolean complete() {
        return stopped == plan.pieces().size() && Arrays.equals(stops, plan.stopIndices());
    }
}

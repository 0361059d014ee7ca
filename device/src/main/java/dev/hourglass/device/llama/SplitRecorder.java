package dev.hourglass.device.llama;

import dev.hourglass.device.ffi.llama.GraphNode;
import dev.hourglass.device.ffi.llama.NodeObserver;
import dev.hourglass.device.ffi.llama.Scheduler;
import dev.hourglass.device.ffi.llama.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/// Is asked about every node and wants none: splits run as if nobody asked, and the first question of a split comes
/// when its inputs are there. Notes the time of the first and the last question of each, and what the router chose
/// where that lies in the CPU's memory.
final class SplitRecorder implements NodeObserver {
    private static final int MAX_NODES = 1 << 17;

    private final LongSupplier clock;
    private final Tensors tensors;
    private final WeightCosts weights;
    private final long[] nodes = new long[MAX_NODES];
    private SplitPlan plan = SplitPlan.NONE;
    private int asked;
    private long[] firsts = new long[0];
    private long[] lasts = new long[0];
    private int[][] experts = new int[0][];

    /// What was noted of a step.
    ///
    /// @param firsts per split, when its first node was asked about
    /// @param lasts and its last: from here on it computes
    /// @param experts per capture of the plan
    @SuppressWarnings("ArrayRecordComponent")
    record Noted(SplitPlan plan, long[] firsts, long[] lasts, int[][] experts) {}

    SplitRecorder(LongSupplier clock, Tensors tensors, WeightCosts weights) {
        this.clock = clock;
        this.tensors = tensors;
        this.weights = weights;
    }

    /// Prepares for the next step.
    void next() {
        asked = 0;
        firsts = new long[plan.splits().size()];
        lasts = new long[firsts.length];
        experts = new int[plan.captures().size()][];
        for (int c = 0; c < experts.length; c++) {
            experts[c] = new int[plan.captures().get(c).slots()];
        }
    }

    @Override
    public boolean wanted(long node) {
        int index = asked;
        if (index >= MAX_NODES) {
            return false;
        }
        nodes[index] = node;
        asked = index + 1;
        byte mark = plan.mark(index);
        if (mark != 0) {
            note(index, mark);
        }
        int capture = plan.captureAt(index);
        if (capture >= 0 && plan.isAt(index, node)) {
            tensors.experts(plan.captures().get(capture).ids(), experts[capture]);
        }
        return false;
    }

    @SuppressWarnings("ShortCircuitBoolean")
    private void note(int index, byte mark) {
        long now = clock.getAsLong();
        int split = plan.splitOf(index);
        if ((mark & SplitPlan.FIRST) != 0) {
            firsts[split] = now;
        }
        if ((mark & SplitPlan.LAST) != 0) {
            lasts[split] = now;
        }
    }

    @Override
    public void computed(long node) {}

    /// How many nodes the scheduler asked about.
    int asked() {
        return asked;
    }

    /// Whether the step ran the graph that the plan is of; if it ran another, that is learnt.
    boolean settle(Scheduler scheduler) {
        if (plan.fits(nodes, asked, tensors)) {
            return true;
        }
        List<GraphNode> graph = new ArrayList<>(
                Arrays.stream(nodes, 0, asked).mapToObj(tensors::node).toList());
        List<String> backends =
                graph.stream().map(node -> scheduler.backend(node.address())).toList();
        plan = SplitPlan.of(graph, backends, tensors, weights, scheduler::readable);
        return false;
    }

    Noted noted() {
        return new Noted(plan, firsts, lasts, experts);
    }
}

package dev.hourglass.core.placement;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// For budgets of the GPU's memory and policies: how often experts would have been there, what a token would have
/// taken, and what sets it up.
public final class PlacementOracle {
    private final ExpertRun run;
    private final ExpertCosts costs;

    public PlacementOracle(ExpertRun run, ExpertCosts costs) {
        this.run = run;
        this.costs = costs;
    }

    /// What a policy makes of a budget.
    ///
    /// @param capacity experts that there is room for
    /// @param hitRate of the uses, those that find their expert in the GPU's memory
    /// @param unseen the same over the second half of the run, of a placement that was chosen from its first half;
    ///      empty of a
    ///     policy that learns nothing
    /// @param time of a token; empty where the costs are not known
    /// @param flags that set it up; empty where no engine offers it
    public record Verdict(
            CachePolicy policy,
            int capacity,
            double hitRate,
            OptionalDouble unseen,
            Optional<ExpertCosts.Time> time,
            String flags) {}

    /// In the order of the policies.
    ///
    /// @param capacity experts that there is room for
    public List<Verdict> judge(int capacity, List<CachePolicy> policies) {
        CacheSimulation simulation = run.simulation();
        List<Verdict> verdicts = new ArrayList<>();
        for (CachePolicy policy : policies) {
            boolean[] hits = simulation.hits(policy, capacity);
            verdicts.add(new Verdict(
                    policy,
                    capacity,
                    share(hits, 0),
                    unseen(simulation, policy, capacity),
                    costs.tell(policy)
                            ? Optional.of(costs.time(policy, run.missing(hits), run.used(), run.tokens()))
                            : Optional.empty(),
                    flags(policy, capacity)));
        }
        return verdicts;
    }

    private static double share(boolean[] hits, int from) {
        int count = 0;
        for (int i = from; i < hits.length; i++) {
            count += hits[i] ? 1 : 0;
        }
        return hits.length == from ? 0 : (double) count / (hits.length - from);
    }

    private OptionalDouble unseen(CacheSimulation simulation, CachePolicy policy, int capacity) {
        int perToken = run.uses().length / run.tokens();
        int half = run.tokens() / 2 * perToken;
        boolean learns = policy == CachePolicy.PIN || policy == CachePolicy.EVEN;
        return learns && half > 0
                ? OptionalDouble.of(share(simulation.fixed(simulation.chosen(policy, capacity, half)), half))
                : OptionalDouble.empty();
    }

    /// Engines place layers, or as many experts of each layer; none places single experts or exchanges them.
    private String flags(CachePolicy policy, int capacity) {
        int layers = run.layers().length;
        return switch (policy) {
            case EVEN -> "KTransformers: --kt-num-gpu-experts " + Math.min(run.experts(), capacity / layers);
            case LAYERS -> layersFlags(Math.min(layers, capacity / run.experts()));
            case PIN, LRU, LFU, BELADY -> "";
        };
    }

    private String layersFlags(int onGpu) {
        int layers = run.layers().length;
        if (onGpu == 0) {
            return "hourglass: --device hybrid; llama.cpp: --gpu-layers 999 --cpu-moe";
        }
        if (onGpu == layers) {
            return "hourglass: --device gpu; llama.cpp: --gpu-layers 999";
        }
        int first = run.layers()[layers - onGpu];
        int last = run.layers()[layers - 1];
        List<String> onCpu = new ArrayList<>();
        for (int i = 0; i < layers - onGpu; i++) {
            onCpu.add(String.valueOf(run.layers()[i]));
        }
        return "hourglass: --device hybrid --experts-on-gpu " + first + (first == last ? "" : "-" + last)
                + "; llama.cpp: --gpu-layers 999 --n-cpu-moe " + first + ", or -ot \"blk\\.(" + String.join("|", onCpu)
                + ")\\.ffn_.*_exps=CPU\"";
    }
}

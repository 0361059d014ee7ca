package dev.hourglass.core.model;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

/// How much memory a model takes on the device with the fullest stage, and what fits.
public final class Memory {
    private static final long MOST = 1L << 40;

    private final Costing costing;
    private final List<Stage> stages = new ArrayList<>();

    /// One pipeline stage on one device.
    private record Stage(List<Section> sections, double weights) {}

    public Memory(Costing costing) {
        this.costing = costing;
        for (long stage = 0; stage < costing.parallel().pipeline(); stage++) {
            List<Section> sections = sections(stage);
            double weights = Stream.concat(stage == 0 ? tower() : Stream.empty(), sections.stream())
                    .mapToDouble(costing::stored)
                    .sum();
            stages.add(new Stage(sections, weights));
        }
    }

    /// What a use of the model needs.
    ///
    /// @param prompt longest prompt prefilled at once
    /// @param context tokens cached per sequence
    /// @param batch sequences
    public Footprint of(long prompt, long context, long batch) {
        Footprint fullest = new Footprint(0, 0, 0);
        for (Stage stage : stages) {
            double activations = Math.max(
                    activations(stage, Work.decode(context, here(batch))), activations(stage, Work.prefill(prompt, 1)));
            Footprint one = new Footprint(stage.weights(), cache(stage, context, batch), activations);
            fullest = one.total() > fullest.total() || Double.isNaN(one.total()) ? one : fullest;
        }
        return fullest;
    }

    /// The most sequences that fit into so many bytes at this context; 0 where none does.
    public long maxBatch(long prompt, long context, double bytes) {
        return largest(batch -> of(prompt, context, batch).total() <= bytes).orElse(MOST);
    }

    /// The longest context at which the batch fits, prefilled in chunks of `prompt`; empty where the
    /// cache does not grow.
    public OptionalLong maxContext(long prompt, long batch, double bytes) {
        return largest(context -> of(prompt, context, batch).total() <= bytes);
    }

    /// The largest number that passes, of numbers that pass up to some point; empty if all do.
    private static OptionalLong largest(LongPredicate passes) {
        long low = 0;
        long high = 1;
        while (high < MOST && passes.test(high)) {
            low = high;
            high *= 2;
        }
        if (high >= MOST) {
            return OptionalLong.empty();
        }
        while (high - low > 1) {
            long middle = (low + high) >>> 1;
            if (passes.test(middle)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return OptionalLong.of(low);
    }

    private List<Section> sections(long stage) {
        List<Section> all = costing.model().sections();
        List<Section> here = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if (costing.parallel().stage(i, all) == stage) {
                here.add(costing.parallel().on(all.get(i)));
            }
        }
        return here;
    }

    private Stream<Section> tower() {
        return costing.model().tower().stream().flatMap(tower -> tower.sections().stream());
    }

    private long here(long batch) {
        return Math.ceilDiv(batch, costing.parallel().replicas());
    }

    private double cache(Stage stage, long context, long batch) {
        double sequence = 0;
        for (Section section : stage.sections()) {
            for (Operator operator : section.operators()) {
                sequence += (double) Cache.growing(operator, context)
                                * costing.cacheType().bits()
                                / 8
                        + costing.fixedBytes(operator);
            }
        }
        return sequence * here(batch);
    }

    private double activations(Stage stage, Work work) {
        double largest = 0;
        double logits = 0;
        for (Section section : stage.sections()) {
            double outputs = residual(work);
            for (Operator operator : section.operators()) {
                double out = Tokens.out(operator, work);
                if (operator.group() == Group.LM_HEAD) {
                    logits += out;
                } else {
                    outputs += out;
                }
            }
            largest = Math.max(largest, outputs);
        }
        return (largest + logits) * costing.model().storage().activations().bits() / 8;
    }

    private double residual(Work work) {
        return Tokens.out(costing.model().sections().getFirst().operators().getFirst(), work);
    }
}

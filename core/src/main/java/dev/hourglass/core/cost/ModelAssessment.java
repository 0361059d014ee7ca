package dev.hourglass.core.cost;

import dev.hourglass.core.hardware.DeviceSpec;
import dev.hourglass.core.hardware.Roofline;
import dev.hourglass.core.model.Cache;
import dev.hourglass.core.model.Convention;
import dev.hourglass.core.model.Costing;
import dev.hourglass.core.model.Distinct;
import dev.hourglass.core.model.FlopCount;
import dev.hourglass.core.model.Footprint;
import dev.hourglass.core.model.Memory;
import dev.hourglass.core.model.Model;
import dev.hourglass.core.model.ModelUse;
import dev.hourglass.core.model.Operator;
import dev.hourglass.core.model.OperatorCost;
import dev.hourglass.core.model.Tower;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;

/// A model's numbers for one use, and on one device.
///
/// @param device the device, if one is asked about
/// @param memoryUtilization how much of the device's memory the engine takes, of all
public record ModelAssessment(Model model, ModelUse use, Optional<DeviceSpec> device, double memoryUtilization) {
    /// What vLLM takes unless it is told (`gpu_memory_utilization`). The rest is for what no model counts: the context
    /// of the GPU's driver, captured graphs, other programs.
    public static final double USUAL_UTILIZATION = 0.9;

    /// With the usual share of the memory.
    public ModelAssessment(Model model, ModelUse use, Optional<DeviceSpec> device) {
        this(model, use, device, USUAL_UTILIZATION);
    }

    /// A step that the model can be asked for.
    public enum Phase {
        PREFILL,
        DECODE;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// FLOPs of a prefill, with the logits of the last position or of all.
    public FlopCount prefill(Convention convention, boolean allLogits) {
        return FlopCount.of(model.sections(), allLogits ? use.prefill().allLogits() : use.prefill(), convention);
    }

    /// FLOPs of decoding one token per sequence.
    public FlopCount decode(Convention convention) {
        return FlopCount.of(model.sections(), use.decode(), convention);
    }

    /// FLOPs of the encoder or the vision tower for one input; empty where there is none, or where an
    /// image's size must be given and is not.
    public Optional<FlopCount> tower(Convention convention) {
        return model.tower()
                .flatMap(tower -> towerTokens(tower)
                        .map(tokens -> FlopCount.of(tower.sections(), Tower.once(tokens), convention)));
    }

    /// Tokens that the tower makes of one input.
    public Optional<Long> towerTokens(Tower tower) {
        return switch (tower.size()) {
            case Tower.Size.Always always -> Optional.of(always.tokens());
            case Tower.Size.Patches patches -> use.image().map(tower::tokens);
        };
    }

    /// Costs of a step of the whole model, operator by operator.
    public List<OperatorCost> costs(Phase phase) {
        return costs(use.whole(model), phase);
    }

    /// Costs of a step on one device.
    public List<OperatorCost> costsPerDevice(Phase phase) {
        return costs(use.costing(model), phase);
    }

    private List<OperatorCost> costs(Costing costing, Phase phase) {
        return costing.step(
                switch (phase) {
                    case PREFILL -> use.prefill();
                    case DECODE -> use.decode();
                });
    }

    /// Cached elements that one more token of one sequence adds.
    public long cacheElementsPerToken() {
        return cache(Cache::perToken);
    }

    public double cacheBytesPerToken() {
        return (double) cacheElementsPerToken() * use.costing(model).cacheType().bits() / 8;
    }

    /// Cached elements of all sequences after the prefill, states included.
    public long cacheElementsAfterPrefill() {
        return use.batch() * cache(op -> Cache.growing(op, use.prompt()) + Cache.fixed(op));
    }

    /// Cached elements of one sequence that do not grow.
    public long fixedStateElements() {
        return cache(Cache::fixed);
    }

    private long cache(ToLongFunction<Operator> of) {
        return model.sections().stream()
                .flatMap(section -> section.operators().stream())
                .mapToLong(of)
                .sum();
    }

    /// Distinct experts of a layer that a step touches; empty for a model without experts.
    public OptionalDouble expertsTouched(Phase phase) {
        long tokens = phase == Phase.DECODE ? use.batch() : use.batch() * use.prompt();
        return model.experts()
                .map(e -> OptionalDouble.of(
                        phase == Phase.DECODE && use.touched().isPresent()
                                ? use.touched().getAsDouble()
                                : Distinct.expected(e.total(), e.chosen(), tokens)))
                .orElse(OptionalDouble.empty());
    }

    /// Memory on the fullest device.
    public Footprint footprint() {
        return new Memory(use.costing(model)).of(use.prompt(), use.context(), use.batch());
    }

    /// What fits on the device; empty without a device or where its memory is not known.
    public Optional<Fit> fit() {
        return device.filter(d ->
                        d.memoryBytes().isPresent() && model.storage().unknown().isEmpty())
                .map(d -> fit(d.memoryBytes().getAsDouble()));
    }

    private Fit fit(double bytes) {
        Memory memory = new Memory(use.costing(model));
        double usable = bytes * memoryUtilization;
        OptionalLong context = memory.maxContext(use.prompt(), use.batch(), usable);
        return new Fit(bytes, usable, memory.maxBatch(use.prompt(), use.context(), usable), context);
    }

    /// What a device's memory holds.
    ///
    /// @param bytes of memory
    /// @param usable of them what the engine takes
    /// @param maxBatch most sequences at the use's context; 0 where not even one fits
    /// @param maxContext longest context at the use's batch; empty where the cache does not grow
    public record Fit(double bytes, double usable, long maxBatch, OptionalLong maxContext) {}

    /// The least time of a step on the device.
    public Optional<StepTime> time(Phase phase) {
        return device.filter(d -> model.storage().unknown().isEmpty())
                .map(d -> StepTime.of(costsPerDevice(phase), new Roofline(d)));
    }
}

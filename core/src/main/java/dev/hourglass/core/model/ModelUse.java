package dev.hourglass.core.model;

import java.util.Optional;
import java.util.OptionalDouble;

/// How a model is used: what its cost is asked for.
///
/// @param prompt tokens of a prefill, per sequence
/// @param context tokens cached per sequence when one more is decoded
/// @param batch sequences
/// @param parallel over which devices
/// @param cacheType format of keys and values; the weights' plain format where empty
/// @param image of which a vision tower's work is asked
/// @param touched measured distinct experts per layer and decode step
public record ModelUse(
        long prompt,
        long context,
        long batch,
        Parallel parallel,
        Optional<DType> cacheType,
        Optional<Tower.Image> image,
        OptionalDouble touched) {

    private static final long USUAL_PROMPT = 4096;

    /// One sequence on one device, with a prompt of 4096 tokens or as long as the model allows.
    public static ModelUse usual(Model model) {
        long prompt = Math.min(USUAL_PROMPT, model.positions().orElse(USUAL_PROMPT));
        return of(prompt, prompt, 1);
    }

    /// On one device.
    public static ModelUse of(long prompt, long context, long batch) {
        return new ModelUse(
                prompt, context, batch, Parallel.NONE, Optional.empty(), Optional.empty(), OptionalDouble.empty());
    }

    public Work prefill() {
        return Work.prefill(prompt, batch);
    }

    public Work decode() {
        return Work.decode(context, batch);
    }

    /// Costs of the model on one device of this use.
    public Costing costing(Model model) {
        return new Costing(model, parallel, cacheType.orElse(model.storage().cache()), touched);
    }

    /// Costs of the whole model, on however many devices.
    public Costing whole(Model model) {
        return new Costing(
                model, Parallel.NONE, cacheType.orElse(model.storage().cache()), touched);
    }
}

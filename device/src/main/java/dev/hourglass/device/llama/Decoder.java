package dev.hourglass.device.llama;

import dev.hourglass.device.ffi.llama.Floats;
import dev.hourglass.device.ffi.llama.LlamaContext;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

/// Decodes token after token, each fed with the one before.
final class Decoder {
    /// One decode step.
    ///
    /// @param ts start on the trace clock
    /// @param dur until the next token is chosen, in nanoseconds
    /// @param position tokens in the cache when it began
    /// @param token that it chose
    /// @param recorded the pieces; empty where the step was not profiled
    /// @param good whether the step ran as planned
    record Step(long ts, long dur, int position, int token, Optional<RecordedStep> recorded, boolean good) {}

    /// Rehearsals that read all logits.
    private static final int WHOLE_REHEARSALS = 1_000;

    /// So many that what is called once a step is compiled for good.
    private static final int MAX_REHEARSALS = 6_000;

    private static final int REHEARSALS_PER_STEP = 100;
    private static final int REHEARSED_NODES = 1_500_000;
    private static final int FEW_LOGITS = 1_024;

    private final LlamaContext context;
    private final StepRecorder recorder;
    private final StepPlan.Maker maker;
    private final Sampler sampler;
    private final LongSupplier clock;
    private final int[] one = new int[1];
    private int position;
    private Step last = new Step(0, 0, 0, 0, Optional.empty(), false);

    Decoder(LlamaContext context, StepRecorder recorder, StepPlan.Maker maker, Sampler sampler, LongSupplier clock) {
        this.context = context;
        this.recorder = recorder;
        this.maker = maker;
        this.sampler = sampler;
        this.clock = clock;
    }

    Step last() {
        return last;
    }

    /// Caches some tokens of a random prompt.
    ///
    /// @return how many
    int fill(int count, long seed) {
        recorder.next(StepRecorder.Mode.IGNORED);
        SplittableRandom random = new SplittableRandom(seed * 31 + position);
        int[] prompt = random.ints(count, 0, context.vocabulary()).toArray();
        check(context.decode(prompt, 0, count));
        position += count;
        one[0] = prompt[count - 1];
        return count;
    }

    Step step(StepRecorder.Mode mode) {
        last = step(mode, this::compute, sampler::choose);
        position++;
        one[0] = last.token();
        return last;
    }

    /// Has what runs in steps compiled, by steps in which the engine computes nothing: it is called and refuses, and
    /// the observer is asked as if it had computed. Follows a step.
    ///
    /// @param measured steps that will be measured: for few of them, less is worth while
    void rehearse(int measured) {
        Sampler apart = new Sampler(0);
        int fitting = Math.clamp(REHEARSED_NODES / Math.max(1, recorder.asked()), WHOLE_REHEARSALS, MAX_REHEARSALS);
        int steps = (int) Math.min(fitting, (long) REHEARSALS_PER_STEP * measured);
        for (int i = 0; i < steps; i++) {
            StepRecorder.Mode mode = i % 2 == 0 ? StepRecorder.Mode.PROFILED : StepRecorder.Mode.WATCHED;
            int read = i < WHOLE_REHEARSALS ? Integer.MAX_VALUE : FEW_LOGITS;
            step(mode, this::pretend, logits -> apart.choose(logits.first(read)));
        }
    }

    private int compute() {
        return context.decode(one, 0, 1);
    }

    private int pretend() {
        int refused = context.decode(one, 0, 0);
        recorder.retrace(context.observer());
        return refused < 0 ? 0 : refused;
    }

    private Step step(StepRecorder.Mode mode, IntSupplier computation, ToIntFunction<Floats> choice) {
        recorder.next(mode);
        long entered = clock.getAsLong();
        int code = computation.getAsInt();
        long left = clock.getAsLong();
        int token = choice.applyAsInt(context.logits());
        long end = clock.getAsLong();
        check(code);
        boolean good = settle(mode);
        Optional<RecordedStep> recorded =
                mode == StepRecorder.Mode.PROFILED ? Optional.of(recorder.recorded(entered, left)) : Optional.empty();
        return new Step(entered, end - entered, position, token, recorded, good);
    }

    /// After the step: is the plan still that of the graph that ran?
    private boolean settle(StepRecorder.Mode mode) {
        boolean complete = mode != StepRecorder.Mode.PROFILED || recorder.complete();
        return recorder.planFits() ? complete : recorder.learn(maker) && complete;
    }

    /// Forgets what was decoded beyond a position. Kinds of memory that cannot do that keep it.
    void rewind(int to) {
        if (to < position && context.forget(to)) {
            position = to;
        }
    }

    private static void check(int code) {
        switch (code) {
            case 0 -> {}
            case 1 -> throw new EngineException("the engine's KV cache is full");
            default -> throw new EngineException("the engine failed to compute a step: code " + code);
        }
    }
}

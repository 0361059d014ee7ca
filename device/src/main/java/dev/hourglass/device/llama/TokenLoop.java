package dev.hourglass.device.llama;

import dev.hourglass.device.ffi.llama.LlamaContext;
import dev.hourglass.device.ffi.llama.Scheduler;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/// Decodes token after token where a GPU takes part.
final class TokenLoop {
    /// One decode step.
    ///
    /// @param ts start on the trace clock
    /// @param left when the engine came back; its work may go on until the logits are there
    /// @param end when the next token was chosen
    /// @param position tokens in the cache when it began
    /// @param token that it chose
    /// @param noted what the scheduler asked; empty where nobody listened, or the graph was another
    record Step(long ts, long left, long end, int position, int token, Optional<SplitRecorder.Noted> noted) {
        long dur() {
            return end - ts;
        }
    }

    private final LlamaContext context;
    private final Scheduler scheduler;
    private final SplitRecorder recorder;
    private final Sampler sampler;
    private final LongSupplier clock;
    private final int[] one = new int[1];
    private int position;

    TokenLoop(LlamaContext context, Scheduler scheduler, SplitRecorder recorder, Sampler sampler, LongSupplier clock) {
        this.context = context;
        this.scheduler = scheduler;
        this.recorder = recorder;
        this.sampler = sampler;
        this.clock = clock;
    }

    /// Caches some tokens of a random prompt.
    ///
    /// @return how many
    int fill(int count, long seed) {
        int[] prompt = new SplittableRandom(seed * 31 + position)
                .ints(count, 0, context.vocabulary())
                .toArray();
        check(context.decode(prompt, 0, count));
        position += count;
        one[0] = prompt[count - 1];
        return count;
    }

    /// @param asks whether the scheduler asks about its nodes
    Step step(boolean asks) {
        scheduler.observe(asks);
        recorder.next();
        long entered = clock.getAsLong();
        int code = context.decode(one, 0, 1);
        long left = clock.getAsLong();
        check(code);
        int token = sampler.choose(context.logits());
        long end = clock.getAsLong();
        boolean good = asks && recorder.asked() > 0 && recorder.settle(scheduler);
        Step step =
                new Step(entered, left, end, position, token, good ? Optional.of(recorder.noted()) : Optional.empty());
        position++;
        one[0] = token;
        return step;
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

package dev.hourglass.device.llama;

import java.nio.file.Path;

/// What the engine is asked to do.
///
/// @param model GGUF file
/// @param tokens profiled decode steps; as many unprofiled ones alternate with them
/// @param warmup decode steps before the first measured one, at least 1
/// @param context tokens in the KV cache when the first measured step begins, at least 1
/// @param threads compute threads of the engine
/// @param granularity how finely steps are timed
/// @param seed of the prompt and of sampling
/// @param barrierSteps steps to run for a barrier probe after the measured ones; 0 for none
public record EngineRequest(
        Path model,
        int tokens,
        int warmup,
        int context,
        int threads,
        Granularity granularity,
        long seed,
        int barrierSteps) {

    public EngineRequest {
        atLeast("tokens", tokens, 1);
        atLeast("warmup", warmup, 1);
        atLeast("context", context, 1);
        atLeast("threads", threads, 1);
        atLeast("barrierSteps", barrierSteps, 0);
    }

    /// The size of KV cache that the run needs, in tokens.
    int cacheTokens() {
        return Math.addExact(context, Math.addExact(2 * warmup + 2 * tokens, barrierSteps + 136));
    }

    private static void atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be at least " + least + ", not " + value);
        }
    }
}

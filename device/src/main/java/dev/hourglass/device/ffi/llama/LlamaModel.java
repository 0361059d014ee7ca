package dev.hourglass.device.ffi.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/// A loaded model. Closing it frees the weights.
public final class LlamaModel implements AutoCloseable {
    private final LlamaBindings bindings;
    private final LlamaLayouts layouts;
    private final MemorySegment model;
    private final LlamaLoader loader;

    LlamaModel(LlamaLoader loader, LlamaBindings bindings, LlamaLayouts layouts, MemorySegment model) {
        this.loader = loader;
        this.bindings = bindings;
        this.layouts = layouts;
        this.model = model;
    }

    /// Whether it generates text token by token.
    public boolean decodes() {
        try {
            return (boolean) bindings.modelHasDecoder().invokeExact(model);
        } catch (Throwable e) {
            throw new LlamaException("llama_model_has_decoder failed", e);
        }
    }

    /// Number of entries of the vocabulary.
    public int vocabulary() {
        try {
            return (int) bindings.vocabularySize()
                    .invokeExact((MemorySegment) bindings.modelVocabulary().invokeExact(model));
        } catch (Throwable e) {
            throw new LlamaException("llama_vocab_n_tokens failed", e);
        }
    }

    /// A context to decode in.
    ///
    /// @param tokens size of the KV cache
    /// @param batch tokens that are computed at once at most
    /// @param observer is asked about every node of every graph that runs
    /// @throws LlamaException if there is not enough memory; more is in the log
    public LlamaContext context(int tokens, int batch, int threads, NodeObserver observer) {
        return context(tokens, batch, threads, observer, true);
    }

    /// The same, with an observer that is asked only while [Scheduler#observe] says so.
    public LlamaContext quietContext(int tokens, int batch, int threads, NodeObserver observer) {
        return context(tokens, batch, threads, observer, false);
    }

    private LlamaContext context(int tokens, int batch, int threads, NodeObserver observer, boolean asks) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment params =
                    (MemorySegment) bindings.contextDefaultParams().invokeExact((SegmentAllocator) arena);
            params.set(JAVA_INT, LlamaLayouts.N_CTX, tokens);
            params.set(JAVA_INT, LlamaLayouts.N_BATCH, batch);
            params.set(JAVA_INT, LlamaLayouts.N_UBATCH, batch);
            if (layouts.outputsMax() >= 0) {
                params.set(JAVA_INT, layouts.outputsMax(), 1);
            }
            Observation observation = Observation.of(observer);
            if (asks) {
                params.set(ADDRESS, layouts.evalCallback(), observation.stub());
            }
            MemorySegment context = (MemorySegment) bindings.initFromModel().invokeExact(model, params);
            if (context.equals(MemorySegment.NULL)) {
                throw new LlamaException("the engine cannot make a context of " + tokens + " tokens for this model");
            }
            return new LlamaContext(bindings, context, observation, vocabulary(), batch, threads);
        } catch (LlamaException e) {
            throw e;
        } catch (Throwable e) {
            throw new LlamaException("llama_init_from_model failed", e);
        }
    }

    /// What divides the work of a context among devices.
    ///
    /// @throws LlamaException if the library does not let it be seen
    public Scheduler scheduler(LlamaContext context) {
        return Scheduler.of(loader, context.address(), context.observation());
    }

    @Override
    public void close() {
        try {
            bindings.modelFree().invokeExact(model);
        } catch (Throwable e) {
            throw new LlamaException("llama_model_free failed", e);
        }
    }
}

package dev.hourglass.device.ffi.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;

/// A context: KV cache, working buffers, compute threads. Used by one thread.
@SuppressWarnings("restricted")
public final class LlamaContext implements AutoCloseable {
    private static final int DEVICE_CPU = 0;
    private static final int THREADPOOL_PARAMS_BYTES = 1024;

    private final Arena arena = Arena.ofShared();
    private final LlamaBindings bindings;
    private final MemorySegment context;
    private final Observation observation;
    private final int vocabulary;
    private final MemorySegment tokens;
    private final MemorySegment batch = arena.allocate(LlamaLayouts.BATCH);
    private final SegmentAllocator reuse = (_, _) -> batch;
    /// How many tokens the batch was filled for.
    private int batched = -1;

    LlamaContext(
            LlamaBindings bindings,
            MemorySegment context,
            Observation observation,
            int vocabulary,
            int batch,
            int threads)
            throws Throwable {
        this.bindings = bindings;
        this.context = context;
        this.observation = observation;
        this.vocabulary = vocabulary;
        this.tokens = arena.allocate(JAVA_INT, batch);
        bindings.setThreads().invokeExact(context, threads, threads);
        MemorySegment pool = threadpool(threads);
        bindings.attachThreadpool().invokeExact(context, pool, pool);
    }

    /// Threads that stay: without a pool of its own a context starts new ones for every graph.
    private MemorySegment threadpool(int threads) throws Throwable {
        MemorySegment params = arena.allocate(THREADPOOL_PARAMS_BYTES, 8);
        bindings.threadpoolParamsInit().invokeExact(params, threads);
        MemorySegment device = (MemorySegment) bindings.deviceByType().invokeExact(DEVICE_CPU);
        if (device.equals(MemorySegment.NULL)) {
            throw new LlamaException("the engine found no library for this CPU in its directory; rebuild or reinstall");
        }
        MemorySegment registry = (MemorySegment) bindings.deviceRegistry().invokeExact(device);
        MemorySegment address =
                (MemorySegment) bindings.procAddress().invokeExact(registry, arena.allocateFrom("ggml_threadpool_new"));
        if (address.equals(MemorySegment.NULL)) {
            throw new LlamaException("the engine's library for this CPU has no ggml_threadpool_new");
        }
        MethodHandle create = LlamaLoader.at(address, LlamaBindings.gives(ADDRESS, ADDRESS));
        MemorySegment pool = (MemorySegment) create.invokeExact(params);
        if (pool.equals(MemorySegment.NULL)) {
            throw new LlamaException("the engine cannot start " + threads + " threads");
        }
        return pool;
    }

    /// The observer, reached through native code as the engine reaches it.
    public NodeObserver observer() {
        return observation;
    }

    MemorySegment address() {
        return context;
    }

    Observation observation() {
        return observation;
    }

    /// Computes some tokens that follow what is cached. The library refuses to compute none: it logs an error
    /// and changes nothing.
    ///
    /// @return 0, or the library's code: 1 no room in the cache, 2 aborted, negative a failure
    public int decode(int[] ids, int from, int count) {
        MemorySegment.copy(ids, from, tokens, JAVA_INT, 0, count);
        try {
            if (count != batched) {
                MemorySegment _ = (MemorySegment) bindings.batchGetOne().invokeExact(reuse, tokens, count);
                batched = count;
            }
            return (int) bindings.decode().invokeExact(context, batch);
        } catch (Throwable e) {
            throw new LlamaException("llama_decode failed", e);
        }
    }

    /// The logits of the last token that was decoded, one for each token of the vocabulary: valid until the
    /// next [#decode].
    public Floats logits() {
        try {
            MemorySegment logits = (MemorySegment) bindings.logitsAt().invokeExact(context, -1);
            if (logits.equals(MemorySegment.NULL)) {
                throw new LlamaException("the engine gave no logits");
            }
            return new Floats(logits.address(), vocabulary);
        } catch (LlamaException e) {
            throw e;
        } catch (Throwable e) {
            throw new LlamaException("llama_get_logits_ith failed", e);
        }
    }

    public int vocabulary() {
        return vocabulary;
    }

    /// Forgets the cached tokens from a position on.
    ///
    /// @return whether the model's kind of memory can do that
    public boolean forget(int from) {
        try {
            MemorySegment memory = (MemorySegment) bindings.memory().invokeExact(context);
            return (boolean) bindings.memoryRemove().invokeExact(memory, 0, from, -1);
        } catch (Throwable e) {
            throw new LlamaException("llama_memory_seq_rm failed", e);
        }
    }

    @Override
    public void close() {
        try {
            bindings.free().invokeExact(context);
            arena.close();
        } catch (Throwable e) {
            throw new LlamaException("llama_free failed", e);
        }
    }
}

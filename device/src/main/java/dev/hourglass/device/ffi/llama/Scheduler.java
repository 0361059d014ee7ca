package dev.hourglass.device.ffi.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// What divides a context's graph into runs of nodes that one device computes.
@SuppressWarnings("restricted")
public final class Scheduler {
    private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /// The C++ method `llama_context::get_sched() const`.
    private static final String GET_SCHED = "_ZNK13llama_context9get_schedEv";

    private final MemorySegment scheduler;
    private final Observation observation;
    private final MethodHandle setCallback;
    private final MethodHandle backendOf;
    private final MethodHandle backendName;
    private final MethodHandle isHost;

    private Scheduler(LlamaLoader in, MemorySegment scheduler, Observation observation) {
        this.scheduler = scheduler;
        this.observation = observation;
        // void ggml_backend_sched_set_eval_callback(ggml_backend_sched_t, ggml_backend_sched_eval_callback, void *)
        this.setCallback =
                in.find("ggml_backend_sched_set_eval_callback", LlamaBindings.none(ADDRESS, ADDRESS, ADDRESS));
        // ggml_backend_t ggml_backend_sched_get_tensor_backend(ggml_backend_sched_t, struct ggml_tensor *)
        this.backendOf =
                in.find("ggml_backend_sched_get_tensor_backend", LlamaBindings.gives(ADDRESS, ADDRESS, JAVA_LONG));
        // const char * ggml_backend_name(ggml_backend_t)
        this.backendName = in.find("ggml_backend_name", LlamaBindings.gives(ADDRESS, ADDRESS));
        // bool ggml_backend_buffer_is_host(ggml_backend_buffer_t)
        this.isHost = in.find("ggml_backend_buffer_is_host", LlamaBindings.gives(JAVA_BOOLEAN, JAVA_LONG));
    }

    static Scheduler of(LlamaLoader in, MemorySegment context, Observation observation) {
        try {
            MemorySegment scheduler = (MemorySegment)
                    in.find(GET_SCHED, LlamaBindings.gives(ADDRESS, ADDRESS)).invokeExact(context);
            return new Scheduler(in, scheduler, observation);
        } catch (LlamaException e) {
            throw e;
        } catch (Throwable e) {
            throw new LlamaException("llama_context::get_sched failed", e);
        }
    }

    /// Whether the context's observer is asked about nodes from here on, until a graph is built anew: then it is not.
    public void observe(boolean asks) {
        MemorySegment callback = asks ? observation.stub() : MemorySegment.NULL;
        try {
            setCallback.invokeExact(scheduler, callback, MemorySegment.NULL);
        } catch (Throwable e) {
            throw new LlamaException("ggml_backend_sched_set_eval_callback failed", e);
        }
    }

    /// Who computes a node of the graph that ran last: `CPU`, `CUDA0`; empty where nobody does.
    public String backend(long node) {
        try {
            MemorySegment backend = (MemorySegment) backendOf.invokeExact(scheduler, node);
            return backend.equals(MemorySegment.NULL)
                    ? ""
                    : LlamaBindings.text((MemorySegment) backendName.invokeExact(backend));
        } catch (Throwable e) {
            throw new LlamaException("ggml_backend_name failed", e);
        }
    }

    /// Whether this process can read a tensor's data where it lies.
    public boolean readable(long tensor) {
        long buffer = MEMORY.get(JAVA_LONG, tensor + LlamaLayouts.Tensor.BUFFER);
        if (buffer == 0) {
            long whole = MEMORY.get(JAVA_LONG, tensor + LlamaLayouts.Tensor.VIEW_OF);
            buffer = whole == 0 ? 0 : MEMORY.get(JAVA_LONG, whole + LlamaLayouts.Tensor.BUFFER);
        }
        try {
            return buffer != 0 && (boolean) isHost.invokeExact(buffer);
        } catch (Throwable e) {
            throw new LlamaException("ggml_backend_buffer_is_host failed", e);
        }
    }
}

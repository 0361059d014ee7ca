package dev.hourglass.device.ffi.llama;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// The scheduler's evaluation callback: `bool (*)(struct ggml_tensor * t, bool ask, void * user_data)`.
///
/// With `ask` it answers whether to stop after the node; without, the node is computed, and the
/// answer says whether to go on.
///
/// As an observer it is the way that the engine takes: through native code, for rehearsals.
final class Observation implements NodeObserver {
    private static final FunctionDescriptor CALLBACK =
            FunctionDescriptor.of(JAVA_BOOLEAN, JAVA_LONG, JAVA_BOOLEAN, JAVA_LONG);

    private final MemorySegment stub;
    private final MethodHandle call;

    private Observation(MemorySegment stub) {
        this.stub = stub;
        this.call = LlamaLoader.at(stub, CALLBACK);
    }

    static Observation of(NodeObserver observer) throws ReflectiveOperationException {
        MethodHandle target = MethodHandles.lookup()
                .findStatic(
                        Observation.class,
                        "call",
                        MethodType.methodType(
                                boolean.class, NodeObserver.class, long.class, boolean.class, long.class));
        return new Observation(LlamaLoader.stub(target.bindTo(observer), CALLBACK));
    }

    /// What the engine calls.
    MemorySegment stub() {
        return stub;
    }

    @Override
    public boolean wanted(long node) {
        return through(node, true);
    }

    @Override
    public void computed(long node) {
        boolean _ = through(node, false);
    }

    private boolean through(long node, boolean ask) {
        try {
            return (boolean) call.invokeExact(node, ask, 0L);
        } catch (Throwable e) {
            throw new LlamaException("the engine's callback failed", e);
        }
    }

    /// An exception that leaves an upcall ends the process, so none does: the step is given up instead.
    @SuppressWarnings({"unused", "CatchAndPrintStackTrace"})
    private static boolean call(NodeObserver observer, long node, boolean ask, long userData) {
        try {
            if (ask) {
                return observer.wanted(node);
            }
            observer.computed(node);
            return true;
        } catch (RuntimeException e) {
            e.printStackTrace();
            return false;
        }
    }
}

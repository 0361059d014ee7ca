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
final class Observation {
    private static final FunctionDescriptor CALLBACK =
            FunctionDescriptor.of(JAVA_BOOLEAN, JAVA_LONG, JAVA_BOOLEAN, JAVA_LONG);
    private static final int WARM_CALLS = 30_000;

    private Observation() {}

    static MemorySegment stub(NodeObserver observer) throws Throwable {
        MethodHandle target = MethodHandles.lookup()
                .findStatic(
                        Observation.class,
                        "call",
                        MethodType.methodType(
                                boolean.class, NodeObserver.class, long.class, boolean.class, long.class));
        MemorySegment stub = LlamaLoader.stub(target.bindTo(observer), CALLBACK);
        warm(stub);
        return stub;
    }

    /// Calls the stub as native code does until it is compiled, so that no measured step pays for it.
    private static void warm(MemorySegment stub) throws Throwable {
        MethodHandle call = LlamaLoader.at(stub, CALLBACK);
        for (int i = 0; i < WARM_CALLS; i++) {
            boolean _ = (boolean) call.invokeExact(0L, (i & 1) == 0, 0L);
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

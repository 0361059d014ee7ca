package dev.hourglass.device.ffi.cupti;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hourglass.device.ffi.library.CheckedCalls;
import dev.hourglass.device.ffi.library.SharedLibrary.Symbols;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/// The C functions, each checked.
final class CuptiCalls extends CheckedCalls {
    // CUptiResult cuptiGetVersion(uint32_t *version)
    private final MethodHandle version = handle(List.of(ADDRESS), "cuptiGetVersion");
    // CUptiResult cuptiGetTimestamp(uint64_t *timestamp)
    private final MethodHandle timestamp = handle(List.of(ADDRESS), "cuptiGetTimestamp");
    // CUptiResult cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc, CUpti_BuffersCallbackCompleteFunc)
    private final MethodHandle register = handle(List.of(ADDRESS, ADDRESS), "cuptiActivityRegisterCallbacks");
    // CUptiResult cuptiActivityEnable(CUpti_ActivityKind kind)
    private final MethodHandle enable = handle(List.of(JAVA_INT), "cuptiActivityEnable");
    // CUptiResult cuptiActivityFlushAll(uint32_t flag)
    private final MethodHandle flush = handle(List.of(JAVA_INT), "cuptiActivityFlushAll");
    // CUptiResult cuptiActivityGetNextRecord(uint8_t *buffer, size_t validBufferSizeBytes, CUpti_Activity **record)
    private final MethodHandle next = handle(List.of(ADDRESS, JAVA_LONG, ADDRESS), "cuptiActivityGetNextRecord");
    // CUptiResult cuptiActivityGetNumDroppedRecords(CUcontext, uint32_t streamId, size_t *dropped)
    private final MethodHandle dropped =
            handle(List.of(ADDRESS, JAVA_INT, ADDRESS), "cuptiActivityGetNumDroppedRecords");
    // CUptiResult cuptiGetCallbackName(CUpti_CallbackDomain, uint32_t cbid, const char **name)
    private final MethodHandle callbackName = handle(List.of(JAVA_INT, JAVA_INT, ADDRESS), "cuptiGetCallbackName");
    // CUptiResult cuptiSetThreadIdType(CUpti_ActivityThreadIdType type)
    private final MethodHandle threadIdType = handle(List.of(JAVA_INT), "cuptiSetThreadIdType");

    CuptiCalls(Symbols symbols) {
        super(symbols);
    }

    void version(MemorySegment out) {
        check("cuptiGetVersion", () -> (int) version.invokeExact(out));
    }

    void timestamp(MemorySegment out) {
        check("cuptiGetTimestamp", () -> (int) timestamp.invokeExact(out));
    }

    void register(MemorySegment requested, MemorySegment completed) {
        check("cuptiActivityRegisterCallbacks", () -> (int) register.invokeExact(requested, completed));
    }

    void enable(int kind) {
        check("cuptiActivityEnable", () -> (int) enable.invokeExact(kind));
    }

    boolean enabled(int kind) {
        return succeeds(() -> (int) enable.invokeExact(kind));
    }

    void flush(int flag) {
        check("cuptiActivityFlushAll", () -> (int) flush.invokeExact(flag));
    }

    void dropped(MemorySegment out) {
        check("cuptiActivityGetNumDroppedRecords", () -> (int) dropped.invokeExact(MemorySegment.NULL, 0, out));
    }

    boolean threadIdType(int type) {
        return succeeds(() -> (int) threadIdType.invokeExact(type));
    }

    /// Whether there is one more; `record` is the one before, and then that one.
    boolean next(MemorySegment buffer, long valid, MemorySegment record) {
        return succeeds(() -> (int) next.invokeExact(buffer, valid, record));
    }

    boolean callbackName(int domain, int number, MemorySegment out) {
        return succeeds(() -> (int) callbackName.invokeExact(domain, number, out));
    }

    @SuppressWarnings("IllegalCatch")
    private static boolean succeeds(Call call) {
        try {
            return call.make() == 0;
        } catch (Throwable bug) {
            throw new AssertionError("CUPTI", bug);
        }
    }

    @Override
    protected RuntimeException failure(String name, int status) {
        return new CuptiException(name, status);
    }
}

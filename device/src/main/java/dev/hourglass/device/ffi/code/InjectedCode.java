package dev.hourglass.device.ffi.code;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.hourglass.device.ffi.posix.Posix;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// A function in machine code: `void f(long n, void *a, void *b, void *c, long times, void *constants)` of the C
/// calling convention.
///
/// Its page is written, then made executable and no longer writable. Whatever the bytes do wrong ends the process.
public final class InjectedCode implements AutoCloseable {
    private static final int PAGE = 4096;

    private final MemorySegment page;
    private final MethodHandle function;

    private InjectedCode(MemorySegment page, MethodHandle function) {
        this.page = page;
        this.function = function;
    }

    /// @param code position-independent, ends by returning
    /// @return empty where the system lets no page be written and executed afterwards
    @SuppressWarnings("restricted")
    public static Optional<InjectedCode> load(byte[] code) {
        long bytes = (code.length + PAGE - 1L) / PAGE * PAGE;
        return Posix.map(bytes).flatMap(page -> {
            MemorySegment.copy(MemorySegment.ofArray(code), 0, page, 0, code.length);
            if (!Posix.makeExecutable(page)) {
                Posix.unmap(page);
                return Optional.empty();
            }
            MethodHandle function = Linker.nativeLinker()
                    .downcallHandle(
                            page, FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
            return Optional.of(new InjectedCode(page, function));
        });
    }

    /// Runs it.
    ///
    /// @param n iterations of its inner loop, at least 1
    /// @param a what it reads or writes, as `b` and `c`
    /// @param times how often the loop runs over the same memory, at least 1
    /// @param constants what it multiplies by
    public void call(long n, MemorySegment a, MemorySegment b, MemorySegment c, long times, MemorySegment constants) {
        if (n < 1 || times < 1) {
            throw new IllegalArgumentException("a loop of " + n + " iterations, " + times + " times");
        }
        try {
            function.invokeExact(n, a, b, c, times, constants);
        } catch (Throwable bug) {
            throw new AssertionError("injected code", bug);
        }
    }

    @Override
    public void close() {
        Posix.unmap(page);
    }
}

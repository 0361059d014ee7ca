package dev.hourglass.device.ffi.posix;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Collection;

/// Calls of the C library.
public final class Posix {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final int SET_BYTES = 8192;
    private static final int HUGE_PAGES = 14;

    /// `int sched_setaffinity(pid_t tid, size_t bytes, const cpu_set_t *mask)`
    private static final MethodHandle SET_AFFINITY =
            handle("sched_setaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));

    /// `int madvise(void *address, size_t length, int advice)`
    private static final MethodHandle MADVISE =
            handle("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

    private Posix() {}

    @SuppressWarnings("restricted")
    private static MethodHandle handle(String name, FunctionDescriptor type) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
    }

    /// Lets the calling thread run on the named logical CPUs only.
    ///
    /// @return whether the kernel did
    public static boolean pin(Collection<Integer> cpus) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(SET_BYTES, Long.BYTES);
            for (int cpu : cpus) {
                long word = (long) (cpu / Long.SIZE) * Long.BYTES;
                mask.set(JAVA_LONG, word, mask.get(JAVA_LONG, word) | 1L << (cpu % Long.SIZE));
            }
            return (int) SET_AFFINITY.invokeExact(0, (long) SET_BYTES, mask) == 0;
        } catch (Throwable bug) {
            throw new AssertionError("sched_setaffinity", bug);
        }
    }

    /// Asks for huge pages behind `memory`.
    ///
    /// @return whether the kernel took the advice
    public static boolean adviseHugePages(MemorySegment memory) {
        try {
            return (int) MADVISE.invokeExact(memory, memory.byteSize(), HUGE_PAGES) == 0;
        } catch (Throwable bug) {
            throw new AssertionError("madvise", bug);
        }
    }

    /// Whether the dynamic loader finds and can load the library.
    @SuppressWarnings("restricted")
    public static boolean loads(String library) {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup.libraryLookup(library, arena);
            return true;
        } catch (IllegalArgumentException absent) {
            return false;
        }
    }
}

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
import java.util.Optional;

/// Calls of the C library.
public final class Posix {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final int SET_BYTES = 8192;
    private static final int SCHED_IDLE = 5;
    private static final int PRIORITY_BYTES = 4;
    private static final int HUGE_PAGES = 14;
    private static final int PROT_READ_WRITE = 3;
    private static final int PROT_READ_EXECUTE = 5;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int CLOCK_THREAD_CPU = 3;
    private static final int TIMESPEC_BYTES = 16;
    private static final long SECOND_NS = 1_000_000_000;
    /// `arch_prctl` on x86-64, its request for a state component, and that of tiles.
    private static final long ARCH_PRCTL = 158;

    private static final long REQUEST_COMPONENT = 0x1023;
    private static final long TILE_DATA = 18;

    /// `int sched_setaffinity(pid_t tid, size_t bytes, const cpu_set_t *mask)`
    private static final MethodHandle SET_AFFINITY =
            handle("sched_setaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));

    /// `int sched_setscheduler(pid_t tid, int policy, const struct sched_param *priority)`
    private static final MethodHandle SET_SCHEDULER =
            handle("sched_setscheduler", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));

    /// `int madvise(void *address, size_t length, int advice)`
    private static final MethodHandle MADVISE =
            handle("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

    /// `void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)`
    private static final MethodHandle MMAP = handle(
            "mmap", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));

    /// `int munmap(void *address, size_t length)`
    private static final MethodHandle MUNMAP = handle("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

    /// `int mprotect(void *address, size_t length, int protection)`
    private static final MethodHandle MPROTECT =
            handle("mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

    /// `long syscall(long number, long first, long second)`
    private static final MethodHandle SYSCALL =
            handle("syscall", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

    /// `int clock_gettime(clockid_t clock, struct timespec *time)`
    private static final MethodHandle CLOCK_GETTIME =
            handle("clock_gettime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

    /// `void *memchr(const void *memory, int byte, size_t length)`
    private static final MethodHandle MEMCHR =
            handle("memchr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT, JAVA_LONG));

    /// `int kill(pid_t pid, int signal)`
    private static final MethodHandle KILL = handle("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

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

    /// Lets a thread of this process run only on cores that have nothing else to do. Needs no privilege.
    ///
    /// @return whether the kernel did
    public static boolean onlyWhenIdle(int thread) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment priority = arena.allocate(PRIORITY_BYTES, PRIORITY_BYTES);
            return (int) SET_SCHEDULER.invokeExact(thread, SCHED_IDLE, priority) == 0;
        } catch (Throwable bug) {
            throw new AssertionError("sched_setscheduler", bug);
        }
    }

    /// Sends a process a signal.
    ///
    /// @param signal its number, as `kill -l` lists them
    /// @return whether the process was there and may be sent signals
    public static boolean signal(long pid, int signal) {
        try {
            return (int) KILL.invokeExact(Math.toIntExact(pid), signal) == 0;
        } catch (Throwable bug) {
            throw new AssertionError("kill", bug);
        }
    }

    /// Private memory, untouched and so not yet backed by pages; to be unmapped by the caller.
    @SuppressWarnings("restricted")
    public static Optional<MemorySegment> map(long bytes) {
        try {
            long address = (long) MMAP.invokeExact(0L, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
            return address == -1
                    ? Optional.empty()
                    : Optional.of(MemorySegment.ofAddress(address).reinterpret(bytes));
        } catch (Throwable bug) {
            throw new AssertionError("mmap", bug);
        }
    }

    public static void unmap(MemorySegment mapped) {
        try {
            int ignored = (int) MUNMAP.invokeExact(mapped, mapped.byteSize());
        } catch (Throwable bug) {
            throw new AssertionError("munmap", bug);
        }
    }

    /// Lets `memory` be executed, and written no more.
    ///
    /// @return whether the kernel did; a policy may forbid it
    public static boolean makeExecutable(MemorySegment memory) {
        try {
            return (int) MPROTECT.invokeExact(memory, memory.byteSize(), PROT_READ_EXECUTE) == 0;
        } catch (Throwable bug) {
            throw new AssertionError("mprotect", bug);
        }
    }

    /// Asks for the registers of matrix tiles, which a process on x86-64 has only on request.
    ///
    /// @return whether the kernel gave them
    public static boolean allowTiles() {
        try {
            return (long) SYSCALL.invokeExact(ARCH_PRCTL, REQUEST_COMPONENT, TILE_DATA) == 0;
        } catch (Throwable bug) {
            throw new AssertionError("arch_prctl", bug);
        }
    }

    /// Whether `memory` holds the byte. Reads it from its beginning until there.
    public static boolean contains(MemorySegment memory, int wanted) {
        try {
            return (long) MEMCHR.invokeExact(memory, wanted, memory.byteSize()) != 0;
        } catch (Throwable bug) {
            throw new AssertionError("memchr", bug);
        }
    }

    /// Nanoseconds that the calling thread has spent on a core.
    ///
    /// @return -1 where the kernel does not tell
    public static long threadCpuNs() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(TIMESPEC_BYTES, Long.BYTES);
            return (int) CLOCK_GETTIME.invokeExact(CLOCK_THREAD_CPU, time) == 0
                    ? time.get(JAVA_LONG, 0) * SECOND_NS + time.get(JAVA_LONG, Long.BYTES)
                    : -1;
        } catch (Throwable bug) {
            throw new AssertionError("clock_gettime", bug);
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

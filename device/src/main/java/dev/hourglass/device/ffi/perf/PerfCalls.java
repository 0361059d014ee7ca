package dev.hourglass.device.ffi.perf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Locale;

/// The system calls around a perf event. Each returns what the C library returns, or the negative
/// error number.
final class PerfCalls {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final long OPEN_NUMBER = openNumber();
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;

    /// `long syscall(long number, struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd, unsigned long
    /// flags)`
    private static final MethodHandle SYSCALL = handle(
            "syscall",
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));

    /// `int ioctl(int fd, unsigned long request, unsigned long argument)`
    private static final MethodHandle IOCTL = handle(
            "ioctl",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(2));

    /// `ssize_t read(int fd, void *buffer, size_t count)`
    private static final MethodHandle READ =
            handle("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));

    /// `int close(int fd)`
    private static final MethodHandle CLOSE = handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    /// `void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)`
    private static final MethodHandle MMAP = handle(
            "mmap", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));

    /// `int munmap(void *address, size_t length)`
    private static final MethodHandle MUNMAP = handle("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

    private PerfCalls() {}

    @SuppressWarnings("restricted")
    private static MethodHandle handle(String name, FunctionDescriptor type, Linker.Option... options) {
        Linker.Option[] all = Arrays.copyOf(options, options.length + 1);
        all[options.length] = Linker.Option.captureCallState("errno");
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, all);
    }

    /// The number of `perf_event_open`, which the C library has no function for.
    private static long openNumber() {
        return switch (System.getProperty("os.arch", "").toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> 298;
            case "aarch64" -> 241;
            default -> -1;
        };
    }

    static long open(MemorySegment attr, int pid, int cpu, int group, long flags) {
        if (OPEN_NUMBER < 0) {
            return -Errno.ENOSYS;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long fd = (long) SYSCALL.invokeExact(state, OPEN_NUMBER, attr, pid, cpu, group, flags);
            return fd >= 0 ? fd : failure(state);
        } catch (Throwable bug) {
            throw new AssertionError("perf_event_open", bug);
        }
    }

    static long ioctl(int fd, long request, long argument) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result = (int) IOCTL.invokeExact(state, fd, request, argument);
            return result >= 0 ? result : failure(state);
        } catch (Throwable bug) {
            throw new AssertionError("ioctl", bug);
        }
    }

    static long read(int fd, MemorySegment into) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long n = (long) READ.invokeExact(state, fd, into, into.byteSize());
            return n >= 0 ? n : failure(state);
        } catch (Throwable bug) {
            throw new AssertionError("read", bug);
        }
    }

    static void close(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            int ignored = (int) CLOSE.invokeExact(arena.allocate(STATE), fd);
        } catch (Throwable bug) {
            throw new AssertionError("close", bug);
        }
    }

    /// The address of `length` shared bytes of `fd`.
    static long map(int fd, long length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long address = (long) MMAP.invokeExact(state, 0L, length, PROT_READ_WRITE, MAP_SHARED, fd, 0L);
            return address != -1 ? address : failure(state);
        } catch (Throwable bug) {
            throw new AssertionError("mmap", bug);
        }
    }

    static void unmap(MemorySegment mapped) {
        try (Arena arena = Arena.ofConfined()) {
            int ignored = (int) MUNMAP.invokeExact(arena.allocate(STATE), mapped, mapped.byteSize());
        } catch (Throwable bug) {
            throw new AssertionError("munmap", bug);
        }
    }

    private static long failure(MemorySegment state) {
        return -(long) (int) ERRNO.get(state, 0L);
    }
}

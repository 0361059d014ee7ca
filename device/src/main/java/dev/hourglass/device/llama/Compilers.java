package dev.hourglass.device.llama;

import dev.hourglass.device.ffi.posix.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/// This Java runtime's compilers. They run on threads of their own: where every core computes, they take one from
/// a thread for which the others wait.
final class Compilers {
    private static final Pattern NAME = Pattern.compile("C[12] Comp");
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(30);
    private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private Compilers() {}

    /// Waits until they have hardly worked for a moment.
    ///
    /// @param longest to wait, in nanoseconds
    static void await(long longest) throws IOException {
        long end = System.nanoTime() + longest;
        long before = worked();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(LOOK_NS);
            long now = worked();
            if (now - before < IDLE_NS) {
                return;
            }
            before = now;
        }
    }

    /// From now on they get what the cores have left over.
    static void setAside() throws IOException {
        for (int thread : threads()) {
            Posix.onlyWhenIdle(thread);
        }
    }

    private static List<Integer> threads() throws IOException {
        return ThreadIds.all().stream()
                .filter(id -> NAME.matcher(ThreadIds.name(id)).lookingAt())
                .toList();
    }

    /// Processor time that those which have not ended have had, in nanoseconds.
    private static long worked() throws IOException {
        long sum = 0;
        for (int thread : threads()) {
            sum += worked(thread);
        }
        return sum;
    }

    private static long worked(int thread) {
        try {
            return Long.parseLong(Files.readString(ThreadIds.TASKS.resolve(thread + "/schedstat"))
                    .split(" ", 2)[0]);
        } catch (IOException e) {
            // It has ended, or the kernel keeps no such statistics: then the wait is short.
            return 0;
        }
    }
}

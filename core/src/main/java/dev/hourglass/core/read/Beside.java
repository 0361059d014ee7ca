package dev.hourglass.core.read;

import org.jspecify.annotations.Nullable;

/// A task on a thread of its own, beside what its maker does meanwhile.
public final class Beside implements AutoCloseable {
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    private Beside(String name, Runnable task) {
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        });
    }

    /// @param name of the thread
    public static Beside start(String name, Runnable task) {
        Beside beside = new Beside(name, task);
        beside.thread.start();
        return beside;
    }

    /// Waits for the end of the task; throws what it failed with.
    public void join() {
        close();
        Thrown.rethrow(failure);
    }

    /// Waits for the end of the task, however it ends.
    @Override
    public void close() {
        await(thread);
    }

    /// Waits for the end of a thread; an interrupt is kept for later.
    public static void await(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.hourglass.core.store;

/// Keeps garbage from piling up while a store is written: the collector by itself would let the heap
/// grow to a quarter of the machine's memory before it looks at what lived through a young collection,
/// and most of what a store was given has by then been written and is garbage.
final class Garbage {
    private static final long ENOUGH = 240L << 20;

    private long next = ENOUGH;

    /// Collects if the heap has grown to the limit and by half since the last time.
    synchronized void check() {
        if (used() > next) {
            System.gc();
            next = Math.max(ENOUGH, used() * 3 / 2);
        }
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}

package dev.hourglass.device.ffi.llama;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/// Floats where the engine keeps them. Reading is as fast as in C: neither bounds nor alignment are checked.
///
/// @param address of the first
/// @param count how many there are
public record Floats(long address, int count) {
    @SuppressWarnings("restricted")
    private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /// The float at an index, which must be less than the count.
    public float at(int index) {
        return MEMORY.get(JAVA_FLOAT_UNALIGNED, address + (long) Float.BYTES * index);
    }

    /// The first of them.
    public Floats first(int most) {
        return new Floats(address, Math.min(count, most));
    }
}
